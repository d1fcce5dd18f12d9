"""Traces requests with OpenTelemetry, where the extra `otel` is installed and OTEL_* says where traces go."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import structlog
from fastapi import FastAPI

DESTINATIONS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_logger = structlog.get_logger()


def trace(app: FastAPI, *, environment: Mapping[str, str] = os.environ) -> Callable[[], None] | None:
    """Trace an application's requests; return what sends the last of them and stops, None where nobody asked.

    Probes and scrapes are not traced, and no span names a deal or a receipt.
    """
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if is_off or not any(environment.get(name) for name in DESTINATIONS):
        return None
    try:
        from mlscore.http.vitals import spans  # noqa: PLC0415 - it takes the extra
    except ImportError:
        _logger.warning("no traces: OTEL_* names a place for them, but the extra mlscore[otel] is not installed")
        return None
    provider = spans.sent_for(environment.get("OTEL_SERVICE_NAME", "mlscore"))
    spans.trace_by(app, provider)
    return provider.shutdown
