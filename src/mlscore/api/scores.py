"""Routes that score deals and give their receipts back."""

from __future__ import annotations

from asyncio import get_running_loop
from contextvars import copy_context
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query

from mlscore.api.desk import AtDesk, Desk, ScoreQuery, read_each, refuse_repeated
from mlscore.api.openapi import REPEATABLE, problems
from mlscore.api.schemas import answers as a
from mlscore.api.schemas import examples
from mlscore.api.schemas.fields import DealId
from mlscore.api.schemas.requests import BatchIn, DealIn
from mlscore.http.json_answer import JsonAnswer
from mlscore.http.json_body import JsonRoute

router = APIRouter(prefix="/v1", tags=["scores"], route_class=JsonRoute)
Asked = Annotated[ScoreQuery, Query()]
Known = Annotated[DealId, Path()]


@router.post(
    "/score",
    summary="Score a deal",
    openapi_extra=REPEATABLE,
    responses=problems(400, 409, 413, 415, 422),
    response_model=a.ScoreOut,
)
async def score(
    deal: Annotated[DealIn, Body(openapi_examples=examples.DEALS)], query: Asked, desk: AtDesk
) -> JsonAnswer:
    """Score one deal by the rules and the model, say what to do, and keep the receipt."""
    return JsonAnswer(await desk.score_one(deal.deal(), query))


@router.post(
    "/score/batch",
    summary="Score up to 1 000 deals",
    openapi_extra=REPEATABLE,
    responses=problems(400, 409, 413, 415, 422),
    response_model=a.BatchOut,
    response_model_exclude_unset=True,
)
async def score_batch(
    batch: Annotated[BatchIn, Body(openapi_examples=examples.BATCHES)], query: Asked, desk: AtDesk
) -> JsonAnswer:
    """Score many deals, each validated alone; those of one batch do not count in each other's history."""
    in_context = copy_context().run  # for what the thread logs
    return await get_running_loop().run_in_executor(desk.batches, in_context, _score_batch, batch, query, desk)


def _score_batch(batch: BatchIn, query: ScoreQuery, desk: Desk) -> JsonAnswer:
    refuse_repeated(batch.deals, "deals")
    many = read_each(
        batch.deals, DealIn, make=DealIn.deal, check=lambda deal: desk.application.scoring.check(desk.firm, deal)
    )
    scored = dict(zip(many.read, desk.score(list(many.read.values()), query), strict=True))
    results = [
        {"index": index, "score": scored[index]}
        if index in scored
        else {"index": index, "problem": desk.said(many.problems[index])}
        for index in range(len(batch.deals))
    ]
    return JsonAnswer({"results": results})


@router.get("/scores/{receipt_id}", summary="Read a score", responses=problems(404, 422), response_model=a.ScoreOut)
def read_score(receipt_id: Known, desk: AtDesk) -> JsonAnswer:
    """Return a score as it was given, in the reader's language."""
    return JsonAnswer(desk.written(desk.application.scoring.find(desk.kept_in, receipt_id)))


@router.get(
    "/deals/{deal_id}/scores",
    summary="Read a deal's scores",
    responses=problems(404, 422),
    response_model=a.DealScoresOut,
)
def read_deal_scores(deal_id: Known, desk: AtDesk) -> JsonAnswer:
    """Return every score of a deal, newest first."""
    receipts = desk.application.scoring.of_deal(desk.kept_in, deal_id)
    return JsonAnswer({"deal_id": deal_id, "scores": [desk.written(receipt) for receipt in receipts]})
