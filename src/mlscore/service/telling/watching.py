"""Knows how it stands with webhooks, without asking the store each time somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from mlscore.ports import Deliveries, TellingFigures
from mlscore.scoring.errors import StoreUnavailableError

COUNTED_EVERY_SECONDS = 15.0


@dataclass(slots=True, kw_only=True)
class TellingWatch:
    """Counts again once the last count is old; while the store is away that one goes on."""

    firm: str
    deliveries: Deliveries
    monotonic: Callable[[], float] = time.monotonic
    _counted: Sequence[TellingFigures] = ()
    _again_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self) -> Sequence[TellingFigures]:
        """Return the figures of each webhook, none where nothing could be counted yet. Raises nothing."""
        with self._lock:
            if self.monotonic() >= self._again_at:
                self._count()
            return self._counted

    def _count(self) -> None:
        try:
            self._counted = self.deliveries.figures(self.firm)
        except StoreUnavailableError:
            return
        self._again_at = self.monotonic() + COUNTED_EVERY_SECONDS
