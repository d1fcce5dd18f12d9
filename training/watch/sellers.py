"""What sellers say a deal will bring against what it brought: an optimist's deals clear the floor on paper only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from mlscore.ports import AskedDeal
from mlscore.scoring.comparison import bootstrap
from mlscore.scoring.deal import MINOR_UNITS, Deals, Floats, Status
from mlscore.scoring.economics import BASES
from mlscore.scoring.verdict import judge
from training.watch.limits import Limits
from training.watch.material import Material
from training.watch.observation import Observation, Standing, worst

EVERYONE = "(everyone)"
LEVEL = 0.99
DAYS_BACK = 365
"""How far before the newest outcome a won deal still tells of a seller."""

_ROUNDS = 1000
_STATED = (BASES.index("given"), BASES.index("amount_less_cost"))
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerProfit:
    """A seller's won deals: stated and realised profit in whole units, and their ratio with its 99 % interval.

    `others` is the same ratio of everybody else, None where they have too few deals: then 1 is what is expected.
    """

    seller: str
    deals: int
    stated: float
    realised: float
    ratio: float
    low: float
    high: float
    others: float | None


def sellers_of(material: Material, limits: Limits, *, seed: int = 0) -> tuple[SellerProfit, ...]:
    """Compare stated and realised profit of won deals, everyone's first and then by seller, the worst first."""
    told = _won(material)
    if len(told.stated) < limits.won_min:
        return ()
    everyone = _compared(EVERYONE, told, np.ones(len(told.stated), dtype=np.bool_), limits, seed)
    names = [str(name) for name in np.unique(told.sellers) if name]
    members = {name: told.sellers == name for name in names}
    each = [_compared(n, told, rows, limits, seed) for n, rows in members.items() if rows.sum() >= limits.won_min]
    return everyone, *sorted(each, key=lambda seller: seller.ratio)


def standing_of(seller: SellerProfit, limits: Limits) -> Standing:
    """Grade a seller: by the upper end of the interval, against what the others' figures are worth."""
    best = seller.high / (seller.others if seller.others is not None and seller.others > 0 else 1.0)
    return Standing.ALARM if best < limits.profit_alarm else Standing.WARN if best < limits.profit_warn else Standing.OK


def sellers_observed(found: Sequence[SellerProfit], material: Material, limits: Limits) -> Observation:
    """Say whose stated profits do not come in."""
    if not found:
        sentence = (
            f"Fewer than {limits.won_min:.0f} won deals have both a stated and a realised profit: record both to learn "
            "whose figures come true."
        )
        return Observation(check="profit", standing=Standing.CANNOT_SAY, sentence=sentence)
    everyone, currency = found[0], material.policy.currency
    raised = [seller for seller in found if standing_of(seller, limits) is not Standing.OK]
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
    return Observation(
        check="profit", standing=worst(standing_of(seller, limits) for seller in found), sentence=sentence
    )


@dataclass(frozen=True, slots=True)
class _Won:
    sellers: np.ndarray[tuple[int], np.dtype[np.str_]]
    stated: Floats
    realised: Floats


def _won(material: Material) -> _Won:
    """Return the won deals of the last year whose profit somebody stated and somebody recorded."""
    closed = list(_with_profit(material))
    economy = judge(Deals([one.deal for one, _ in closed]), material.policy).economy
    rows = np.isin(economy.basis, _STATED)
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


def _compared(seller: str, told: _Won, rows: np.ndarray, limits: Limits, seed: int) -> SellerProfit:
    stated, realised = told.stated[rows], told.realised[rows]
    interval = bootstrap(
        lambda drawn: _ratio(stated[drawn], realised[drawn]), len(stated), rounds=_ROUNDS, level=LEVEL, seed=seed
    )
    others = ~rows
    return SellerProfit(
        seller=seller,
        deals=len(stated),
        stated=float(stated.sum()) / MINOR_UNITS,
        realised=float(realised.sum()) / MINOR_UNITS,
        ratio=interval.value,
        low=interval.low,
        high=interval.high,
        others=_ratio(told.stated[others], told.realised[others]) if others.sum() >= limits.won_min else None,
    )


def _ratio(stated: Floats, realised: Floats) -> float:
    total = float(stated.sum())
    return float(realised.sum()) / total if total > 0 else float("nan")


def _told(seller: SellerProfit) -> str:
    others = "" if seller.others is None else f", the others' {seller.others:.0%}"
    return (
        f"{seller.seller} ({seller.deals} deals, {seller.ratio:.0%} of {seller.stated:,.0f}, at most {seller.high:.0%}"
        f"{others})"
    )
