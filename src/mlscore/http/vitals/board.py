"""The figures that stand for now: what is loaded, what waits, what answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge

from mlscore import __version__
from mlscore.http.vitals.counting import SHARED_FOLDER
from mlscore.http.vitals.in_step import InStepBoard
from mlscore.http.vitals.telling import TellingBoard
from mlscore.ports import Standing

Across = Literal["livesum", "livemax", "livemin"]


class Board:
    """Gauges of one application; every worker of a service sets its own, and together they are summed or the worst."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._build = self._gauge("build_info", "Workers that run this version of mlscore.", "livesum", "version")
        self._champions = _Roster(
            self._gauge("model_loaded_info", "Workers that hold this model.", "livesum", "firm", "model", "version")
        )
        self._challengers = _Roster(
            self._gauge("challenger_loaded_info", "Workers that hold this challenger.", "livesum", "firm", "version")
        )
        self._failures = Counter(
            "mlscore_model_load_failures_total", "Models refused when looked at.", ["firm", "role"], registry=registry
        )
        self._failed: dict[tuple[str, str], int] = {}
        self._ok_at = self._gauge(
            "registry_last_ok_timestamp",
            "When the shelf was last read, and the tracking server last reached by `mlscore follow`; epoch seconds.",
            "livemin",
            *("firm", "registry"),
        )
        self._database = self._gauge("database_up", "1 while the database answers, else 0.", "livemin")
        self._draining = self._gauge("draining", "Workers that take no new work.", "livesum")
        self._lag = self._gauge("event_loop_lag_seconds", "How late the event loop woke last.", "livemax")
        self._keys_age = self._gauge(
            "key_cache_age_seconds", "For how long keys have been judged by what was last known.", "livemax"
        )
        self._spooled = self._gauge("spool_receipts", "Receipts waiting for the database.", "livesum")
        self.in_step = InStepBoard(registry)
        self.telling = TellingBoard(registry)

    def show(
        self, standings: Sequence[Standing], *, away_seconds: float | None, is_draining: bool, spooled: int = 0
    ) -> None:
        """Set every gauge to how things are; `away_seconds` is None while the database answers."""
        self._build.labels(__version__).set(1)
        self._champions.show({(s.firm, s.serving.model.label, s.serving.model.version)
                              for s in standings if s.serving.model is not None})  # fmt: skip
        self._challengers.show({(s.firm, s.serving.challenger.version)
                                for s in standings if s.serving.challenger is not None})  # fmt: skip
        for standing in standings:
            self._count_failures(standing)
            for registry, at in (("shelf", standing.shelf_read_at), ("tracking", standing.followed_at)):
                if at is not None:
                    self._ok_at.labels(standing.firm, registry).set(at.timestamp())
        self._database.set(int(away_seconds is None))
        self._keys_age.set(away_seconds or 0.0)
        self._spooled.set(spooled)
        self._draining.set(int(is_draining))

    def lagged(self, seconds: float) -> None:
        """Tell how late the event loop woke."""
        self._lag.set(seconds)

    def _count_failures(self, standing: Standing) -> None:
        for role, failures in (("champion", standing.failures), ("challenger", standing.challenger_failures)):
            counted = self._failed.get((standing.firm, role), 0)
            self._failures.labels(standing.firm, role).inc(max(0, failures - counted))
            self._failed[standing.firm, role] = failures

    def _gauge(self, name: str, meaning: str, across: Across, *labels: str) -> Gauge:
        return Gauge(f"mlscore_{name}", meaning, labels, registry=self._registry, multiprocess_mode=across)


class _Roster:
    """A gauge that is 1 under the names on the roster, and gone, or 0 among workers, under those that have left."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._present: set[tuple[str, ...]] = set()

    def show(self, names: set[tuple[str, ...]]) -> None:
        for name in self._present - names:
            self._gauge.labels(*name).set(0)
            if SHARED_FOLDER not in os.environ:  # workers' files cannot be taken from
                self._gauge.remove(*name)
        for name in names:
            self._gauge.labels(*name).set(1)
        self._present = names
