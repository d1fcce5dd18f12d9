"""Routes for those who watch the service: is it alive, is it ready, what has it done."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response, status
from starlette.datastructures import State

from mlscore.api.schemas.answers import Out
from mlscore.http.metrics import CONTENT_TYPE, Metrics
from mlscore.http.requests import language_of
from mlscore.http.vitals.watch import Watch
from mlscore.service.application import Application
from mlscore.texts import Language, say

router = APIRouter(tags=["health"])

Degraded = Literal["no_model", "spooling"]


class LiveOut(Out):
    """The process answers."""

    status: Literal["alive"]


class ReadyOut(Out):
    """Whether deals can be scored.

    `degraded: no_model` where only the rules answer, `spooling` while the database is away and receipts wait for it;
    `model_version` is the one that serves the service's own firm in this worker.
    """

    status: Literal["ready", "not_ready"]
    degraded: Degraded | None
    reasons: list[str]
    model_version: str | None = None


@router.get("/health/live", summary="Is the process alive")
def live() -> LiveOut:
    """Answer as long as the process does."""
    return LiveOut(status="alive")


@router.get("/health/ready", summary="Can deals be scored", responses={503: {"model": ReadyOut}})
def ready(request: Request, response: Response) -> ReadyOut:
    """Answer 200 when deals can be scored, 503 with the reasons when not."""
    answer = readiness(request.app.state, language_of(request.scope))
    if answer.status == "not_ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return answer


def readiness(state: State, language: Language) -> ReadyOut:
    """Return whether deals can be scored here; waits a moment for the database, and never longer."""
    application: Application = state.application
    watch: Watch = state.watch
    model = application.champions.serving(application.firm).model
    away = watch.pulse.look()
    degraded: Degraded | None = "spooling" if away else "no_model" if model is None else None
    reasons = [
        *(["health.draining"] if state.draining else []),
        *([] if away is None else ["health.spooling"]),
        *(["abstain.no_model"] if model is None else []),
    ]
    return ReadyOut(
        status="not_ready" if state.draining else "ready",
        degraded=degraded,
        reasons=[say(code, language) for code in reasons],
        model_version=None if model is None else model.version,
    )


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Return what the service has counted, in Prometheus' text format; every worker of it, where there are several."""
    figures: Metrics = request.app.state.metrics
    watch: Watch = request.app.state.watch
    watch.look()
    return Response(figures.page(), media_type=CONTENT_TYPE)
