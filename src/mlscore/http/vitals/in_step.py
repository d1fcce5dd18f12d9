"""How fresh the scores in a CRM are, and what waits to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import get_args

from prometheus_client import CollectorRegistry, Gauge

from mlscore.ports import Freshness, Why


class InStepBoard:
    """Gauges by CRM; there are none where no CRM is connected. All workers count the same, so the largest stands."""

    def __init__(self, registry: CollectorRegistry, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(
                f"mlscore_in_step_{name}", meaning, ["crm", *labels], registry=registry, multiprocess_mode="livemax"
            )

        self._items = gauge("items", "Open items of a CRM, and those whose score is older than what made it.", "state")
        self._stale = gauge("stale_items", "Open items whose score is older than something, by what.", "why")
        self._tasks = gauge("tasks", "Items to be looked at: waiting, or set aside for a person.", "state")
        self._oldest = gauge("oldest_task_seconds", "For how long the longest waiting item has waited.")

    def show(self, by_crm: Mapping[str, Freshness]) -> None:
        """Set every gauge to how things are."""
        for crm, found in by_crm.items():
            for state, count in (("open", found.open), ("stale", found.stale)):
                self._items.labels(crm, state).set(count)
            for why in get_args(Why):
                self._stale.labels(crm, why).set(found.by_why.get(why, 0))
            for state, count in (("waiting", found.waiting), ("set_aside", found.set_aside)):
                self._tasks.labels(crm, state).set(count)
            at = found.oldest_task_at
            self._oldest.labels(crm).set(0.0 if at is None else max(0.0, (self._now() - at).total_seconds()))
