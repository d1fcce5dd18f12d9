"""Counts what the service does, for Prometheus; with several workers, what all of them do."""

from __future__ import annotations

import os
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from mlscore.http.vitals.board import Board
from mlscore.http.vitals.counting import SHARED_FOLDER
from mlscore.http.vitals.workers import forget_dead_workers
from mlscore.scoring.receipt import Receipt

CONTENT_TYPE = CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_TENTHS = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def counter(name: str, said: str, labels: Sequence[str]) -> Callable[..., Counter]:
            # The figure of the same labels is looked for once: that takes longer than to count.
            return cache(Counter(name, said, labels, registry=registry).labels)

        seconds = partial(Histogram, registry=registry, buckets=_SECONDS)
        self._requests = counter("mlscore_http_requests_total", "Requests, by route and status.", ["route", "status"])
        self._answered = cache(
            seconds(
                "mlscore_http_request_duration_seconds", "Time from a request's start to its answer's end.", ["route"]
            ).labels
        )
        self._in_flight = Gauge(
            "mlscore_in_flight_requests",
            "Requests begun and not answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._refused = counter("mlscore_refused_total", "Requests refused, by what was too much.", ["reason"])
        self._scores = counter(
            "mlscore_score_requests_total",
            "Deals scored, by what the model predicts, its version, and the decision's action.",
            ["model", "version", "outcome"],
        )
        self._seconds = seconds("mlscore_score_duration_seconds", "Time to score one call's deals.")
        self._waits = seconds("mlscore_queue_wait_seconds", "Time from a request's start to the scoring of its deals.")
        self._values = cache(
            Histogram(
                "mlscore_score_value", "Probabilities given.", ["version"], buckets=_TENTHS, registry=registry
            ).labels
        )
        self._abstained = counter("mlscore_score_abstained_total", "Deals the model abstained on.", ["version"])
        self._receipts = counter("mlscore_receipts_total", "Receipts, by how they were kept.", ["logged"])
        self.board = Board(registry)

    def served(self, *, route: str, status: int, seconds: float) -> None:
        """Count a request, and how long it took."""
        self._requests(route, str(status)).inc()
        self._answered(route).observe(seconds)

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count a request as begun and not answered."""
        self._in_flight.inc()
        try:
            yield
        finally:
            self._in_flight.dec()

    def refused(self, reason: str) -> None:
        """Count a request that was refused; `reason` is one of a few plain words: rate, busy, too_slow."""
        self._refused(reason).inc()

    @contextmanager
    def scoring(self, *, since: float | None = None) -> Iterator[Callable[[], None]]:
        """Give what is to be called when the scoring of one call's deals begins, and time it from there to the end.

        `since` is when the request came, by `time.perf_counter`.
        """
        started: float | None = None

        def begins() -> None:
            nonlocal started
            started = time.perf_counter()
            if since is not None:
                self._waits.observe(started - since)

        try:
            yield begins
        finally:
            if started is not None:
                self._seconds.observe(time.perf_counter() - started)

    def scored(self, receipts: Sequence[Receipt]) -> None:
        """Count scored deals, and how their receipts were kept."""
        for (label, version, action, is_abstained, logged), count in Tally(map(_counted, receipts)).items():
            self._scores(label, version, action).inc(count)
            self._receipts(logged).inc(count)
            if is_abstained:
                self._abstained(version).inc(count)
        for receipt in receipts:
            if (model := receipt.answer.model) is not None:
                self._values(model.model_version).observe(model.probability)

    def page(self) -> bytes:
        """Return everything counted so far, by every worker, in Prometheus' text format."""
        folder = os.environ.get(SHARED_FOLDER)
        if not folder:
            return generate_latest(self._registry)
        forget_dead_workers(folder)
        together = CollectorRegistry()
        MultiProcessCollector(together, path=folder)  # type: ignore[no-untyped-call] # published without types for it
        return generate_latest(together)


def _counted(receipt: Receipt) -> tuple[str, str, str, bool, str]:
    """Return what a receipt is counted by: what was predicted, by which version, the action, abstained, logged."""
    model, action = receipt.answer.model, receipt.answer.decision.action.value
    if model is None:
        return "none", "none", action, False, receipt.logged
    return model.label, model.model_version, action, model.abstained, receipt.logged
