"""The terms of a mapping: what each column means, with its bounds and defaults, and how a deal's end is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from mlscore.scoring.policy.terms import term

Constant = str | bool | int | float | date
Otherwise = Literal["reject", "unknown", "keep", "yes", "no"]
Unit = Literal["percent", "thousand", "million", "billion", "minor"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleTerms:
    """How values are written. `time_of_day` is what a date alone means where a moment is wanted."""

    decimal: Literal[".", ","] = "."
    thousands: str = ""
    date_formats: tuple[str, ...] = ("iso",)
    timezone: str | None = term(None, not_empty=True)
    time_of_day: str | None = term(None, not_empty=True)
    unknown: tuple[str, ...] = ()


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
class RowTerms:
    """What one row says of a deal. Without `outcome` every row is a deal still open."""

    facts: Mapping[str, Source] = field(default_factory=dict)
    extra: Mapping[str, Source] = field(default_factory=dict)
    outcome: OutcomeTerms | None = None
