"""The page of the desk and its doors: open, answer without keeping anything, keep, and tell how a deal ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from http import HTTPStatus
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from mlscore.scoring.errors import FactError, FaultyInputError, NotFoundError
from mlscore.scoring.receipt import Receipt
from mlscore.service.desk import Paper
from mlscore.web import reading
from mlscore.web.pages.desk.sheet import Sheet, filled, given
from mlscore.web.visit import Visit

UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY
END = ("status", "profit", "closed")
"""The fields of how a deal ended."""


def show(visit: Visit) -> Response:
    """Show an empty form, or one filled with the newest facts of the deal asked for."""
    deal_id = visit.asked.get("deal", "").strip()
    try:
        paper = _opened(visit, deal_id)
    except NotFoundError as error:
        fault = visit.sentence_of(error)
        return _page(visit, filled(visit, Paper()), fault=fault, status=HTTPStatus.NOT_FOUND)
    in_vain = visit.asked.get("unknown", "").split(",")
    done = {"kept": "web.desk.kept", "ended": "web.desk.ended"}.get(visit.asked.get("done", ""))
    said = None if done is None or not paper.deal_id else visit.words.say(done, deal=paper.deal_id)
    return _page(visit, filled(visit, paper, in_vain=in_vain), done=said)


def answer(visit: Visit) -> Response:
    """Answer what was typed so far, and keep nothing; to a script with the answer alone."""
    sheet = given(visit, _given_paper(visit))
    if "fragment" not in visit.given:
        return _page(visit, sheet)
    told, fault = _answered(visit, sheet)
    return visit.page("desk_answer.html", sheet=sheet, told=told, fault=fault)


def keep(visit: Visit) -> Response:
    """Keep what was told as a receipt, and go on with the deal."""
    sheet = given(visit, _given_paper(visit))
    if not _may_keep(visit):
        return _page(visit, sheet, fault=visit.words.say("web.desk.only_looks"), status=UNFIT)
    if sheet.faults:
        return _page(visit, sheet, status=UNFIT)
    try:
        receipt = visit.office.desk.keep(visit.firm, sheet.paper, sheet.told, draft=sheet.draft, by=visit.user.name)
    except FaultyInputError as error:
        return _page(visit, sheet, fault=visit.sentence_of(error), status=UNFIT)
    return _go_on(visit, receipt.deal.deal_id, "kept", {"unknown": ",".join(sorted(sheet.in_vain))})


def end(visit: Visit) -> Response:
    """Tell how a deal ended."""
    paper = _given_paper(visit)
    if paper.deal_id is None:
        raise NotFoundError("No deal was named.", code="web.desk.no_such_deal", deal="")
    if not _may_keep(visit):
        return _page(visit, filled(visit, paper), end_fault=visit.words.say("web.desk.only_looks"), status=UNFIT)
    sent, language = visit.given, visit.words.language
    try:
        profit = (
            reading.read_money(sent["profit"], language, may_be_loss=True) if sent.get("profit", "").strip() else None
        )
        closed_at = _closed_at(visit, sent.get("closed", ""))
        visit.office.desk.end(
            visit.firm, paper, sent.get("status", ""), profit=profit, closed_at=closed_at, by=visit.user.name
        )
    except FaultyInputError as error:
        return _page(visit, filled(visit, paper), end_fault=visit.sentence_of(error), status=UNFIT)
    return _go_on(visit, paper.deal_id, "ended", {})


@dataclass(frozen=True, slots=True)
class Told:
    """What a receipt of the desk says, in words."""

    visit: Visit
    sheet: Sheet
    receipt: Receipt

    @property
    def asked(self) -> str | None:
        """The fact to ask for next, the most telling one."""
        question = self.receipt.answer.next_question
        return None if question is None else question.fact

    @property
    def question(self) -> str | None:
        """The words to ask in."""
        return None if self.asked is None else self.visit.words.sentences().question(self.asked)

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The facts that would settle the verdict, with their names."""
        labels = {one.name: one.label for one in self.sheet.fields}
        return [(fact, labels.get(fact) or self.visit.words.fact(fact)) for fact in self.receipt.answer.rule.missing]


def _page(
    visit: Visit,
    sheet: Sheet,
    *,
    done: str | None = None,
    fault: str | None = None,
    end_fault: str | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    told, answer_fault = _answered(visit, sheet)
    deal_id = sheet.paper.deal_id
    return visit.page(
        "desk.html",
        sheet=sheet,
        told=told,
        done=done,
        fault=fault or answer_fault,
        end_fault=end_fault,
        ended=None if deal_id is None else visit.office.desk.ended(visit.firm, deal_id),
        end={name: visit.given.get(name, "") for name in END},
        may_keep=_may_keep(visit),
        status=status,
    )


def _answered(visit: Visit, sheet: Sheet) -> tuple[Told | None, str | None]:
    """Return what is said of what could be read, or why nothing is."""
    try:
        receipt = visit.office.desk.answer(visit.firm, sheet.paper, sheet.told, in_vain=sheet.in_vain)
    except FactError as error:
        return None, visit.sentence_of(error)
    return Told(visit, sheet, receipt), None


def _opened(visit: Visit, deal_id: str, shown: str | None = None) -> Paper:
    if not deal_id:
        return Paper()
    return visit.office.desk.open(visit.firm, deal_id, shown=shown, sellers=visit.sellers)


def _given_paper(visit: Visit) -> Paper:
    return _opened(visit, visit.given.get("deal", ""), visit.given.get("shown"))


def _may_keep(visit: Visit) -> bool:
    """Tell whether the visitor works with deals: a viewer stands above sellers, and only looks."""
    return visit.user.role != "viewer"


def _closed_at(visit: Visit, text: str) -> datetime | None:
    """Return the noon of a day where the firm is; None for today, which has perhaps not come so far."""
    if not text.strip():
        return None
    day, zone = reading.read_day(text), ZoneInfo(visit.words.policy.timezone)
    today = visit.application.clock().astimezone(zone).date()
    return None if day == today else datetime.combine(day, time(12), tzinfo=zone)


def _go_on(visit: Visit, deal_id: str, done: str, more: Mapping[str, str]) -> Response:
    asked = {"deal": deal_id, "done": done, **{name: text for name, text in more.items() if text}}
    return visit.go(f"/desk?{urlencode(asked)}")
