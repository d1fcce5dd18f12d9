"""Routes for those who watch the service: is it alive, is it ready, what has it done."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response

from mlscore.api.schemas.answers import Out
from mlscore.http.metrics import CONTENT_TYPE, Metrics
from mlscore.http.requests import language_of
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.service.application import Application
from mlscore.texts import say

router = APIRouter(tags=["health"])


class LiveOut(Out):
    """The process answers."""

    status: Literal["alive"]


class ReadyOut(Out):
    """Whether deals can be scored; `degraded: no_model` where only the rules answer."""

    status: Literal["ready", "not_ready"]
    degraded: Literal["no_model"] | None
    reasons: list[str]


@router.get("/health/live", summary="Is the process alive")
def live() -> LiveOut:
    """Answer as long as the process does."""
    return LiveOut(status="alive")


@router.get("/health/ready", summary="Can deals be scored", responses={503: {"model": ReadyOut}})
def ready(request: Request, response: Response) -> ReadyOut:
    """Answer 200 when deals can be scored, 503 with the reasons when not."""
    application: Application = request.app.state.application
    language = language_of(request.scope)
    model = application.champions.serving(application.firm).model
    degraded: Literal["no_model"] | None = "no_model" if model is None else None
    reasons = [say("abstain.no_model", language)] if model is None else []
    try:
        application.ping()
    except StoreUnavailableError as error:
        response.status_code = 503
        return ReadyOut(status="not_ready", degraded=degraded, reasons=[say(error.code, language), *reasons])
    return ReadyOut(status="ready", degraded=degraded, reasons=reasons)


@router.get("/metrics", summary="Figures for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Return what the service has counted, in Prometheus' text format."""
    figures: Metrics = request.app.state.metrics
    application: Application = request.app.state.application
    return Response(figures.page(application.champions.serving(application.firm)), media_type=CONTENT_TYPE)
