"""Adds the columns of side files to each row, as `prefix.column`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlscore.crm.csv_file.reading import read_table
from mlscore.crm.csv_file.terms import FileTerms, JoinTerms
from mlscore.crm.mapping import Cell, column_fault, plain
from mlscore.scoring.errors import Fault, FaultyInputError
from mlscore.scoring.policy.values import shown


@dataclass(slots=True, kw_only=True)
class Join:
    """A side file in memory. `unmatched` counts the rows whose key it has not."""

    prefix: str
    position: int
    header: tuple[str, ...]
    rows: Mapping[str, Sequence[Cell]]
    recoded: Mapping[str, str]
    unmatched: int = 0
    nothing: Sequence[Cell] = field(init=False)

    def __post_init__(self) -> None:
        self.nothing = (None,) * len(self.header)

    def cells(self, row: Sequence[Cell]) -> Sequence[Cell]:
        """Return the side file's cells for a row; all unknown where its key is empty or not found."""
        key = as_key(row[self.position])
        if not key:
            return self.nothing
        found = self.rows.get(self.recoded.get(key.casefold(), key))
        if found is None:
            self.unmatched += 1
            return self.nothing
        return found


def open_joins(
    joins: Sequence[JoinTerms],
    header: tuple[str, ...],
    *,
    file: FileTerms,
    folders: Sequence[Path],
    faults: list[Fault],
) -> tuple[tuple[Join, ...], tuple[str, ...]]:
    """Read every side file; return them with the names of all columns, theirs after the file's own."""
    opened = []
    for index, terms in enumerate(joins):
        join = _open(terms, header, key=f"join[{index}]", file=file, folders=folders, faults=faults)
        if join is not None:
            opened.append(join)
            header += join.header
    return tuple(opened), header


def _open(
    terms: JoinTerms,
    header: tuple[str, ...],
    *,
    key: str,
    file: FileTerms,
    folders: Sequence[Path],
    faults: list[Fault],
) -> Join | None:
    path = next((f / terms.file for f in folders if (f / terms.file).is_file()), None)
    if path is None:
        faults.append(Fault(f"{key}.file", "mapping.no_such_file", {"given": shown(terms.file)}))
        return None
    try:
        table = read_table(path, encoding=terms.encoding or file.encoding, delimiter=terms.delimiter or file.delimiter)
        if column_fault(terms.left, header, f"{key}.left", faults) | column_fault(
            terms.right, table.header, f"{key}.right", faults
        ):
            return None
        at = table.header.index(terms.right)
        rows: dict[str, Sequence[Cell]] = {}
        for row in table.rows:
            name = as_key(row.cells[at]) if row.wrong is None else ""
            if row.wrong is not None or name in rows:
                code = row.wrong or "mapping.duplicate_key"
                faults.append(Fault(f"{key}.right", code, {"file": path.name, "line": row.line}))
                return None
            rows[name] = row.cells
    except FaultyInputError as error:
        faults.append(Fault(f"{key}.file", error.code, error.params))
        return None
    return Join(
        prefix=terms.prefix,
        position=header.index(terms.left),
        header=tuple(f"{terms.prefix}.{name}" for name in table.header),
        rows=rows,
        recoded={plain(v.given).casefold(): str(v.means) for v in terms.levels},
    )


def as_key(cell: Cell) -> str:
    """Return a cell as the text rows are found by; a whole number is the same however the file stores it."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    # pandas writes an id that is missing among numbers as NaN
    return "" if cell is None or cell != cell else plain(str(cell))  # noqa: PLR0124 - NaN alone differs from itself
