"""Overview: where the firm's money is, month by month against the floor, and which small deals eat the team's time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

import numpy as np
from starlette.responses import Response

from mlscore.scoring.deal import Texts
from mlscore.scoring.policy import Policy
from mlscore.service.looking_back import Past
from mlscore.service.looking_back.overview import (
    ABOVE,
    BELOW,
    LOST,
    PASSED_OVER,
    PUSHED_UP,
    Month,
    Overview,
    Seller,
    overview_of,
    standing_of,
)
from mlscore.web.charts import Chart, Drawn, Series, draw
from mlscore.web.pages.past.deals import PastDeal, PastDeals, columns
from mlscore.web.tables import Cell, Choice, Column, Filter, InMemory, Table, answer_with, lay_out
from mlscore.web.tables.column import Tone, count, money, share
from mlscore.web.tables.export import as_csv
from mlscore.web.visit import Visit
from mlscore.web.words import Words, whole

MONTHS_SHOWN = 13
CHANCE, IN_ORDER = 0.5, 0.05
"""So far around one half, the order in which a seller takes deals is no order."""

ORDER_TONES: Mapping[str, Tone] = {"money": "good", "small": "bad", "none": ""}


def show(visit: Visit) -> Response:
    """Show the overview; the tables of sellers and of deals are files too."""
    looking_back = visit.office.looking_back
    past = looking_back.past(visit.firm)
    if not len(past):
        return visit.page("overview.html", told=None, policy=past.policy)
    found = looking_back.remembered.of((visit.firm, "overview"), past.version, lambda: overview_of(past))
    sellers = _sellers_table()
    of_sellers = InMemory(sellers, found.sellers)
    if visit.asked.get("sellers-format") == "csv":
        return as_csv(visit, sellers, of_sellers, sellers.asked(visit.asked))
    named = {
        "month": found.month_of,
        "standing": standing_of(past),
        "trap": found.trap_of,
        "seller_id": past.deals.texts("seller_id"),
    }
    return answer_with(
        visit,
        "overview.html",
        _deals_table(visit.words, named),
        PastDeals(past, np.arange(len(past)), named),
        told=Told(visit.words, past, found),
        policy=past.policy,
        sellers=lay_out(visit, sellers, of_sellers),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says, for its template."""

    words: Words
    past: Past
    found: Overview

    @property
    def policy(self) -> Policy:
        """The policy whose floor is shown."""
        return self.past.policy

    @property
    def months(self) -> Sequence[Month]:
        """The newest months, the oldest of them first."""
        return self.found.months[-MONTHS_SHOWN:]

    @property
    def sentence(self) -> str:
        """Where the newest month stands against the floor."""
        month, floor = self.months[-1], self.policy.economics.floor_profit
        if month.a_won_deal is None:
            return self.words.say("web.overview.none_won", month=self.month(month), closed=month.closed)
        code = "above" if month.a_won_deal >= floor else "below"
        return self.words.say(
            f"web.overview.{code}",
            month=self.month(month),
            average=whole(month.a_won_deal),
            floor=floor,
            won=month.won,
            below=month.below_floor,
        )

    def month(self, month: Month) -> str:
        """Name a month."""
        year, number = month.name.split("-")
        return self.words.month(date(int(year), int(number), 1))

    def link(self, **filters: str) -> str:
        """Return the address of the deals behind a figure."""
        return f"?{urlencode(filters)}#deals"

    @property
    def against_floor(self) -> Drawn:
        """Draw what a closed deal brought against the floor."""
        say, floor = self.words.say, float(self.policy.economics.floor_profit)
        return draw(
            Chart(
                title=say("web.overview.chart.title"),
                says=say("web.overview.chart.says"),
                along=say("web.overview.month"),
                labels=[self.month(one) for one in self.months],
                series=(
                    Series(
                        name=say("web.overview.a_won_deal"), ink="seen", values=[one.a_won_deal for one in self.months]
                    ),
                    Series(
                        name=say("web.overview.a_worked_deal"),
                        ink="apart",
                        values=[one.a_worked_deal for one in self.months],
                    ),
                    Series(name=say("web.overview.floor"), ink="rules", values=[floor] * len(self.months)),
                ),
                write=self.words.about,
            )
        )


def _deals_table(words: Words, named: Mapping[str, Texts]) -> Table[PastDeal]:
    standings = [Choice(one, words.say(f"web.overview.standing.{one}")) for one in (BELOW, ABOVE, LOST)]
    traps = [Choice(one, words.say(f"web.overview.trap.{one}")) for one in (PUSHED_UP, PASSED_OVER)]
    return Table(
        caption="web.overview.deals",
        sort="closed_at",
        columns=columns(),
        filters=(
            Filter("month", "web.overview.month", _as_they_are(named["month"], newest_first=True)),
            Filter("seller_id", "web.deals.seller", _as_they_are(named["seller_id"])),
            Filter("standing", "web.overview.standing", standings),
            Filter("trap", "web.overview.trap", traps),
        ),
        rows_a_page=25,
    )


def _as_they_are(values: Texts, *, newest_first: bool = False) -> Sequence[Choice]:
    known = sorted({one for one in values if one is not None}, reverse=newest_first)
    return [Choice(one, one) for one in known]


def _sellers_table() -> Table[Seller]:
    return Table(
        caption="web.overview.sellers",
        sort="profit",
        prefix="sellers-",
        rows_a_page=20,
        columns=(
            Column(name="name", heading="web.deals.seller", show=_seller, value=lambda one: one.name),
            count("closed", "web.overview.closed", lambda one: one.closed),
            count("won", "web.overview.won", lambda one: one.won),
            money("profit", "web.past.profit", lambda one: one.profit),
            money("a_worked_deal", "web.overview.a_worked_deal", lambda one: one.profit / one.closed),
            money("stated", "web.overview.stated", lambda one: one.stated),
            money("realised", "web.overview.realised", lambda one: one.realised),
            share("kept", "web.overview.kept", _kept),
            Column(
                name="money_first",
                heading="web.overview.order",
                show=_order,
                value=lambda one: one.money_first,
                is_number=True,
            ),
        ),
    )


def _kept(seller: Seller) -> float | None:
    """Return what share of the stated profit came."""
    return seller.realised / seller.stated if seller.stated > 0 else None


def _seller(seller: Seller, words: Words) -> Cell:
    if seller.name is None:
        return Cell(words.say("web.overview.no_seller"))
    return Cell(seller.name, href=f"?{urlencode({'seller_id': seller.name})}#deals")


def _order(seller: Seller, words: Words) -> Cell:
    share = seller.money_first
    if share is None:
        return Cell(words.share(None))
    code = "none" if abs(share - CHANCE) < IN_ORDER else "money" if share > CHANCE else "small"
    return Cell(words.share(share), beside=words.say(f"web.overview.order.{code}"), tone=ORDER_TONES[code])
