"""Counts what the service does, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from mlscore.ports import Serving
from mlscore.scoring.receipt import Receipt

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_TENTHS = tuple(tenth / 10 for tenth in range(1, 11))


class Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "mlscore_http_requests_total", "Requests, by route and status.", ["route", "status"], registry=registry
        )
        self._scores = Counter(
            "mlscore_score_requests_total",
            "Deals scored, by what the model predicts, its version, and the decision's action.",
            ["model", "version", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "mlscore_score_duration_seconds", "Time to score one call's deals.", buckets=_SECONDS, registry=registry
        )
        self._values = Histogram(
            "mlscore_score_value", "Probabilities given.", ["version"], buckets=_TENTHS, registry=registry
        )
        self._loaded = Gauge(
            "mlscore_model_loaded_info", "1 for the model in memory.", ["model", "version"], registry=registry
        )

    def served(self, *, route: str, status: int) -> None:
        """Count a request."""
        self._requests.labels(route=route, status=str(status)).inc()

    @contextmanager
    def scoring(self) -> Iterator[None]:
        """Time the scoring of one call's deals."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._seconds.observe(time.perf_counter() - started)

    def scored(self, receipts: Sequence[Receipt]) -> None:
        """Count scored deals."""
        for receipt in receipts:
            model, action = receipt.answer.model, receipt.answer.decision.action
            label, version = (model.label, model.model_version) if model else ("none", "none")
            self._scores.labels(model=label, version=version, outcome=action.value).inc()
            if model is not None:
                self._values.labels(version=version).observe(model.probability)

    def page(self, serving: Serving) -> bytes:
        """Return everything counted so far in Prometheus' text format."""
        self._loaded.clear()
        if serving.model is not None:
            self._loaded.labels(model=serving.model.label, version=serving.model.version).set(1)
        return generate_latest(self._registry)
