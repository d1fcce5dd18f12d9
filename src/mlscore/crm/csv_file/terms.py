"""The terms of an import mapping: how a file is written, what names its rows, and what is joined to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mlscore.crm.mapping import Level, RowTerms, StyleTerms
from mlscore.scoring.policy.terms import term

TAB = "tab"
"""How a mapping names the delimiter nobody can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTerms(StyleTerms):
    """How the file is written."""

    encoding: str = term("utf-8", not_empty=True)
    delimiter: str = term(",", not_empty=True)

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
class MappingTerms(RowTerms):
    """A whole mapping of a file."""

    id: IdTerms
    file: FileTerms = field(default_factory=FileTerms)
    joins: tuple[JoinTerms, ...] = ()
