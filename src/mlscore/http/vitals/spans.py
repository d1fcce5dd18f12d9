"""What OpenTelemetry is told of requests; loaded only where traces were asked for, as it takes the extra `otel`."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span

_UNTRACED = "/health/,/metrics"
_ADDRESSES = ("http.target", "http.url", "url.path", "url.full", "url.query")
_NAMED = re.compile(r"^((?:/v1/scores|(?:/v1)?/deals)/)[^/]+")


def sent_for(service: str) -> TracerProvider:
    """Return what sends a service's traces to where OTEL_* says."""
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def trace_by(app: FastAPI, provider: TracerProvider) -> None:
    """Trace an application's requests by this provider."""
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
