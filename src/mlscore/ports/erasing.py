"""Forgetting a deal: what every place that keeps facts must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased of a deal, or would be.

    `receipts` counts those that stay without their facts; `facts` the sets of facts, `answers` the answers kept under
    idempotency keys, `spooled` what was waiting to be stored.
    """

    receipts: int = 0
    facts: int = 0
    answers: int = 0
    spooled: int = 0

    def __add__(self, other: Erased) -> Erased:
        """Count both together."""
        return Erased(
            receipts=self.receipts + other.receipts,
            facts=self.facts + other.facts,
            answers=self.answers + other.answers,
            spooled=self.spooled + other.spooled,
        )


class KeepsFacts(Protocol):
    """A place where facts of deals lie: the store, and whatever holds them until they are there."""

    def kept_of(self, firm: str, deal_id: str) -> Erased:
        """Return what `forget` would erase."""
        ...

    def forget(self, firm: str, deal_id: str, *, at: datetime) -> Erased:
        """Erase the facts of a deal, and let none come back. Forgetting again erases what is new, if anything."""
        ...
