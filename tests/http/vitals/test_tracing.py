"""Requests are traced where somebody asked for it, one span each, and no span names a deal."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from mlscore.http.vitals.tracing import trace

pytest.importorskip("opentelemetry.instrumentation.fastapi", reason="the extra otel is not installed")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mlscore.http.vitals.spans import trace_by

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()

    @made.get("/v1/deals/{deal_id}/scores")
    def read(deal_id: str) -> str:
        return deal_id

    @made.get("/health/ready")
    def ready() -> str:
        return "ready"

    return made


@pytest.fixture
def spans() -> Iterator[tuple[TracerProvider, InMemorySpanExporter]]:
    provider, kept = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    yield provider, kept
    provider.shutdown()


def texts_of(span: ReadableSpan) -> str:
    return f"{span.name} {dict(span.attributes or {})} {span.resource.attributes}"


def test_a_request_is_one_span_named_by_its_route(app: FastAPI, spans) -> None:
    provider, kept = spans
    trace_by(app, provider)
    assert TestClient(app).get("/v1/deals/D-secret/scores?x=D-secret").json() == "D-secret"
    [span] = kept.get_finished_spans()
    assert span.name == "GET /v1/deals/{deal_id}/scores"
    assert "D-secret" not in texts_of(span)


def test_probes_are_not_traced(app: FastAPI, spans) -> None:
    provider, kept = spans
    trace_by(app, provider)
    TestClient(app).get("/health/ready")
    assert kept.get_finished_spans() == ()


@pytest.mark.parametrize("environment", [{}, {**ENDPOINT, "OTEL_SDK_DISABLED": "true"}])
def test_nothing_is_traced_unless_asked_for(app: FastAPI, environment: dict[str, str]) -> None:
    assert trace(app, environment=environment) is None
    assert not hasattr(app, "_is_instrumented_by_opentelemetry")


def test_where_traces_have_a_place_to_go_the_application_is_traced(app: FastAPI) -> None:
    stop = trace(app, environment=ENDPOINT)
    assert stop is not None
    assert app._is_instrumented_by_opentelemetry  # noqa: SLF001 - the instrumentation's own mark
    stop()
