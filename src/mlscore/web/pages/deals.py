"""Deals: every scored deal with its newest answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args
from urllib.parse import quote

from starlette.responses import Response

from mlscore.ports import Brief, Briefs, BriefsAsked
from mlscore.scoring.receipt import Agreement, Grade, Verdict
from mlscore.web.tables import Asked, Cell, Choice, Column, Filter, Table, answer_with
from mlscore.web.tables.column import Row, Tone
from mlscore.web.visit import Visit
from mlscore.web.words import Words

STATUSES = ("", "won", "lost")
OPEN = "open"
LINKED = ("verdict", "decided_by", "route", "stage", "product_category", "source", "funnel", "industry", "next_fact")
"""By what else links may pick deals."""

TONES: dict[str, Tone] = {
    "accept": "good",
    "accept_exception": "good",
    "ask": "open",
    "review": "open",
    "nurture": "open",
    "refuse": "bad",
    "reject": "bad",
    "won": "good",
    "lost": "bad",
}


def show(visit: Visit) -> Response:
    """Show the deals one may see."""
    waiting = visit.office.briefing.catch_up(visit.firm)
    source = Scored(visit.office.briefs, visit.firm, visit.sellers)
    is_empty = visit.office.briefs.count(visit.firm, BriefsAsked(sellers=visit.sellers)) == 0
    return answer_with(visit, "deals.html", _table(visit), source, waiting=waiting, is_empty=is_empty)


@dataclass(frozen=True, slots=True)
class Scored:
    """The newest receipts as the source of a table; of `sellers` alone where given, and only those `equal` picks."""

    briefs: Briefs
    firm: str
    sellers: frozenset[str] | None
    equal: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def count(self, asked: Asked) -> int:
        """Return how many deals there are."""
        return self.briefs.count(self.firm, self.briefs_asked(asked))

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Brief]:
        """Return the deals from the position `first` on."""
        return self.briefs.read(self.firm, self.briefs_asked(asked), first=first, at_most=at_most)

    def briefs_asked(self, asked: Asked) -> BriefsAsked:
        """Return what a table asks, as briefs are asked."""
        chosen = {name: [value] for name, value in asked.filters.items()}
        if chosen.get("status") == [OPEN]:
            chosen["status"] = [""]
        equal = {**self.equal, **chosen}
        return BriefsAsked(
            sellers=self.sellers, search=asked.search, equal=equal, sort=asked.sort, descending=asked.descending
        )


def deal_column(of: Callable[[Row], Brief]) -> Column[Row]:
    """Return the column that says which deal a row is of, and leads to it."""
    return Column(
        name="deal_id",
        heading="web.deals.deal",
        show=lambda row, _: deal_cell(of(row)),
        value=lambda row: of(row).deal_id,
    )


def seller_column(of: Callable[[Row], Brief]) -> Column[Row]:
    """Return the column that says whose deal it is."""
    return Column(
        name="seller_id",
        heading="web.deals.seller",
        show=lambda row, _: of(row).seller_id or "—",
        value=lambda row: of(row).seller_id,
    )


def probability_column(of: Callable[[Row], Brief]) -> Column[Row]:
    """Return the column of what the model said, with its interval."""
    return Column(
        name="probability",
        heading="web.deals.probability",
        show=lambda row, words: probability_cell(of(row), words),
        value=lambda row: of(row).probability,
        is_number=True,
    )


def _itself(brief: Brief) -> Brief:
    return brief


def deal_cell(brief: Brief) -> Cell:
    """Return the deal's number, which leads to its page."""
    return Cell(brief.deal_id, href=f"/deals/{quote(brief.deal_id, safe='')}", beside=brief.company_id or "")


def action_cell(action: str, words: Words) -> Cell:
    """Return what the service told the CRM."""
    return Cell(words.name("web.action", action), tone=TONES.get(action, ""), is_badge=True)


