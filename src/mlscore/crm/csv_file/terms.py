"""The terms of an import mapping: what each column of a file means, with its bounds and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mlscore.scoring.policy.terms import term

Constant = str | bool | int | float | date
TAB = "tab"
"""How a mapping names the delimiter nobody can see."""

Otherwise = Literal["reject", "unknown", "keep", "yes", "no"]
Unit = Literal["percent", "thousand", "million", "billion", "minor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTerms:
    """How the file is written. `time_of_day` is what a date alone means where a moment is wanted."""

    encoding: str = term("utf-8", not_empty=True)
    delimiter: str = term(",", not_empty=True)
    decimal: Literal[".", ","] = "."
    thousands: str = ""
    date_formats: tuple[str, ...] = ("iso",)
    timezone: str | None = term(None, not_empty=True)
    time_of_day: str | None = term(None, not_empty=True)
    unknown: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What stands between two cells."""
        return "\t" if self.delimiter == TAB else self.delimiter


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTerms:
    """What names a deal: a column, or a hash of columns with an ordinal among rows of the same hash."""

    column: str | None = term(None, not_empty=True)
    hash: Literal["all"] | tuple[str, ...] | None = None
    prefix: str = ""
    duplicates: Literal["keep", "drop"] = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One word of the file and what it means."""

    given: str
    means: str | bool | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one fact comes from, and how its cells are read. `plus_days` moves a date."""

    column: str | None = term(None, not_empty=True)
    constant: Constant | None = None
    unit: Unit | None = None
    scale: float | None = term(None, above=0)
    round: bool = False
    levels: tuple[Level, ...] = ()
    otherwise: Otherwise | None = None
    unknown: tuple[str, ...] = ()
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    date_formats: tuple[str, ...] = ()
    time_of_day: str | None = term(None, not_empty=True)
    plus_days: int = term(0, at_least=-36_500, at_most=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinTerms:
    """A side file: its columns become `prefix.column` of the rows whose `left` equals its `right`."""

    file: str = term(not_empty=True)
    left: str = term(not_empty=True)
    right: str = term(not_empty=True)
    prefix: str = term(not_empty=True)
    encoding: str | None = term(None, not_empty=True)
    delimiter: str | None = term(None, not_empty=True)
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusTerms:
    """Which words of which column mean won, lost and still open."""

    column: str | None = term(None, not_empty=True)
    constant: Literal["won", "lost"] | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    empty: Literal["open", "reject"] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeTerms:
    """How a deal ended, in which columns."""

    status: StatusTerms
    realised_profit: Source | None = None
    closed_at: Source | None = None
    known_at: Source | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingTerms:
    """A whole mapping. Without `outcome` every row is a deal still open."""

    id: IdTerms
    file: FileTerms = field(default_factory=FileTerms)
    facts: Mapping[str, Source] = field(default_factory=dict)
    extra: Mapping[str, Source] = field(default_factory=dict)
    joins: tuple[JoinTerms, ...] = ()
    outcome: OutcomeTerms | None = None
