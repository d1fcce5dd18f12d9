"""Doors for events about deals, of any CRM: done once by their id, scored at once, answered with what came of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Body, Request, Response
from starlette.concurrency import run_in_threadpool

from mlscore.api import rendering
from mlscore.api.desk import AtDesk, Desk, desk_of, read_one
from mlscore.api.openapi import problems, public_problems, reference
from mlscore.api.schemas.events import EVENTS, EventIn, EventOut
from mlscore.api.schemas.requests import DealIn, OutcomeIn
from mlscore.http.idempotency import REPLAYED_HEADER
from mlscore.http.json_answer import JsonAnswer
from mlscore.http.json_body import JsonRoute, read_json
from mlscore.http.keys import scope_missing
from mlscore.http.problems import NOT_ADMITTED, ProblemError
from mlscore.ports import KeptAnswer, KeyScope
from mlscore.scoring.errors import FactError, NotAllowedError, NotFoundError
from mlscore.service.application import Application
from mlscore.service.telling import verify

router = APIRouter(prefix="/v1/events", tags=["CRMs in step"], route_class=JsonRoute)
_NAMES = UUID("3f6f4f9e-8d0c-5d4e-9f53-2f9a2e1c7b10")
_MAY: frozenset[KeyScope] = frozenset({"score", "outcome"})
_SIGNED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": reference(EventIn)}},
    }
}


@router.post(
    "",
    summary="Take an event about a deal",
    responses=problems(400, 409, 413, 415, 422),
    response_model=EventOut,
)
async def take(event: Annotated[EventIn, Body(openapi_examples=EVENTS)], desk: AtDesk) -> Response:
    """Score a deal that changed, or record how one closed; the same event again gets the first answer.

    `deal.changed` asks for the scope `score`, `deal.closed` for `outcome`.
    """
    if event.type == "deal.closed" and "outcome" not in desk.scopes:
        raise ProblemError(scope_missing("outcome"))
    if event.id is None:
        raise FactError("An event has an id.", code="field.missing", fact="id")
    digest = hashlib.sha256(event.model_dump_json(exclude={"id"}).encode()).hexdigest()
    return await run_in_threadpool(_once, desk, event, _Named("", event.id, digest))


@router.post(
    "/{webhook_id}",
    summary="Take a signed event about a deal",
    responses=public_problems(400, 401, 409, 413, 415, 422, 503),
    response_model=EventOut,
    openapi_extra=_SIGNED,
)
async def take_signed(webhook_id: str, request: Request) -> Response:
    """Take an event in the form of Standard Webhooks, signed with the secret of a webhook without an address.

    `webhook-timestamp` may be five minutes off; the same `webhook-id` again gets the first answer.
    """
    application: Application = request.app.state.application
    body, now = await request.body(), application.clock()
    webhook = await run_in_threadpool(application.webhooks.find, webhook_id)
    if webhook is None or webhook.url is not None or webhook.ended_at is not None:
        raise ProblemError(NOT_ADMITTED)
    try:
        message_id = verify(request.headers, body, webhook.secrets_at(now), at=now)
    except NotAllowedError:
        raise ProblemError(NOT_ADMITTED) from None
    named = _Named(webhook_id, message_id, hashlib.sha256(body).hexdigest())
    desk = desk_of(request, webhook.firm, scopes=_MAY)
    return await run_in_threadpool(_once, desk, read_one(EventIn, read_json(body)), named)


@dataclass(frozen=True, slots=True)
class _Named:
    """An event as its sender named it; `sent_by` is the webhook, nothing where it came with a key."""

    sent_by: str
    event_id: str
    digest: str

    @property
    def ledger_key(self) -> str:
        # With a space, which no Idempotency-Key holds: the two never meet.
        return f"event {self.sent_by} {self.event_id}"

    def receipt_id(self, kept_in: str) -> str:
        """Return the id of the receipt it leads to: the same whenever, and however often, it comes."""
        return uuid5(_NAMES, f"{kept_in}\n{self.sent_by}\n{self.event_id}").hex


def _once(desk: Desk, event: EventIn, named: _Named) -> Response:
    ledger, at = desk.application.ledger, desk.application.clock()
    do = _work(desk, event, named)
    kept = ledger.begin(desk.kept_in, named.ledger_key, request_digest=named.digest, at=at)
    if kept is not None:
        return Response(kept.body, kept.status, {REPLAYED_HEADER: "true"}, kept.content_type)
    is_done = False
    try:
        answer = JsonAnswer({"id": named.event_id, "type": event.type, "score": None, "outcome": None, **do()})
        kept = KeptAnswer(status=200, body=bytes(answer.body), content_type="application/json")
        ledger.end(desk.kept_in, named.ledger_key, kept)
        is_done = True
    finally:
        if not is_done:
            ledger.abandon(desk.kept_in, named.ledger_key)
    return answer


def _work(desk: Desk, event: EventIn, named: _Named) -> Callable[[], dict[str, Any]]:
    """Return what is to be done; what cannot be is refused before anything is. Raises FactError."""
    deal, outcome = event.data.deal, event.data.outcome
    if event.type == "deal.changed" and deal is not None and outcome is None:
        return lambda: {"score": _score(desk, deal, named.receipt_id(desk.kept_in))}
    if event.type == "deal.closed" and outcome is not None and deal is None:
        return lambda: {"outcome": _record(desk, outcome)}
    needed, strange = ("deal", "outcome") if event.type == "deal.changed" else ("outcome", "deal")
    if getattr(event.data, needed) is None:
        raise FactError(f"This event needs its {needed}.", code="field.missing", fact=f"data.{needed}")
    raise FactError(f"This event has no {strange}.", code="field.extra_forbidden", fact=f"data.{strange}")


def _score(desk: Desk, deal: DealIn, receipt_id: str) -> dict[str, Any]:
    scoring = desk.application.scoring
    try:
        # Cut off after it was scored, and sent again.
        receipt = scoring.find(desk.kept_in, receipt_id)
    except NotFoundError:
        with _pointing_into("data.deal"), desk.metrics.scoring(since=desk.came_at) as begins:
            begins()
            [receipt] = scoring.score(desk.firm, [deal.deal()], sandbox=desk.sandbox, receipt_ids=[receipt_id])
        desk.metrics.scored([receipt])
    return desk.written(receipt)


def _record(desk: Desk, sent: OutcomeIn) -> dict[str, Any]:
    outcomes, outcome = desk.application.outcomes, sent.outcome()
    scored = outcomes.scored(desk.kept_in, [outcome])
    with _pointing_into("data.outcome"):
        [version] = outcomes.record(desk.kept_in, [outcome])
    return rendering.outcome(version, scored=outcome.deal_id in scored).model_dump()


@contextmanager
def _pointing_into(part: str) -> Iterator[None]:
    try:
        yield
    except FactError as error:
        params = {**error.params, "fact": f"{part}.{error.params['fact']}"}
        raise FactError(str(error), code=error.code, **params) from None
