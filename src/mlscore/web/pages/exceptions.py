"""Exceptions: deals that may be accepted below the floor, who approved them, and whether they paid back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from urllib.parse import quote
from zoneinfo import ZoneInfo

from starlette.responses import Response

from mlscore.ports import Approval
from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.errors import ConflictError, FaultyInputError, NotFoundError
from mlscore.service.judging.excepting import Exempted, State
from mlscore.service.judging.reasons import REASON_LENGTH
from mlscore.web import reading
from mlscore.web.pages import deal
from mlscore.web.tables import Cell, Choice, Column, Filter, InMemory, Table, answer_with
from mlscore.web.tables.column import Tone
from mlscore.web.visit import Visit
from mlscore.web.words import Words

STATES: Sequence[State] = (
    "waiting",
    "lapsed",
    "approved",
    "owing",
    "overdue",
    "unapproved",
    "settled",
    "declined",
    "moot",
)
TONES: dict[State, Tone] = {
    "waiting": "open",
    "lapsed": "bad",
    "approved": "good",
    "owing": "open",
    "overdue": "bad",
    "unapproved": "bad",
    "settled": "good",
    "declined": "quiet",
    "moot": "quiet",
}


def show(visit: Visit) -> Response:
    """Show every exception, those that wait for a person first."""
    waiting = visit.office.briefing.catch_up(visit.firm)
    ledger = visit.office.excepting.ledger(visit.firm, sellers=visit.sellers)
    table = _table(visit.words, ledger)
    owed = [one for one in ledger if one.approval is not None and one.state in {"owing", "overdue", "settled"}]
    return answer_with(
        visit,
        "exceptions.html",
        table,
        InMemory(table, ledger),
        waiting=waiting,
        is_empty=not ledger,
        to_decide=sum(one.state in {"waiting", "lapsed"} for one in ledger),
        promised=sum(one.approval.promised or 0 for one in owed if one.approval is not None),
        returned=sum(one.returned for one in owed),
        counts=Counter(one.state for one in ledger),
        places={one: _place(one) for one in STATES},
        terms=visit.words.policy.exceptions,
        quotas=visit.office.excepting.quotas(ledger),
    )


def decide(visit: Visit) -> Response:
    """Approve or decline a deal below the floor, and show the deal again."""
    deal_id, given = visit.request.path_params["deal_id"], visit.given
    visit.office.briefing.catch_up(visit.firm)
    if not visit.office.briefs.of_deal(visit.firm, deal_id, sellers=visit.sellers):
        raise NotFoundError("No such deal was scored.")
    try:
        approval = _approval(visit, deal_id)
        visit.office.excepting.decide(visit.firm, approval, known=reading.read_version(given.get("known", "")))
    except (FaultyInputError, ConflictError, NotFoundError) as error:
        fault = visit.sentence_of(error)
        return deal.page(visit, exception_fault=fault, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.go(f"/deals/{quote(deal_id, safe='')}#exception")


def _approval(visit: Visit, deal_id: str) -> Approval:
    given, zone = visit.given, ZoneInfo(visit.words.policy.timezone)
    answer = given.get("approved", "")
    if answer not in {"yes", "no"}:
        raise FaultyInputError("Approve or decline.", code="web.exception.choose")
    promised = reading.read_any_number(given.get("promised", ""), visit.words.language)
    return Approval(
        deal_id=deal_id,
        approved=answer == "yes",
        why=given.get("why", ""),
        by=visit.user.name,
        at=visit.application.clock(),
        expires_at=_end_of(given.get("expires", ""), zone),
        promised=None if promised is None else round(promised * MINOR_UNITS),
        promised_by=_end_of(given.get("promised_by", ""), zone),
        prospects=" ".join(given.get("prospects", "").split())[:REASON_LENGTH] or None,
    )


def _end_of(text: str, zone: ZoneInfo) -> datetime | None:
    """Return when a day ends where the firm is. Raises FaultyInputError for what is no day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time(), zone)
    except (ValueError, OverflowError):
        raise FaultyInputError(f"{text!r} is no day.", code="web.reading.day", given=text[:20]) from None


def _place(state: State) -> str:
    """Say a state so that what waits for somebody sorts first."""
    return f"{STATES.index(state)} {state}"


def _table(words: Words, ledger: Sequence[Exempted]) -> Table[Exempted]:
    states = [Choice(_place(one), words.say(f"web.exception.state.{one}")) for one in STATES]
    sellers = sorted({one.deal.seller_id for one in ledger if one.deal.seller_id is not None})
    return Table(
        caption="web.exceptions.title",
        sort="state",
        descending=False,
        search="web.deals.search",
        filters=(
            Filter("state", "web.exceptions.state", states),
            Filter("seller_id", "web.deals.seller", [Choice(one, one) for one in sellers]),
        ),
        columns=(*_deal(), *_decision()),
    )


def _deal() -> Sequence[Column[Exempted]]:
    return (
        Column(
            name="deal_id",
            heading="web.deals.deal",
            show=_link,
            value=lambda one: one.deal.deal_id,
        ),
        Column(
            name="seller_id",
            heading="web.deals.seller",
            show=lambda one, _: one.deal.seller_id or "—",
            value=lambda one: one.deal.seller_id,
        ),
        Column(
            name="kind",
            heading="web.exceptions.kind",
            show=lambda one, words: words.name("web.exception.kind", one.deal.kind),
            value=lambda one: one.deal.kind,
        ),
        Column(
            name="profit_if_won",
            heading="web.deals.profit_if_won",
            show=lambda one, words: words.money(one.deal.profit_if_won),
            value=lambda one: one.deal.profit_if_won,
            is_number=True,
            is_money=True,
        ),
        Column(
            name="state",
            heading="web.exceptions.state",
            show=_state,
            value=lambda one: _place(one.state),
        ),
    )


def _decision() -> Sequence[Column[Exempted]]:
    return (
        Column(
            name="by",
            heading="web.exceptions.by",
            show=lambda one, _: Cell("—") if one.approval is None else Cell(one.approval.by, beside=one.approval.why),
            value=lambda one: None if one.approval is None else one.approval.by,
        ),
        Column(
            name="promised",
            heading="web.exceptions.promised",
            show=_promised,
            value=lambda one: None if one.approval is None else one.approval.promised,
            is_number=True,
            is_money=True,
        ),
        Column(
            name="returned",
            heading="web.exceptions.returned",
            show=lambda one, words: words.money(one.returned),
            value=lambda one: one.returned,
            is_number=True,
            is_money=True,
        ),
    )


def _link(one: Exempted, _: Words) -> Cell:
    href = f"/deals/{quote(one.deal.deal_id, safe='')}#exception"
    return Cell(one.deal.deal_id, href=href, beside=one.deal.company_id or "")


def _state(one: Exempted, words: Words) -> Cell:
    until = None if one.approval is None or one.state not in {"approved", "lapsed"} else one.approval.expires_at
    beside = "" if until is None else words.say("web.exceptions.until", day=words.last_day(until))
    return Cell(words.say(f"web.exception.state.{one.state}"), tone=TONES[one.state], is_badge=True, beside=beside)


def _promised(one: Exempted, words: Words) -> Cell:
    if one.approval is None or not one.approval.approved:
        return Cell("—")
    by, prospects = one.approval.promised_by, one.approval.prospects
    until = "" if by is None else words.say("web.exceptions.until", day=words.last_day(by))
    money = "—" if one.approval.promised is None else words.money(one.approval.promised)
    return Cell(money, beside=". ".join(filter(None, (until, prospects))))
