"""What people decide of single deals; it never takes the place of what rules and model answered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

With: TypeAlias = Literal["rules", "model"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The side a person took where rules and model part, and why; a later one comes beside it, never over it."""

    deal_id: str
    side: With
    why: str
    by: str
    at: datetime
    version: int = 1


class Sides(Protocol):
    """Keeps the sides people take."""

    def take(self, firm: str, side: Side, *, known: int) -> Side:
        """Keep a side as the next version, and write it down.

        `known` is the version its taker saw, 0 for none. Raises ConflictError where there is a later one.
        """
        ...

    def of_deal(self, firm: str, deal_id: str) -> Sequence[Side]:
        """Return every side taken of a deal, newest first."""
        ...

    def newest(self, firm: str, deal_ids: Collection[str] | None = None) -> Mapping[str, Side]:
        """Return the newest side of each deal, of all deals unless some are named."""
        ...
