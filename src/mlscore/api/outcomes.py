"""The route that takes how deals ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body

from mlscore.api import rendering
from mlscore.api.desk import AtDesk, Desk, read_each, read_one, refuse_repeated
from mlscore.api.openapi import REPEATABLE, problems
from mlscore.api.schemas import answers as a
from mlscore.api.schemas import examples
from mlscore.api.schemas.requests import OutcomeIn, OutcomesIn
from mlscore.http.json_body import JsonRoute
from mlscore.scoring.deal import Outcome

router = APIRouter(prefix="/v1", tags=["outcomes"], route_class=JsonRoute)
OneOrMany = Annotated[Any, Body(openapi_examples=examples.OUTCOMES)]


@router.post(
    "/outcomes",
    summary="Report how deals ended",
    openapi_extra=REPEATABLE,
    responses=problems(400, 409, 413, 415, 422),
    response_model_exclude_unset=True,
)
def record_outcomes(body: OneOrMany, desk: AtDesk) -> a.OutcomeOut | a.OutcomesOut:
    """Record one outcome, or many as `{"outcomes": [...]}` or a list.

    A later report that says something else is a further version; one that repeats the newest adds none.
    """
    if isinstance(body, dict) and "outcomes" not in body:
        return _one(body, desk)
    return _many(body if isinstance(body, list) else None, body, desk)


def _one(body: object, desk: Desk) -> a.OutcomeOut:
    outcome = read_one(OutcomeIn, body).outcome()
    [recorded] = _recorded(desk, [outcome])
    return recorded


def _many(listed: list[Any] | None, body: object, desk: Desk) -> a.OutcomesOut:
    items = read_one(OutcomesIn, {"outcomes": listed} if listed is not None else body).outcomes
    refuse_repeated(items, "" if listed is not None else "outcomes")
    many = read_each(items, OutcomeIn, make=OutcomeIn.outcome, check=desk.application.outcomes.check)
    recorded = dict(zip(many.read, _recorded(desk, list(many.read.values())), strict=True))
    return a.OutcomesOut(
        results=[
            a.OutcomeItemOut(index=index, outcome=recorded[index])
            if index in recorded
            else a.OutcomeItemOut(index=index, problem=desk.said(many.problems[index]))
            for index in range(len(items))
        ]
    )


def _recorded(desk: Desk, outcomes: Sequence[Outcome]) -> list[a.OutcomeOut]:
    # Asked first: an outcome that is recorded and then answered 503 would be told as lost.
    scored = desk.application.outcomes.scored(desk.kept_in, outcomes)
    versions = desk.application.outcomes.record(desk.kept_in, outcomes)
    return [rendering.outcome(version, scored=version.outcome.deal_id in scored) for version in versions]
