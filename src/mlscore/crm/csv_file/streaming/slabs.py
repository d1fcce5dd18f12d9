"""Cuts a file into slabs: some rows, column by column as the file holds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.crm.csv_file.reading import Row, Table, batches_of, is_parquet, open_parquet, read_table, values_of
from mlscore.crm.csv_file.rejects import Reject, unread
from mlscore.crm.csv_file.terms import FileTerms
from mlscore.crm.mapping import Cell, plain

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

Column = Any
"""A pyarrow array, or a sequence of cells."""


@dataclass(frozen=True)
class Slab:
    """Rows of a file as columns; `lines` are theirs, `unread` the rows that are none."""

    columns: Sequence[Column]
    lines: Sequence[int]
    unread: Sequence[Reject] = ()

    @cached_property
    def rows(self) -> Sequence[Sequence[Cell]]:
        """The cells row by row."""
        return list(zip(*(cells_of(column) for column in self.columns), strict=True))


@dataclass(frozen=True)
class Slabs:
    """A file as its column names and an iterator of its slabs; `rows` is how many rows there are, where it says so."""

    header: tuple[str, ...]
    slabs: Iterator[Slab]
    rows: int | None = None


def read_slabs(file: Path, terms: FileTerms, *, rows: int) -> Slabs:
    """Open a CSV or Parquet file. Raises FaultyInputError where it cannot be read at all."""
    if is_parquet(file):
        opened = open_parquet(file)
        header = tuple(plain(name) for name in opened.schema_arrow.names)
        return Slabs(header, _parquet(file, opened, rows), opened.metadata.num_rows)
    table = read_table(file, encoding=terms.encoding, delimiter=terms.delimiter)
    return Slabs(table.header, _csv(table, rows))


def cells_of(column: Column) -> Sequence[Cell]:
    """Return the cells of a column, as Python has them."""
    return column if isinstance(column, Sequence) else values_of(column)


def _parquet(file: Path, opened: ParquetFile, rows: int) -> Iterator[Slab]:
    line = 1
    for batch in batches_of(file, opened, rows=rows):
        yield Slab(batch.columns, range(line, line + batch.num_rows))
        line += batch.num_rows


def _csv(table: Table, rows: int) -> Iterator[Slab]:
    while some := list(islice(table.rows, rows)):
        yield _of_rows(some, len(table.header))


def _of_rows(rows: Sequence[Row], width: int) -> Slab:
    good = [row for row in rows if row.wrong is None]
    columns = list(zip(*(row.cells for row in good), strict=True)) if good else [()] * width
    return Slab(columns, [row.line for row in good], [unread(row) for row in rows if row.wrong])
