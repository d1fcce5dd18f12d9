"""Reads a Parquet file straight into columns, a batch at a time: no row becomes a deal of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.crm.csv_file.columns import Read
from mlscore.crm.csv_file.history import CsvHistory, Reject
from mlscore.crm.csv_file.identity import checked_id
from mlscore.crm.csv_file.joins import as_key
from mlscore.crm.csv_file.reading import open_parquet, single
from mlscore.crm.csv_file.rows import Rows, WrongCell, wrong_cell
from mlscore.crm.csv_file.style import style_of
from mlscore.crm.csv_file.terms import MappingTerms
from mlscore.scoring.deal import AHEAD_AT_MOST, FACTS, MINOR_UNITS, Deals, Floats, Kind, Texts, as_number
from mlscore.scoring.errors import FactError, Fault, MappingError
from mlscore.scoring.policy import Policy

BATCH_ROWS = 8_192
_LARGEST_EXACT = 1e13
"""Below it a number with two decimals is told from its neighbours; whatever is larger is read one by one."""

_SINGLE = frozenset(("string", "large_string", "bool", "double", "float", "int64", "int32", "int16", "int8"))
"""Types whose values are one thing each, and need no closer look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some deals of a file as columns, and the rows set aside; `read` counts both."""

    deals: Deals
    rejects: Sequence[Reject]
    read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """A file that is read in batches, and its columns; deals are not looked at twice, so repeated ones are kept."""

    header: tuple[str, ...]
    rows: int
    batches: Iterator[Batch]

    def rejected(self, rejects: Sequence[Reject]) -> CsvHistory:
        """Return what was set aside as `write_rejects` takes it."""
        return CsvHistory(
            deals=(),
            rejects=tuple(rejects),
            read=self.rows,
            duplicates=0,
            unmatched={},
            header=self.header,
            delimiter=",",
        )


def read_batches(file: Path, *, terms: MappingTerms, policy: Policy, now: datetime) -> BatchFile:
    """Open a Parquet file whose deals are named by a column, with no joins and no outcomes.

    Raises MappingError with every fault of the mapping, FaultyInputError where the file cannot be read.
    """
    opened, header = open_parquet(file)
    faults: list[Fault] = []
    style = style_of(terms.file, timezone=policy.timezone, faults=faults)
    rows = Rows(terms, header, policy=policy, style=style, faults=faults)
    if faults:
        raise MappingError(faults)
    reader = _Reader(rows, header, header.index(terms.id.column or ""), now)
    size = opened.metadata.num_rows
    return BatchFile(header=header, rows=size, batches=_batches(opened, reader))


def _batches(opened: Any, reader: _Reader) -> Iterator[Batch]:  # noqa: ANN401 - pyarrow is published without types
    before = 0
    for batch in opened.iter_batches(batch_size=BATCH_ROWS):
        yield reader.read(batch, before)
        before += batch.num_rows


@dataclass(slots=True)
class _Reader:
    """Reads numbers by the column and all else cell by cell, as rows are read; what is doubtful is read as a row."""

    rows: Rows
    header: tuple[str, ...]
    id_at: int
    now: datetime

    def read(self, batch: Any, before: int) -> Batch:  # noqa: ANN401 - see above
        """Read one batch, of which `before` rows came before."""
        size = batch.num_rows
        wrong: dict[int, list[WrongCell]] = {}
        columns: dict[str, Floats | Texts] = {}
        for name, value in self.rows.constants.items():
            is_text = isinstance(value, str)
            columns[name] = np.full(size, value if is_text else as_number(value), dtype=object if is_text else float)
        for name, position, read in self.rows.cells:
            cells = batch.column(position)
            kind = FACTS[name].kind if name in FACTS else None
            known = _numbers(cells, kind, name in self.rows.quantities)
            columns[name] = self._each(cells, position, read, wrong) if known is None else known
        columns["deal_id"] = self._each(batch.column(self.id_at), self.id_at, _read_id, wrong)
        self._check_moments(columns, wrong)
        kept = np.array([row for row in range(size) if row not in wrong], dtype=np.intp)
        rejects = [
            Reject(line=before + row + 1, cells=self._cells(batch, row), wrong=tuple(found))
            for row, found in sorted(wrong.items())
        ]
        deals = Deals.of_columns(columns, size=size)
        return Batch(deals=deals if len(kept) == size else deals.select(kept), rejects=rejects, read=size)

    def _each(self, cells: Any, position: int, read: Read, wrong: dict[int, list[WrongCell]]) -> Floats | Texts:  # noqa: ANN401
        raw = cells.to_pylist()
        if str(cells.type) not in _SINGLE and not str(cells.type).startswith(("timestamp", "date")):
            raw = [single(cell) for cell in raw]
        try:
            return _as_column(list(map(read, raw)))
        except FactError:
            pass  # Which cell it was is found by reading one by one.
        values: list[Any] = []
        for row, cell in enumerate(raw):
            try:
                values.append(read(cell))
            except FactError as error:
                values.append(None)
                wrong.setdefault(row, []).append(wrong_cell(self.header[position], error))
        return _as_column(values)

    def _check_moments(self, columns: Mapping[str, Floats | Texts], wrong: dict[int, list[WrongCell]]) -> None:
        if (moments := columns.get("as_of")) is not None:
            late: NDArray[np.bool_] = moments > (self.now + AHEAD_AT_MOST).timestamp()
            for row in np.flatnonzero(late).tolist():
                wrong.setdefault(row, []).append(self.rows.in_future())

    def _cells(self, batch: Any, row: int) -> list[Any]:  # noqa: ANN401 - see above
        return [single(column[row].as_py()) for column in batch.columns]


def _as_column(values: list[Any]) -> Floats | Texts:
    """Return what was read as a column: of texts where there is one, else of numbers."""
    kinds = set(map(type, values))
    if str in kinds:
        texts = np.empty(len(values), dtype=object)
        texts[:] = values
        return texts
    if kinds <= {bool, int, float, type(None)}:
        return np.array(values, dtype=np.float64)  # None becomes NaN
    return np.array([as_number(value) for value in values], dtype=np.float64)


def _numbers(cells: Any, kind: Kind | None, is_quantity: bool) -> Floats | None:  # noqa: ANN401 - see above
    """Return a whole column of numbers, or None where a cell of it wants a closer look."""
    if kind not in {Kind.NUMBER, Kind.MONEY} or str(cells.type) not in {"double", "int64", "int32", "int16", "int8"}:
        return None
    values: Floats = cells.to_numpy(zero_copy_only=False).astype(np.float64)
    known = values[~np.isnan(values)]
    if np.any(np.abs(known) >= _LARGEST_EXACT) or (is_quantity and np.any(known < 0)):
        return None
    if kind is Kind.NUMBER:
        return values
    minor = np.rint(values * MINOR_UNITS)
    # The nearest double to so many hundredths, or the cell has more than two decimals.
    return None if np.any(np.rint(known * MINOR_UNITS) / MINOR_UNITS != known) else minor


def _read_id(cell: Any) -> str:  # noqa: ANN401 - whatever the file holds
    return checked_id(as_key(cell))
