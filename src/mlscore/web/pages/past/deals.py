"""Closed deals of a firm's past as the source of a table: sorted and filtered as columns, a page written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Texts
from mlscore.scoring.receipt import Grade, Verdict
from mlscore.scoring.rules import GRADES
from mlscore.scoring.verdict import VERDICTS
from mlscore.service.looking_back import Past
from mlscore.web.pages.deals import action_cell, status_cell
from mlscore.web.tables import Asked, Cell, Column
from mlscore.web.tables.column import money
from mlscore.web.words import Words

UNKNOWN = "-"
"""Stands for an unknown value where deals are filtered."""


@dataclass(frozen=True, slots=True)
class PastDeal:
    """One closed deal; money in minor units, None unknown."""

    deal_id: str
    seller_id: str | None
    verdict: Verdict
    grade: Grade
    probability: float | None
    expected_profit: float | None
    won: bool
    profit: float
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PastDeals:
    """The deals at `rows` of a past; `named` are the columns filters ask of, one value a deal of the past."""

    past: Past
    rows: NDArray[np.intp]
    named: Mapping[str, Texts]

    def count(self, asked: Asked) -> int:
        """Return how many deals there are."""
        return len(self._found(asked))

    def read(self, asked: Asked, *, first: int, at_most: int) -> Sequence[PastDeal]:
        """Return the deals from the position `first` on, unknown values last."""
        found = self._found(asked)
        values = _SORTED_BY[asked.sort](self.past)[found]
        order = np.lexsort((found, -values if asked.descending else values))
        return [_deal(self.past, int(row)) for row in found[order][first : first + at_most]]

    def _found(self, asked: Asked) -> NDArray[np.intp]:
        is_in = np.ones(len(self.rows), dtype=np.bool_)
        for name, value in asked.filters.items():
            is_in &= self.named[name][self.rows] == (None if value == UNKNOWN else value)
        return self.rows[is_in]


def columns() -> Sequence[Column[PastDeal]]:
    """Return what is shown of a closed deal."""
    return (
        Column(name="deal_id", heading="web.deals.deal", show=_link, value=lambda one: one.deal_id, sorts=False),
        Column(
            name="verdict",
            heading="web.past.rules",
            show=lambda one, words: action_cell(one.verdict, words),
            value=lambda one: one.verdict,
            sorts=False,
        ),
        Column(
            name="grade",
            heading="web.deals.grade",
            show=lambda one, words: Cell(words.name("web.grade", one.grade), tone="rules"),
            value=lambda one: one.grade,
        ),
        Column(
            name="probability",
            heading="web.deals.probability",
            show=lambda one, words: Cell(words.share(one.probability), tone="model"),
            value=lambda one: one.probability,
            is_number=True,
        ),
        money("expected_profit", "web.deals.expected_profit", lambda one: one.expected_profit),
        Column(
            name="won",
            heading="web.deals.status",
            show=lambda one, words: status_cell("won" if one.won else "lost", words),
            value=lambda one: "won" if one.won else "lost",
        ),
        money("profit", "web.past.profit", lambda one: one.profit),
        Column(
            name="closed_at",
            heading="web.past.closed",
            show=lambda one, words: words.day(one.closed_at),
            value=lambda one: one.closed_at,
            is_moment=True,
        ),
    )


def _link(one: PastDeal, _: Words) -> Cell:
    return Cell(one.deal_id, href=f"/deals/{quote(one.deal_id, safe='')}", beside=one.seller_id or "")


_SORTED_BY: Mapping[str, Callable[[Past], NDArray[Any]]] = {
    "grade": lambda past: past.judged.bant.official.astype(np.float64),
    "probability": lambda past: past.probability,
    "expected_profit": lambda past: past.expected_profit,
    "won": lambda past: past.won.astype(np.float64),
    "profit": lambda past: past.profit,
    "closed_at": lambda past: past.closed_at,
    "stake": lambda past: np.abs(past.profit - past.policy.economics.cost_per_worked_deal),
}


def _deal(past: Past, row: int) -> PastDeal:
    return PastDeal(
        deal_id=past.deal_ids[row],
        seller_id=past.deals.texts("seller_id")[row],
        verdict=VERDICTS[past.judged.verdict[row]],
        grade=GRADES[past.judged.bant.official[row]],
        probability=_known(past.probability[row]),
        expected_profit=_known(past.expected_profit[row]),
        won=bool(past.won[row]),
        profit=float(past.profit[row]),
        closed_at=None if np.isnan(past.closed_at[row]) else datetime.fromtimestamp(past.closed_at[row], UTC),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
