"""Forgets a deal everywhere its facts lie, the sandbox included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add

from mlscore.ports import Erased, KeepsFacts, sides_of


@dataclass(frozen=True, slots=True)
class ForgettingService:
    """Asks every place in turn; a place named later holds facts only until they are in one named before."""

    places: Sequence[KeepsFacts]

    def kept_of(self, firm: str, deal_id: str) -> Erased:
        """Return what `forget` would erase. Raises StoreUnavailableError."""
        return reduce(add, (place.kept_of(side, deal_id) for side in sides_of(firm) for place in self.places))

    def forget(self, firm: str, deal_id: str, *, at: datetime) -> Erased:
        """Erase the deal's facts, and let none come back. Raises StoreUnavailableError; doing it again does no harm."""
        return reduce(add, (place.forget(side, deal_id, at=at) for side in sides_of(firm) for place in self.places))
