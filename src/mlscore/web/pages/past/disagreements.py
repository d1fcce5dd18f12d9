"""Disagreements: where rules and model part, what each was worth, and the side people take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import Response

from mlscore.ports import Brief, BriefsAsked, Side
from mlscore.scoring.errors import ConflictError, FaultyInputError, NotFoundError
from mlscore.service.looking_back import Past
from mlscore.service.looking_back.disagreeing import NOBODY, PARTED, board_of
from mlscore.web import reading
from mlscore.web.pages import deal
from mlscore.web.pages.deals import action_cell, deal_column, probability_column, seller_column
from mlscore.web.pages.past.deals import PastDeal, PastDeals, columns
from mlscore.web.tables import Asked, Cell, Choice, Column, Filter, Table, answer_with
from mlscore.web.tables.column import money
from mlscore.web.visit import Visit
from mlscore.web.words import Words, whole

TABS = ("open", "closed")


def show(visit: Visit) -> Response:
    """Show the open deals, or the closed ones, largest money first."""
    waiting = visit.office.briefing.catch_up(visit.firm)
    past = visit.office.looking_back.past(visit.firm)
    taken = visit.office.siding.sides.newest(visit.firm)
    version = (past.version, sum(one.version for one in taken.values()))
    board = visit.office.looking_back.remembered.of((visit.firm, "board"), version, lambda: board_of(past, taken))
    opened = BriefsAsked(sellers=None, equal=_OPEN)
    counts = {"open": visit.office.briefs.count(visit.firm, opened), "closed": len(board.rows)}
    tab = tab_of(visit.asked.get("tab", ""), counts)
    shown = {
        "waiting": waiting,
        "tab": tab,
        "tabs_of_page": [_tab(visit.words, one, counts[one], tab) for one in TABS],
        "board": board,
        "counts": counts,
        "whole_gap": whole(abs(board.every[0].money - board.every[1].money)),
    }
    if tab == "open":
        cost = visit.words.policy.economics.cost_per_worked_deal
        return answer_with(visit, "disagreements.html", _open_table(visit, cost, taken), Parted(visit, cost), **shown)
    named = {"agreement": past.agreement_column, "right": board.right, "side": board.side}
    return answer_with(
        visit, "disagreements.html", _closed_table(visit.words, past), PastDeals(past, board.rows, named), **shown
    )


def tab_of(asked: str, counts: Mapping[str, int]) -> str:
    """Return the tab to show: the one asked for, else the first that has any deals."""
    return asked if asked in TABS else next((tab for tab in TABS if counts[tab]), TABS[0])


def take(visit: Visit) -> Response:
    """Take a side of a deal, and show the deal again."""
    deal_id, given = visit.request.path_params["deal_id"], visit.given
    if not visit.office.briefs.of_deal(visit.firm, deal_id, sellers=visit.sellers):
        raise NotFoundError("No such deal was scored.")
    try:
        visit.office.siding.take(
            visit.firm,
            deal_id,
            given.get("side", ""),
            why=given.get("why", ""),
            by=visit.user.name,
            known=reading.read_version(given.get("known", "")),
        )
    except (FaultyInputError, ConflictError) as error:
        fault = visit.sentence_of(error)
        return deal.page(visit, side_fault=fault, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return visit.go(f"/deals/{quote(deal_id, safe='')}#side")


@dataclass(frozen=True, slots=True)
class Parted:
    """The open deals on which rules and model part, as the source of a table."""

    visit: Visit
    cost: float

    def count(self, asked: Asked) -> int:
        """Return how many deals there are."""
        return self.visit.office.briefs.count(self.visit.firm, self._asked(asked))

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[Brief]:
        """Return the deals from the position `first` on."""
        return self.visit.office.briefs.read(self.visit.firm, self._asked(asked), first=first, at_most=at_most)

    def _asked(self, asked: Asked) -> BriefsAsked:
        equal = {**_OPEN, **{name: [value] for name, value in asked.filters.items()}}
        return BriefsAsked(
            sellers=None,
            search=asked.search,
            equal=equal,
            sort=asked.sort,
            descending=asked.descending,
            cost=self.cost,
        )


_OPEN: Mapping[str, Sequence[str]] = {"status": [""], "agreement": PARTED}


def _tab(words: Words, name: str, count: int, here: str) -> Mapping[str, object]:
    href = f"/disagreements?tab={name}"
    return {"name": words.say(f"web.sides.tab.{name}"), "count": count, "href": href, "is_here": name == here}


def _agreements(words: Words) -> Filter:
    return Filter(
        "agreement", "web.deals.agreement", [Choice(one, words.say(f"web.agreement.{one}")) for one in PARTED]
    )


def _open_table(visit: Visit, cost: float, taken: Mapping[str, Side]) -> Table[Brief]:
    sellers = visit.office.briefs.values(visit.firm, "seller_id", sellers=None)
    return Table(
        caption="web.sides.tab.open",
        sort="stake",
        search="web.deals.search",
        filters=(
            _agreements(visit.words),
            Filter("seller_id", "web.deals.seller", [Choice(one, one) for one in sorted(sellers)]),
        ),
        kept={"tab": "open"},
        columns=(*_what(), *_stakes(cost), _taken(taken)),
    )


def _what() -> Sequence[Column[Brief]]:
    return (
        deal_column(_itself),
        seller_column(_itself),
        Column(
            name="verdict",
            heading="web.past.rules",
            show=lambda one, words: action_cell(one.verdict, words),
            value=lambda one: one.verdict,
        ),
        probability_column(_itself),
    )


def _stakes(cost: float) -> Sequence[Column[Brief]]:
    return (
        Column(
            name="expected_profit",
            heading="web.deals.expected_profit",
            show=lambda one, words: Cell(words.about(one.expected_profit), tone="model"),
            value=lambda one: one.expected_profit,
            is_number=True,
            is_money=True,
        ),
        money("stake", "web.sides.stake", lambda one: _stake(one.expected_profit, cost)),
    )


def _taken(taken: Mapping[str, Side]) -> Column[Brief]:
    return Column(
        name="side",
        heading="web.sides.side",
        show=lambda one, words: _side_cell(one.deal_id, taken.get(one.deal_id), words),
        value=lambda one: taken[one.deal_id].side if one.deal_id in taken else None,
        sorts=False,
    )


def _itself(one: Brief) -> Brief:
    return one


def _stake(money: float | None, cost: float) -> float | None:
    return None if money is None else abs(money - cost)


def _side_cell(deal_id: str, side: Side | None, words: Words) -> Cell:
    href = f"/deals/{quote(deal_id, safe='')}#side"
    if side is None:
        return Cell(words.say("web.sides.none"), href=href)
    return Cell(words.say(f"web.side.{side.side}"), href=href, beside=side.by, tone=side.side)


def _closed_table(words: Words, past: Past) -> Table[PastDeal]:
    cost = past.policy.economics.cost_per_worked_deal
    stake: Column[PastDeal] = money("stake", "web.sides.was_worth", lambda one: _stake(one.profit, cost))
    whose = [Choice(one, words.say(f"web.side.{one}")) for one in ("rules", "model")]
    nobody = Choice(NOBODY, words.say("web.sides.none"))
    return Table(
        caption="web.sides.tab.closed",
        sort="stake",
        filters=(
            _agreements(words),
            Filter("right", "web.sides.right", whose),
            Filter("side", "web.sides.side", [*whose, nobody]),
        ),
        kept={"tab": "closed"},
        columns=(*columns(), stake),
    )
