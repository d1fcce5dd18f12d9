"""What a table is made of: columns, the cells they write, and filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from mlscore.web.words import Words

Row = TypeVar("Row")
Tone = Literal["", "rules", "model", "good", "bad", "open", "quiet"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: a text, where it leads to, what is said beside it, and how it looks."""

    text: str
    href: str | None = None
    beside: str = ""
    tone: Tone = ""
    is_badge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[Row]):
    """One column: `show` writes it for people, `value` gives it as files and sorting take it."""

    name: str
    heading: str
    show: Callable[[Row, Words], Cell | str]
    value: Callable[[Row], Any]
    is_number: bool = False
    sorts: bool = True
    is_moment: bool = False
    is_money: bool = False
    """Whether `value` is in minor units."""

    is_in_file_only: bool = False
    """Whether it stands in the file alone: what pages say beside another value, or by a line between rows."""


def money(name: str, heading: str, value: Callable[[Row], float | None]) -> Column[Row]:
    """Return a column of sums in minor units, written in whole units."""
    return Column(
        name=name,
        heading=heading,
        show=lambda row, words: words.about(value(row)),
        value=value,
        is_number=True,
        is_money=True,
    )


def count(name: str, heading: str, value: Callable[[Row], float | None]) -> Column[Row]:
    """Return a column of plain numbers."""
    return Column(
        name=name, heading=heading, show=lambda row, words: words.number(value(row)), value=value, is_number=True
    )


def share(name: str, heading: str, value: Callable[[Row], float | None]) -> Column[Row]:
    """Return a column of shares 0-1, written as per cent."""
    return Column(
        name=name, heading=heading, show=lambda row, words: words.share(value(row)), value=value, is_number=True
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a filter may have, and what it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps the rows that have one value; `heading` is a code."""

    name: str
    heading: str
    choices: Sequence[Choice]
    is_offered: bool = True
    """Whether it stands in the form though nothing was chosen; links from other pages may choose it all the same."""
