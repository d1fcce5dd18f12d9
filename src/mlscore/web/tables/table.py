"""A table: its columns and filters, what an address asks of it, and where its rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode

from mlscore.web.tables.column import Column, Filter

Row = TypeVar("Row")
Read_co = TypeVar("Read_co", covariant=True)
ROWS_A_PAGE = 50
SEARCH_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a table: only columns and filters it has, whatever the address says."""

    sort: str
    descending: bool
    page: int = 1
    search: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol[Read_co]):
    """Where rows come from; sorts, filters and counts by itself."""

    def count(self, asked: Asked) -> int:
        """Return how many rows there are."""
        ...

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Read_co]:
        """Return the rows from the position `first` on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Row]):
    """A table: its caption, what search looks at, and what is said of no rows, as codes.

    `prefix` tells the tables of one page apart in the address; `kept` is what else of the address its links and its
    form carry along. In the table's own order, `line` draws a line below so many rows and says what it stands for.
    """

    caption: str
    columns: Sequence[Column[Row]]
    sort: str
    descending: bool = True
    filters: Sequence[Filter] = ()
    search: str | None = None
    none_found: str = "web.table.none"
    prefix: str = ""
    rows_a_page: int = ROWS_A_PAGE
    kept: Mapping[str, str] = field(default_factory=dict)
    line: tuple[int, str] | None = None

    @property
    def shown(self) -> Sequence[Column[Row]]:
        """The columns of the page; its file has them all."""
        return [column for column in self.columns if not column.is_in_file_only]

    @property
    def cleared(self) -> str:
        """The question that asks for every row."""
        return "?" + urlencode(self.kept)

    def is_in_own_order(self, asked: Asked) -> bool:
        """Tell whether rows stand as they do where nothing is asked."""
        return (asked.sort, asked.descending) == (self.sort, self.descending)

    def asked(self, given: Mapping[str, str]) -> Asked:
        """Read what an address asks for."""
        p = self.prefix
        sort = given.get(f"{p}sort", "")
        name = sort.removeprefix("-")
        if name not in {column.name for column in self.columns if column.sorts}:
            sort = f"-{self.sort}" if self.descending else self.sort
        page = given.get(f"{p}page", "1")
        return Asked(
            sort=sort.removeprefix("-"),
            descending=sort.startswith("-"),
            page=max(1, int(page)) if page.isdecimal() and len(page) < len("1000000") else 1,
            search=given.get(f"{p}q", "").strip()[:SEARCH_LENGTH] if self.search else "",
            filters={
                one.name: given[p + one.name]
                for one in self.filters
                if given.get(p + one.name) in {choice.value for choice in one.choices}
            },
        )

    def address(self, asked: Asked, **changed: object) -> str:
        """Return the question that asks this, with some of it changed."""
        sort = str(changed.get("sort", f"-{asked.sort}" if asked.descending else asked.sort))
        page = changed.get("page", 1)
        given = {"q": asked.search, **asked.filters, "sort": sort, "page": "" if page == 1 else page}
        given |= {name: value for name, value in changed.items() if name not in {"sort", "page"}}
        own = {self.prefix + name: value for name, value in given.items() if value}
        return "?" + urlencode({**self.kept, **own})
