"""Traces requests with OpenTelemetry, where the extra `otel` is installed and OTEL_* says where traces go."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

DESTINATIONS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_UNTRACED = "/health/,/metrics"
_ADDRESSES = ("http.target", "http.url", "url.path", "url.full", "url.query")
_NAMED = re.compile(r"^((?:/v1/scores|(?:/v1)?/deals)/)[^/]+")
_logger = structlog.get_logger()


def trace(app: FastAPI, *, environment: Mapping[str, str] = os.environ) -> Callable[[], None] | None:
    """Trace an application's requests; return what sends the last of them and stops, None where nobody asked.

    Probes and scrapes are not traced, and no span names a deal or a receipt.
    """
    is_off = environment.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if is_off or not any(environment.get(name) for name in DESTINATIONS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above
    except ImportError:
        _logger.warning("no traces: OTEL_* names a place for them, but the extra mlscore[otel] is not installed")
        return None
    name = environment.get("OTEL_SERVICE_NAME", "mlscore")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace_by(app, provider)
    return provider.shutdown


def trace_by(app: FastAPI, provider: TracerProvider) -> None:
    """Trace an application's requests by this provider."""
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor  # noqa: PLC0415 - an extra
    from opentelemetry.metrics import NoOpMeterProvider  # noqa: PLC0415 - as above

    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        meter_provider=NoOpMeterProvider(),  # figures go to /metrics
        excluded_urls=_UNTRACED,
        exclude_spans=["receive", "send"],
        server_request_hook=_name_nobody,
    )


def _name_nobody(span: Span, scope: dict[str, Any]) -> None:
    """Write over every address that may name a deal; the route's pattern is the span's name."""
    path = _NAMED.sub(r"\1…", scope["path"])
    for name in _ADDRESSES:
        span.set_attribute(name, "" if name == "url.query" else path)
