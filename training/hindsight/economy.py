"""What a firm's closed deals say of its money: size against profit, the floor, and what sellers stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.comparison import Interval, bootstrap
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.policy import Policy
from training.dataset import Table
from training.readings import Mask, is_stated, ranges

BANDS = 5
_OF_EVERY_SIZE = "all sizes"
_OF_NO_SIZE = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the policy asks of a deal, in whole units of its currency."""

    overhead_month: float
    closed_capacity: int
    floor: float
    worked_capacity: int
    cost_per_worked_deal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeBand:
    """Closed deals of like amount: how often they are won, and what working one brings, in whole units."""

    amount: str
    deals: int
    won: float
    profitable: float
    profit_a_deal: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BelowFloor:
    """Won deals that brought less than the floor; `short` is what they lack to it, in whole units."""

    won: int
    below: int
    share: float
    brought: float
    short: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A seller's won deals: what he stated they would bring and what they brought, in whole units.

    `kept` is realised over stated, with its 90 % bootstrap interval over deals.
    """

    seller: str
    won: int
    stated: float
    realised: float
    kept: Interval


def terms_of(policy: Policy) -> Terms:
    """Return what the policy's overhead and capacities make of a deal."""
    economics = policy.economics
    return Terms(
        overhead_month=economics.overhead_month / MINOR_UNITS,
        closed_capacity=economics.closed_capacity,
        floor=economics.floor_profit / MINOR_UNITS,
        worked_capacity=economics.deals_worked,
        cost_per_worked_deal=economics.cost_per_worked_deal / MINOR_UNITS,
    )


def size_bands(table: Table, *, bands: int = BANDS) -> tuple[SizeBand, ...]:
    """Return the closed deals by amount, small to large, in bands of about equal size, then all of them.

    Before the last stand those of unknown amount, where there are some: the bands add up to all. Empty where no profit
    is recorded or amounts are not known.
    """
    amount = table.judged.economy.amount / MINOR_UNITS
    known = ~np.isnan(amount)
    if not table.has_profit or not known.any():
        return ()
    parts = [*ranges(amount, count=bands), (_OF_NO_SIZE, ~known), (_OF_EVERY_SIZE, np.ones_like(known))]
    return tuple(_band(table, label, among) for label, among in parts if among.any())


def below_the_floor(table: Table) -> BelowFloor | None:
    """Count the won deals that did not bring the floor; None where no profit is recorded or nothing was won."""
    if not table.has_profit or not table.won.any():
        return None
    profit, floor = table.profit[table.won], table.policy.economics.floor_profit
    below = profit < floor
    return BelowFloor(
        won=len(profit),
        below=int(below.sum()),
        share=float(below.mean()),
        brought=float(profit[below].sum()) / MINOR_UNITS,
        short=float((floor - profit[below]).sum()) / MINOR_UNITS,
    )


def promises(table: Table, *, won_min: int = 10) -> tuple[Promise, ...]:
    """Hold what sellers stated against what came, those first who kept least.

    Sellers with fewer won deals are left out, and all where no profit is recorded.
    """
    stated = table.judged.economy.profit
    is_told = table.won & is_stated(table.judged.economy)
    if not table.has_profit:
        return ()
    sellers = table.deals.texts("seller_id")
    named = sorted({name for name in sellers[is_told].tolist() if name is not None})
    chosen = [(name, np.flatnonzero(is_told & (sellers == name))) for name in named]
    found = [_promise(table, stated, name, rows) for name, rows in chosen if len(rows) >= won_min]
    return tuple(sorted(found, key=lambda one: one.kept.value))


def _promise(table: Table, stated: Floats, seller: str, rows: NDArray[np.intp]) -> Promise:
    said, came = stated[rows] / MINOR_UNITS, table.profit[rows] / MINOR_UNITS
    return Promise(
        seller=seller,
        won=len(rows),
        stated=float(said.sum()),
        realised=float(came.sum()),
        kept=bootstrap(lambda drawn: float(came[drawn].sum() / said[drawn].sum()), len(rows)),
    )


def _band(table: Table, label: str, among: Mask) -> SizeBand:
    return SizeBand(
        amount=label,
        deals=int(among.sum()),
        won=float(table.won[among].mean()),
        profitable=float(table.y[among].mean()),
        profit_a_deal=float(table.profit[among].mean()) / MINOR_UNITS,
    )
