"""Where a firm's money was: month by month against the floor, by seller, and in the small deals that are easily won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.comparison import Labels
from mlscore.scoring.deal import Floats, Texts
from mlscore.service.looking_back.past import Past

BANDS = 5
"""Into so many bands of size deals are put, to see how often their like were won."""

LIKE = 5.0
"""How many average deals the win rate of a few like ones is mixed with."""

RECENT = 1_000
"""Of each seller so many deals, the newest, say in what order deals are taken."""


@dataclass(frozen=True, slots=True)
class Month:
    """The deals that closed in one month; `profit` in minor units."""

    name: str
    closed: int
    won: int
    below_floor: int
    profit: float

    @property
    def a_won_deal(self) -> float | None:
        """What a won deal brought on average."""
        return self.profit / self.won if self.won else None

    @property
    def a_worked_deal(self) -> float:
        """What a deal brought on average, won or lost."""
        return self.profit / self.closed


@dataclass(frozen=True, slots=True)
class Seller:
    """One seller's closed deals: what he said the won ones would bring, and what they brought; minor units.

    `money_first` is how many of the deals he had in hand were worth less than the one he closed, 0-1 on average: 0.5 is
    no order, None where there is too little to say.
    """

    name: str | None
    closed: int
    won: int
    stated: float
    realised: float
    profit: float
    money_first: float | None


@dataclass(frozen=True, slots=True)
class Side:
    """Deals one order prefers and the other does not: how many, how many won and paid, what they brought in all.

    `net` is their profit less what working so many deals cost; minor units.
    """

    deals: int
    won: int
    paid: int
    profit: float
    net: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All of it.

    `pushed_up` are the deals a win-score puts into its better half and the profit-score does not, `passed_over` those
    the other way round. `month_of` names each deal's month of closing, `trap_of` its side, None for neither.
    """

    months: Sequence[Month]
    sellers: Sequence[Seller]
    pushed_up: Side | None
    passed_over: Side | None
    month_of: Texts
    trap_of: Texts


def overview_of(past: Past) -> Overview:
    """Work out the overview of a past."""
    month_of, trap_of = _months_of_closing(past), _traps(past)
    return Overview(
        months=_months(past, month_of),
        sellers=_sellers(past),
        pushed_up=_side(past, trap_of == PUSHED_UP),
        passed_over=_side(past, trap_of == PASSED_OVER),
        month_of=month_of,
        trap_of=trap_of,
    )


PUSHED_UP, PASSED_OVER = "pushed_up", "passed_over"
BELOW, ABOVE, LOST = "below", "above", "lost"


def standing_of(past: Past) -> Texts:
    """Return of each deal whether it was won below the floor or at least at it, or lost."""
    is_below = past.profit < past.policy.economics.floor_profit
    return np.where(past.won, np.where(is_below, BELOW, ABOVE), LOST).astype(object)


def win_score(past: Past) -> Floats:
    """Return how often other deals of the same grade and size were won: what a score of winning alone goes by.

    Each deal's own end is left out; few like deals count together with the average one.
    """
    size = np.nan_to_num(past.judged.economy.profit, nan=-1.0)
    edges = np.unique(np.quantile(size, np.linspace(0, 1, BANDS + 1)[1:-1])) if len(size) else size
    like = past.judged.bant.official * (BANDS + 1) + np.searchsorted(edges, size, side="right")
    _, group = np.unique(like, return_inverse=True)
    deals, won = np.bincount(group)[group] - 1, np.bincount(group, weights=past.won)[group] - past.won
    return np.asarray((won + LIKE * past.won.mean()) / (deals + LIKE), dtype=np.float64)


def _traps(past: Past) -> Texts:
    found = np.full(len(past), None, dtype=object)
    rows = np.flatnonzero(past.answered)
    if len(rows):
        by_win, by_profit = (_better_half(score[rows]) for score in (win_score(past), past.probability))
        found[rows[by_win & ~by_profit]] = PUSHED_UP
        found[rows[by_profit & ~by_win]] = PASSED_OVER
    return found


def _better_half(score: Floats) -> Labels:
    order = np.argsort(-score, kind="stable")
    better = np.zeros(len(score), dtype=np.bool_)
    better[order[: len(order) // 2]] = True
    return better


def _side(past: Past, which: NDArray[np.bool_]) -> Side | None:
    deals = int(which.sum())
    if not deals:
        return None
    profit = float(past.profit[which].sum())
    net = profit - deals * past.policy.economics.cost_per_worked_deal
    return Side(deals, int(past.won[which].sum()), int(past.paid[which].sum()), profit, net)


def _months_of_closing(past: Past) -> Texts:
    zone = ZoneInfo(past.policy.timezone)
    days = (None if np.isnan(at) else datetime.fromtimestamp(at, zone) for at in past.closed_at)
    return np.array([None if day is None else f"{day.year}-{day.month:02}" for day in days], dtype=object)


def _months(past: Past, month_of: Texts) -> Sequence[Month]:
    is_below, found = standing_of(past) == BELOW, []
    for name in sorted({one for one in month_of if one is not None}):
        mine = month_of == name
        found.append(
            Month(
                name=name,
                closed=int(mine.sum()),
                won=int(past.won[mine].sum()),
                below_floor=int(is_below[mine].sum()),
                profit=float(past.profit[mine].sum()),
            )
        )
    return found


def _sellers(past: Past) -> Sequence[Seller]:
    names, stated = past.deals.texts("seller_id"), past.judged.economy.profit
    worth = np.where(np.isnan(past.expected_profit), stated, past.expected_profit)
    found = []
    for name in dict.fromkeys(names):
        mine = names == name
        told = mine & past.won & ~np.isnan(stated)
        found.append(
            Seller(
                name=name,
                closed=int(mine.sum()),
                won=int(past.won[mine].sum()),
                stated=float(stated[told].sum()),
                realised=float(past.profit[told].sum()),
                profit=float(past.profit[mine].sum()),
                money_first=_money_first(past, np.flatnonzero(mine)[-RECENT:], worth),
            )
        )
    return sorted(found, key=lambda one: -one.profit)


def _money_first(past: Past, rows: NDArray[np.intp], worth: Floats) -> float | None:
    """Return what share of the deals in hand was worth less than the one that was closed, on average."""
    known = rows[~np.isnan(worth[rows]) & ~np.isnan(past.as_of[rows]) & ~np.isnan(past.closed_at[rows])]
    begun, ended, value = past.as_of[known], past.closed_at[known], worth[known]
    # A row for each deal closed, a column for each deal in hand at that moment.
    in_hand = (begun[None, :] <= ended[:, None]) & (ended[None, :] >= ended[:, None])
    np.fill_diagonal(in_hand, val=False)
    others = in_hand.sum(axis=1)
    less = (in_hand & (value[None, :] < value[:, None])).sum(axis=1)
    same = (in_hand & (value[None, :] == value[:, None])).sum(axis=1)
    counts = others > 0
    return float(((less + same / 2)[counts] / others[counts]).mean()) if counts.any() else None
