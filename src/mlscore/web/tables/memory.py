"""Rows at hand as the source of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mlscore.web.tables.table import Asked, Table

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class InMemory(Generic[Row]):
    """Rows at hand: searched, filtered and sorted by the values of the table's own columns."""

    table: Table[Row]
    rows: Sequence[Row]

    def count(self, asked: Asked) -> int:
        """Return how many rows there are."""
        return len(self._found(asked))

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Row]:
        """Return the rows from the position `first` on; unknown values come last in either direction."""
        value = next(column.value for column in self.table.columns if column.name == asked.sort)
        found = self._found(asked)
        known = [row for row in found if value(row) is not None]
        unknown = [row for row in found if value(row) is None]

        known.sort(key=value, reverse=asked.descending)
        return [*known, *unknown][first : first + at_most]

    def _found(self, asked: Asked) -> list[Row]:
        values = {column.name: column.value for column in self.table.columns}
        wanted = [(values[name], value) for name, value in asked.filters.items()]
        text = asked.search.casefold()
        return [
            row
            for row in self.rows
            if all(str(value(row)) == of for value, of in wanted)
            and (not text or any(text in str(value(row)).casefold() for value in values.values()))
        ]
