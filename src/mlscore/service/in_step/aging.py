"""Tells of items whose score has aged though nothing changed in the CRM: by a new policy, a new champion, a new day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlscore.ports import Clock, Crm, Current, Mirrors, Tasks

AT_ONCE = 100
"""So few that an event which comes meanwhile does not wait long behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aging:
    """Tells tasks of aged scores, a few at a time."""

    firm: str
    crm: Crm
    tasks: Tasks
    mirrors: Mirrors
    current: Callable[[], Current]
    clock: Clock
    at_once: int = AT_ONCE

    def age(self) -> int:
        """Tell of some, and return how many. Raises StoreUnavailableError."""
        stale = self.mirrors.stale(self.firm, self.crm.name, self.current(), at_most=self.at_once)
        for why, items in stale.items():
            self.tasks.tell(self.firm, self.crm.name, items, why=why, at=self.clock())
        return sum(len(items) for items in stale.values())
