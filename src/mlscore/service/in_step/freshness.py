"""Knows how fresh the scores in a CRM are, without asking the store each time somebody looks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from mlscore.ports import Champions, Clock, Current, Freshness, Mirrors
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.service.policies import CurrentPolicies

COUNTED_EVERY_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Currently:
    """Says what a fresh score of a firm is made with now."""

    firm: str
    policies: CurrentPolicies
    champions: Champions
    clock: Clock

    def __call__(self) -> Current:
        """Return the policy, the model and the moment. Raises StoreUnavailableError where no policy was ever read."""
        model = self.champions.serving(self.firm).model
        return Current(
            policy_version=self.policies.current(self.firm).fingerprint,
            model_version=None if model is None else model.version,
            at=self.clock(),
        )


@dataclass(slots=True, kw_only=True)
class FreshnessWatch:
    """Counts again once the last count is old; while the store is away that one goes on."""

    firm: str
    crm: str
    mirrors: Mirrors
    current: Callable[[], Current]
    is_connected: Callable[[], bool]
    monotonic: Callable[[], float] = time.monotonic
    _counted: Freshness | None = None
    _again_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def __call__(self) -> Mapping[str, Freshness]:
        """Return the count by CRM, nothing where none is connected or nothing could be counted yet. Raises nothing."""
        if not self.is_connected():
            return {}
        with self._lock:
            if self.monotonic() >= self._again_at:
                self._count()
            return {} if self._counted is None else {self.crm: self._counted}

    def _count(self) -> None:
        try:
            self._counted = self.mirrors.freshness(self.firm, self.crm, self.current())
        except StoreUnavailableError:
            return
        self._again_at = self.monotonic() + COUNTED_EVERY_SECONDS
