"""What sellers say a deal will bring against what it brought: an optimist's deals clear the floor on paper only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from mlscore.ports import AskedDeal
from mlscore.scoring.comparison import bootstrap
from mlscore.scoring.deal import MINOR_UNITS, Deals, Floats, Status
from mlscore.scoring.verdict import judge
from training.readings import is_stated
from training.watch.limits import Limits
from training.watch.material import Material
from training.watch.observation import Observation, Standing, worst

EVERYONE = "(everyone)"
LEVEL = 0.99
DAYS_BACK = 365
"""How far before the newest outcome a won deal still tells of a seller."""

_ROUNDS = 1000
_DRAWS = 20_000
_DRAWN_AT_ONCE = 1_000_000
_BOUNDS = (-1.0, 3.0)
_NEXT_TO_NOTHING = 0.01
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerProfit:
    """A seller's won deals: stated and realised profit in whole units, and their ratio with its 99 % interval.

    `others` is the same ratio of everybody else, None where they have too few deals. `p` is how often the ratio would
    be so low if everybody's figures were worth the same, None for everyone together.
    """

    seller: str
    deals: int
    stated: float
    realised: float
    ratio: float
    low: float
    high: float
    others: float | None
    p: float | None = None


def sellers_of(material: Material, limits: Limits, *, seed: int = 0) -> tuple[SellerProfit, ...]:
    """Compare stated and realised profit of won deals, everyone's first and then by seller, the worst first."""
    told = _won(material)
    if len(told.stated) < limits.won_min:
        return ()
    names = [str(name) for name in np.unique(told.sellers) if name]
    members = {EVERYONE: np.ones(len(told.stated), dtype=np.bool_)} | {name: told.sellers == name for name in names}
    everyone, *each = [
        _compared(name, told, rows, limits, seed) for name, rows in members.items() if rows.sum() >= limits.won_min
    ]
    return everyone, *sorted(each, key=lambda seller: seller.ratio)


def seller_standing(seller: SellerProfit, limits: Limits, *, among: int) -> Standing:
    """Grade a seller `among` so many against the others, and everyone together against what was stated."""
    worth = seller.high if seller.others is None else seller.ratio / max(seller.others, _NEXT_TO_NOTHING)
    if seller.p is not None and seller.p >= limits.chance / max(among, 1):
        return Standing.OK
    if worth >= limits.profit_warn:
        return Standing.OK
    return Standing.ALARM if worth < limits.profit_alarm else Standing.WARN


def sellers_observed(found: Sequence[SellerProfit], material: Material, limits: Limits) -> Observation:
    """Say whose stated profits do not come in."""
    if not found:
        sentence = (
            f"Fewer than {limits.won_min:.0f} won deals have both a stated and a realised profit: record both to learn "
            "whose figures come true."
        )
        return Observation(check="profit", standing=Standing.CANNOT_SAY, sentence=sentence)
    everyone, currency = found[0], material.policy.currency
    grades = [seller_standing(seller, limits, among=len(found) - 1) for seller in found]
    raised = [seller for seller, standing in zip(found, grades, strict=True) if standing is not Standing.OK]
    whole = (
        f"{everyone.deals} won deals were to bring {everyone.stated:,.0f} {currency} and brought "
        f"{everyone.realised:,.0f} ({everyone.ratio:.0%})"
    )
    named = "; ".join(_told(seller) for seller in raised[:_NAMED]) + ("; ..." if len(raised) > _NAMED else "")
    sentence = (
        f"{whole}, and no seller's figures stand out: nothing to do."
        if not raised
        else f"{whole}, and the figures of {named} do not come true: hold them against the costs before the floor."
    )
    return Observation(check="profit", standing=worst(grades), sentence=sentence)


@dataclass(frozen=True, slots=True)
class _Won:
    sellers: np.ndarray[tuple[int], np.dtype[np.str_]]
    stated: Floats
    realised: Floats


def _won(material: Material) -> _Won:
    """Return the won deals of the last year that were said to bring a profit, and what they brought."""
    closed = list(_with_profit(material))
    economy = judge(Deals([one.deal for one, _ in closed]), material.policy).economy
    rows = is_stated(economy)
    return _Won(
        sellers=np.array([one.deal.seller_id or "" for one, _ in closed], dtype=np.str_)[rows],
        stated=economy.profit[rows],
        realised=np.array([profit for _, profit in closed], dtype=np.float64)[rows],
    )


def _with_profit(material: Material) -> Iterator[tuple[AskedDeal, int]]:
    newest = max(
        (one.outcome.known_at for one in material.closed if one.outcome and one.outcome.known_at), default=None
    )
    for one in material.closed:
        said = one.outcome
        if said is None or said.status is not Status.WON or said.realised_profit is None:
            continue
        if newest is None or said.known_at is None or newest - said.known_at <= timedelta(days=DAYS_BACK):
            yield one, said.realised_profit


def _compared(seller: str, told: _Won, rows: NDArray[np.bool_], limits: Limits, seed: int) -> SellerProfit:
    stated, realised = told.stated[rows], told.realised[rows]
    interval = bootstrap(
        lambda drawn: _ratio(stated[drawn], realised[drawn]), len(stated), rounds=_ROUNDS, level=LEVEL, seed=seed
    )
    others = ~rows
    is_comparable = bool(others.sum() >= limits.won_min)
    return SellerProfit(
        seller=seller,
        deals=len(stated),
        stated=float(stated.sum()) / MINOR_UNITS,
        realised=float(realised.sum()) / MINOR_UNITS,
        ratio=interval.value,
        low=interval.low,
        high=interval.high,
        others=_ratio(told.stated[others], told.realised[others]) if is_comparable else None,
        p=_how_often_so_low(told, rows, seed=seed) if is_comparable else None,
    )


def _ratio(stated: Floats, realised: Floats) -> float:
    return float(realised.sum()) / float(stated.sum())


def _how_often_so_low(told: _Won, rows: NDArray[np.bool_], *, seed: int) -> float:
    """Return how often this seller's deals would bring so little if each came true as anybody's may.

    His deals keep their stated profits, and each draws how far it came true from the deals of everybody. One giant
    shortfall or windfall does not count beyond its bounds.
    """
    came_true = np.clip(told.realised / told.stated, *_BOUNDS)
    weight = told.stated[rows] / told.stated[rows].sum()
    own, rng = float(came_true[rows] @ weight), np.random.default_rng(seed)
    batch = max(_DRAWN_AT_ONCE // len(weight), 1)
    lower = sum(
        int((came_true[rng.integers(0, len(came_true), (min(batch, _DRAWS - at), len(weight)))] @ weight <= own).sum())
        for at in range(0, _DRAWS, batch)
    )
    return (lower + 1) / (_DRAWS + 1)


def _told(seller: SellerProfit) -> str:
    others = "" if seller.others is None else f", the others' {seller.others:.0%}"
    return f"{seller.seller} ({seller.deals} deals, {seller.ratio:.0%} of {seller.stated:,.0f}{others})"
