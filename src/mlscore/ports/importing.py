"""What an import of a CRM's past has read: kept until all is read, for a deal is scored by how others had ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mlscore.scoring.deal import Deal, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PastItem:
    """A deal of a CRM as of the moment its work began, and how it ended."""

    deal: Deal
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some closed deals; `last` is the highest number among them all, by which a CRM counts them.

    `left_out` says by number why others could not be used; `as_made`, by deal_id, why a deal is as of the moment it was
    made and not of that its work began.
    """

    deals: Sequence[PastItem]
    left_out: Mapping[str, str]
    last: int
    as_made: Mapping[str, str] = field(default_factory=dict)
    duplicates: int = 0

    @property
    def read(self) -> int:
        """How many there were."""
        return len(self.deals) + len(self.left_out)

    @property
    def rejected(self) -> int:
        """How many could not be used."""
        return len(self.left_out)


class Pages(Protocol):
    """Keeps the pages of an import by its name until it is whole; who is interrupted need not read them again."""

    def keep(self, firm: str, name: str, page: Page) -> None:
        """Keep a page; it is on the disk when this returns."""
        ...

    def of(self, firm: str, name: str) -> Iterator[Page]:
        """Yield the pages of an import in the order of their numbers."""
        ...

    def drop(self, firm: str) -> None:
        """Let go of every page of the firm."""
        ...