def status_cell(status: str | None, words: Words) -> Cell:
    """Return how a deal ended, or that it has not."""
    return Cell(words.say(f"web.status.{status or OPEN}"), tone=TONES.get(status or "", "quiet"), is_badge=True)


def _table(visit: Visit) -> Table[Brief]:
    return Table(
        caption="web.deals.title",
        sort="at",
        search="web.deals.search",
        filters=_filters(visit),
        columns=(*_what(), *_money(), *_when()),
    )


def _filters(visit: Visit) -> Sequence[Filter]:
    words, briefs = visit.words, visit.office.briefs
    sellers = briefs.values(visit.firm, "seller_id", sellers=visit.sellers)
    actions = [Choice(one, words.name("web.action", one)) for one in Verdict]
    agreements = [Choice(one, words.say(f"web.agreement.{one}")) for one in get_args(Agreement)]
    statuses = [Choice(one or OPEN, words.say(f"web.status.{one or OPEN}")) for one in STATUSES]
    return (
        Filter("action", "web.deals.action", actions),
        Filter("agreement", "web.deals.agreement", agreements),
        Filter("grade", "web.deals.grade", [Choice(one, words.name("web.grade", one)) for one in Grade]),
        Filter("status", "web.deals.status", statuses),
        Filter("seller_id", "web.deals.seller", [Choice(one, one) for one in sorted(sellers)]),
        *(_linked(visit, name) for name in LINKED if name in visit.asked),
    )


def _linked(visit: Visit, name: str) -> Filter:
    """Return a filter that only links choose: to the deals behind a figure of another page."""
    values = visit.office.briefs.values(visit.firm, name, sellers=visit.sellers)
    named = {"verdict": "verdict", "decided_by": "decided_by"}.get(name, "")
    choices = [Choice(one, visit.words.name(named, one)) for one in values]
    return Filter(name, f"web.deals.by.{name}", choices, is_offered=False)


def _what() -> Sequence[Column[Brief]]:
    return (
        deal_column(_itself),
        seller_column(_itself),
        Column(
            name="action",
            heading="web.deals.action",
            show=lambda brief, words: action_cell(brief.action, words),
            value=lambda brief: brief.action,
        ),
        Column(
            name="grade",
            heading="web.deals.grade",
            show=grade_cell,
            value=lambda brief: brief.grade,
        ),
        probability_column(_itself),
    )


def _money() -> Sequence[Column[Brief]]:
    return (
        Column(
            name="expected_profit",
            heading="web.deals.expected_profit",
            show=lambda brief, words: Cell(words.about(brief.expected_profit), tone="model"),
            value=lambda brief: brief.expected_profit,
            is_number=True,
            is_money=True,
        ),
        Column(
            name="profit_if_won",
            heading="web.deals.profit_if_won",
            show=lambda brief, words: words.money(brief.profit_if_won),
            value=lambda brief: brief.profit_if_won,
            is_number=True,
            is_money=True,
        ),
    )


def _when() -> Sequence[Column[Brief]]:
    return (
        Column(
            name="status",
            heading="web.deals.status",
            show=lambda brief, words: status_cell(brief.status, words),
            value=lambda brief: brief.status,
        ),
        Column(
            name="at",
            heading="web.deals.at",
            show=lambda brief, words: words.moment(brief.at),
            value=lambda brief: brief.at,
            is_moment=True,
        ),
    )


def probability_cell(brief: Brief, words: Words) -> Cell:
    """Return what the model said, with its interval."""
    beside = "" if brief.low is None or brief.high is None else f"{words.share(brief.low)} – {words.share(brief.high)}"
    return Cell(words.share(brief.probability), beside=beside, tone="quiet" if brief.abstained else "model")


def grade_cell(brief: Brief, words: Words) -> Cell:
    """Return the letter, quietly where there is none."""
    return Cell(words.name("web.grade", brief.grade), tone="quiet" if brief.grade == Grade.NONE else "rules")
