"""What webhooks were told of, and what they are still to be told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Gauge

from mlscore.http.vitals.counting import SHARED_FOLDER
from mlscore.ports import TellingFigures

_STATES = ("waiting", "dead")
_OUTCOMES = ("delivered", "failed")


class TellingBoard:
    """Gauges by webhook; there are none where nobody is told. All workers count the same, so the largest stands."""

    def __init__(self, registry: CollectorRegistry, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._shown: set[str] = set()

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(
                f"mlscore_webhook_{name}",
                meaning,
                ["webhook", *labels],
                registry=registry,
                multiprocess_mode="livemax",
            )

        self._tries = gauge("tries", "Tries to tell a webhook since it was made, by what came of them.", "outcome")
        self._scores = gauge("scores", "Scores a webhook was not told of: waiting, or dead letters.", "state")
        self._oldest = gauge("oldest_undelivered_seconds", "How old the oldest score is that waits to be told.")

    def show(self, found: Sequence[TellingFigures]) -> None:
        """Set every gauge to how things are; a webhook that ended is shown no more."""
        for one in found:
            for outcome, count in zip(_OUTCOMES, (one.delivered, one.failed), strict=True):
                self._tries.labels(one.webhook_id, outcome).set(count)
            for state, count in zip(_STATES, (one.waiting, one.dead), strict=True):
                self._scores.labels(one.webhook_id, state).set(count)
            at = one.oldest_at
            age = 0.0 if at is None else max(0.0, (self._now() - at).total_seconds())
            self._oldest.labels(one.webhook_id).set(age)
        there = {one.webhook_id for one in found}
        for webhook_id in self._shown - there:
            self._take_away(webhook_id)
        self._shown = there

    def _take_away(self, webhook_id: str) -> None:
        gauges: list[tuple[Gauge, tuple[str, ...]]] = [(self._oldest, (webhook_id,))]
        gauges += [(self._scores, (webhook_id, state)) for state in _STATES]
        gauges += [(self._tries, (webhook_id, outcome)) for outcome in _OUTCOMES]
        for gauge, labels in gauges:
            gauge.labels(*labels).set(0)
            if SHARED_FOLDER not in os.environ:  # workers' files cannot be taken from
                gauge.remove(*labels)
