"""Writes the rows of a file that are set aside, as they were, with line, column and reason."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mlscore.crm.csv_file.identity import REJECT_COLUMNS
from mlscore.crm.csv_file.reading import Row
from mlscore.crm.mapping import Cell, WrongCell

_ROW_FAULTS: Mapping[str, str] = {
    "import.bad_quoting": "The quotes of this line do not match: double those inside a quoted cell.",
    "import.cell_count": "The line has more or fewer cells than the header.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A row set aside: its line, its raw cells and everything that is wrong with it."""

    line: int
    cells: Sequence[Cell]
    wrong: tuple[WrongCell, ...]


def unread(row: Row) -> Reject:
    """Set aside a row that is no row of the file at all: `wrong` says why."""
    code = row.wrong or ""
    return Reject(line=row.line, cells=row.cells, wrong=(WrongCell(column="", code=code, message=_ROW_FAULTS[code]),))


def reject_file(file: Path) -> Path:
    """Return where the rejects of a file are written: beside it, as `FILE.rejected.csv`."""
    return file.with_name(f"{file.name}.rejected.csv")


class Rejects:
    """A file of rejects, begun with the first: what an earlier run left there is gone as soon as this one begins.

    It has the delimiter of the file and a byte order mark, so that the mended rows import by the same mapping.
    """

    def __init__(self, target: Path, header: Sequence[str], delimiter: str) -> None:
        self.count = 0
        self._target, self._header, self._delimiter = target, header, delimiter
        self._kept = [i for i, name in enumerate(header) if name not in REJECT_COLUMNS]
        self._writer: Any = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._target.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def take(self, reject: Reject) -> None:
        """Write one row."""
        self.count += 1
        if self._writer is None:
            stream = self._target.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace")
            self._writer = csv.writer(self._open.enter_context(stream), delimiter=self._delimiter)
            self._writer.writerow([*(self._header[i] for i in self._kept), *REJECT_COLUMNS])
        cells = _squared(reject.cells, len(self._header), self._delimiter)
        columns = ", ".join(dict.fromkeys(w.column for w in reject.wrong if w.column))
        reasons = " ".join(f"[{w.code}] {w.message}" for w in reject.wrong)
        self._writer.writerow([*(cells[i] for i in self._kept), reject.line, columns, reasons])


def _squared(cells: Sequence[Cell], width: int, delimiter: str) -> list[str]:
    """Return exactly `width` cells: short rows padded, what is too much kept together in the last one."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    if len(texts) > width:
        return [*texts[: width - 1], delimiter.join(texts[width - 1 :])]
    return texts + [""] * (width - len(texts))
