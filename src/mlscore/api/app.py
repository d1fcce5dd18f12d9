"""Makes the HTTP application: rooms around the routes, from the outside in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.types import ASGIApp

from mlscore import __version__
from mlscore.api import health, inference, outcomes, reports, scores
from mlscore.api.access import MetricsFor, declared
from mlscore.api.in_step import bitrix24, events, feed
from mlscore.api.in_step.inbox import Inbox
from mlscore.api.openapi import describe, serve_in_openapi_30
from mlscore.http.access.doors import Doors
from mlscore.http.access.rates import Rates
from mlscore.http.access.uses import Uses
from mlscore.http.body_limit import BodyLimit
from mlscore.http.elsewhere import Elsewhere
from mlscore.http.handlers import answer_with_problems
from mlscore.http.idempotency import Idempotency
from mlscore.http.keys import KeyGate, KeyRing
from mlscore.http.load.crowd import Crowd
from mlscore.http.metrics import Metrics
from mlscore.http.requests import Requests
from mlscore.http.vitals.ending import not_ready_first
from mlscore.http.vitals.pulse import Pulse
from mlscore.http.vitals.tracing import trace
from mlscore.http.vitals.watch import Watch
from mlscore.service.application import Application
from mlscore.service.together import Together
from mlscore.texts import Language

ONE_DEAL_BYTES = 1_000_000

_DESCRIPTION = """\
Scores the deals of a B2B sales team by its own rules and by a model trained on its own history.

Money is in whole units of the policy's currency, moments carry an offset, yes / no facts are true, false or null
(unknown). Sentences come in Russian or English by Accept-Language. Every answer that is not one is a problem
(`application/problem+json`, RFC 9457) that says what to do and never repeats what was sent.
"""


_ROUTERS = (
    *(scores.router, outcomes.router, reports.router),
    *(events.router, feed.router, bitrix24.router),
    *(health.router, inference.router),
)
_NEVER_REFUSED = frozenset({"/health/live", "/health/ready", "/metrics", "/v2/health/live", "/v2/health/ready"})
_NO_DOCS: dict[str, Any] = {"docs_url": None, "openapi_url": None}


class AppSettings(Protocol):
    """What is asked of the settings."""

    @property
    def language(self) -> Language:
        """The language where a request names none of ours."""
        ...

    @property
    def max_body_bytes(self) -> int:
        """The largest request body."""
        ...

    @property
    def body_seconds(self) -> float:
        """How long a body may take to arrive."""
        ...

    @property
    def answer_seconds(self) -> float:
        """How long an answer may take."""
        ...

    @property
    def requests_at_once(self) -> int:
        """How many requests a worker answers at once."""
        ...

    @property
    def drain_seconds(self) -> float:
        """How long to be not ready before ending."""
        ...

    @property
    def docs(self) -> bool:
        """Whether the description of the API is served."""
        ...

    @property
    def metrics_for(self) -> MetricsFor:
        """Who may read the metrics."""
        ...

    @property
    def rate_limit(self) -> int:
        """Requests a minute a key may make; 0 is no limit."""
        ...

    @property
    def workers(self) -> int:
        """How many processes answer together."""
        ...


class Api(FastAPI):
    """FastAPI, described our way."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(application: Application, settings: AppSettings, *, pages: ASGIApp | None = None) -> FastAPI:
    """Return the application, its services in `app.state.application`. Whoever made these closes them.

    `pages` answer where the API has no route.
    """
    app = Api(
        title="mlscore",
        version=__version__,
        description=_DESCRIPTION,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_running,
        **({} if settings.docs else _NO_DOCS),
    )
    app.state.application = application
    app.state.together = Together(application.scoring)
    app.state.inbox = Inbox(application.tasks, application.firm, bitrix24.CRM, application.clock)
    app.state.batches = ThreadPoolExecutor(1, thread_name_prefix="batches")
    app.state.metrics = Metrics()
    app.state.uses = Uses(application.keys, clock=application.clock)
    app.state.draining = False
    app.state.drain_seconds = settings.drain_seconds
    app.state.watch = _watch(app)
    for router in _ROUTERS:
        app.include_router(router)
    if pages is not None:
        app.router.default = Elsewhere(pages, nothing=app.router.default)
    if settings.docs:
        serve_in_openapi_30(app)
    answer_with_problems(app)
    _add_rooms(app, settings)
    return app


def _add_rooms(app: FastAPI, settings: AppSettings) -> None:
    application: Application = app.state.application
    # Added from the inside out: a request meets the last one first.
    app.add_middleware(Idempotency, ledger=application.ledger, clock=application.clock)
    app.add_middleware(
        Crowd,
        at_most=settings.requests_at_once,
        seconds=settings.answer_seconds,
        free=_NEVER_REFUSED,
        refused=app.state.metrics.refused,
    )
    app.add_middleware(
        BodyLimit,
        at_most_bytes=settings.max_body_bytes,
        seconds=settings.body_seconds,
        one_deal_bytes={"/v1/score": ONE_DEAL_BYTES, bitrix24.PATH: bitrix24.EVENT_BYTES},
    )
    app.add_middleware(
        KeyGate,
        ring=KeyRing(keys=application.keys, clock=application.clock),
        doors=Doors(app.routes, declared(metrics_for=settings.metrics_for)),
        rates=Rates(settings.rate_limit, workers=settings.workers),
        uses=app.state.uses,
    )
    routes = [route for router in _ROUTERS for route in router.routes]
    app.add_middleware(Requests, language=settings.language, metrics=app.state.metrics, routes=routes)
    app.state.stop_tracing = trace(app)


def _watch(app: FastAPI) -> Watch:
    application: Application = app.state.application
    return Watch(
        board=app.state.metrics.board,
        pulse=Pulse(application.ping),
        standings=application.champions.standings,
        is_draining=lambda: app.state.draining,
        spooled=application.spooled,
        freshness=application.freshness,
        telling=application.telling,
    )


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    not_ready_first(app.state, seconds=app.state.drain_seconds)
    async with app.state.watch.running():
        yield
    app.state.uses.close()
    if app.state.stop_tracing is not None:
        app.state.stop_tracing()
