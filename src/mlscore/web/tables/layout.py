"""Lays a table out: its cells, and the links that ask for something else of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from mlscore.web.tables.column import Cell, Column
from mlscore.web.tables.export import as_csv
from mlscore.web.tables.table import Asked, Source, Table
from mlscore.web.visit import Visit
from mlscore.web.words import Words

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class LaidOut(Generic[Row]):
    """A table as its template takes it."""

    table: Table[Row]
    asked: Asked
    rows: Sequence[Row]
    total: int
    words: Words

    @property
    def headings(self) -> list[dict[str, object]]:
        """Each column's name, the link that sorts by it, and how it is sorted now."""
        return [self._heading(column) for column in self.table.shown]

    @property
    def cells(self) -> list[list[Cell]]:
        """Every row's cells."""
        return [[self._cell(column, row) for column in self.table.shown] for row in self.rows]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // self.table.rows_a_page))

    @property
    def first(self) -> int:
        """The position of the first row here, from 1."""
        return (self.asked.page - 1) * self.table.rows_a_page + 1

    @property
    def last(self) -> int:
        """The position of the last row here."""
        return self.first + len(self.rows) - 1

    @property
    def line(self) -> tuple[int, str] | None:
        """After which row here a line is drawn, and what it says; None where it would be elsewhere, or mean nothing."""
        if self.table.line is None or not self.table.is_in_own_order(self.asked):
            return None
        place, says = self.table.line
        here = place - self.first + 1
        return (here, says) if 0 < here < len(self.rows) or (here == len(self.rows) and place < self.total) else None

    @property
    def is_narrowed(self) -> bool:
        """Whether rows are left out."""
        return bool(self.asked.search or self.asked.filters)

    @property
    def hidden(self) -> dict[str, str]:
        """What the form of the filters carries along unseen."""
        sort = f"-{self.asked.sort}" if self.asked.descending else self.asked.sort
        return {**self.table.kept, f"{self.table.prefix}sort": sort}

    def to_page(self, page: int) -> str:
        """Return the link to another page."""
        return self.table.address(self.asked, page=page)

    def to_csv(self) -> str:
        """Return the link to all rows as a file."""
        return self.table.address(self.asked, format="csv")

    def _heading(self, column: Column[Row]) -> dict[str, object]:
        is_sorted = column.name == self.asked.sort
        down = is_sorted and self.asked.descending
        # Numbers are asked for largest first, names from the start.
        first = f"-{column.name}" if column.is_number else column.name
        again = column.name if down else f"-{column.name}"
        return {
            "text": self.words.say(column.heading),
            "is_number": column.is_number,
            "looks": "number" if column.is_number else "moment" if column.is_moment else "",
            "sorted": ("descending" if down else "ascending") if is_sorted else None,
            "href": self.table.address(self.asked, sort=again if is_sorted else first) if column.sorts else None,
        }

    def _cell(self, column: Column[Row], row: Row) -> Cell:
        shown = column.show(row, self.words)
        return Cell(shown) if isinstance(shown, str) else shown


def answer_with(
    visit: Visit,
    template: str,
    table: Table[Row],
    source: Source[Row],
    **context: Any,  # noqa: ANN401 - whatever its template reads, of any type
) -> Response:
    """Answer with a page around a table, or with the table alone as a file where that is asked for."""
    asked = table.asked(visit.asked)
    is_asked = visit.request.method != "POST"  # what came of a form is said on the page
    if is_asked and visit.asked.get(f"{table.prefix}format") == "csv":
        return as_csv(visit, table, source, asked)
    return visit.page(template, laid=lay_out(visit, table, source), **context)


def lay_out(visit: Visit, table: Table[Row], source: Source[Row]) -> LaidOut[Row]:
    """Return a table as templates take it; a page beyond the last is the last."""
    asked = table.asked(visit.asked)
    total = source.count(asked)
    last = max(1, -(-total // table.rows_a_page))
    if asked.page > last:
        asked = replace(asked, page=last)
    first = (asked.page - 1) * table.rows_a_page
    rows = source.read(asked, first=first, at_most=table.rows_a_page) if total else []
    return LaidOut(table, asked, rows, total, visit.words)
