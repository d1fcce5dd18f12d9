"""Rules and model held against each other on a firm's past: who is right, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.comparison import (
    Comparison,
    Contender,
    Interval,
    Labels,
    bootstrap,
    compare,
    deals_the_team_can_work,
    profit_captured,
    profit_curve,
)
from mlscore.scoring.deal import Floats, Texts
from mlscore.scoring.rules import GRADES
from mlscore.service.looking_back.past import Past

Answers: TypeAlias = Literal["all", "live", "backtest"]
"""Which of the model's answers: given live when a deal was scored, or in a backtest of the champion."""

Scorer: TypeAlias = Literal["rules", "model", "both", "oracle", "random"]

POINTS, BINS = 21, 10
MANY_DEALS, ROUNDS, ROUNDS_OF_MANY = 10_000, 200, 60
"""Of many deals fewer resamples say as much: their figures scatter less."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Deals of like probability: how many, what was said on average, and what share paid."""

    deals: int
    said: float
    seen: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Rules, model and both together on the same closed deals, those at `rows` of the past; money in minor units.

    `worked` is how many the team could have worked (`all_workable`: half of them, where it could have worked them
    all); `curves` are cumulative profits when the best 0, 1, ... n deals of each scorer are worked.
    """

    rows: NDArray[np.intp]
    live: int
    worked: int
    all_workable: bool
    comparison: Comparison
    curves: Mapping[Scorer, Floats]
    bins: Sequence[Bin]


@dataclass(frozen=True, slots=True)
class Gap:
    """How much more profit the model's best deals brought than the rules', minor units.

    `model_ahead` is in what share of resamples it was more.
    `leader` is who is ahead in at least 95 of 100 resamples, None where chance could have done it.
    """

    profit: Interval
    model_ahead: float

    @property
    def leader(self) -> Literal["rules", "model"] | None:
        """Who is ahead beyond chance."""
        if self.model_ahead >= SURE:
            return "model"
        return "rules" if self.model_ahead <= 1 - SURE else None


SURE = 0.95


def contest_of(past: Past, answers: Answers = "all") -> Contest | None:
    """Hold rules against model on the deals that the model, too, answered for; None where there are none."""
    rows = np.flatnonzero(among(past, answers))
    if not len(rows):
        return None
    profit, paid = past.profit[rows], past.paid[rows]
    ranks = ranks_of(past, rows)
    month = past.policy.economics.deals_worked
    worked = deals_the_team_can_work(past.as_of[rows], deals_a_month=month)
    chances = past.probability[rows]
    contenders = tuple(
        Contender(name=name, rank=rank, probability=chances if name == "model" else None)
        for name, rank in ranks.items()
    )
    rounds = ROUNDS if len(rows) <= MANY_DEALS else ROUNDS_OF_MANY
    agreements = [past.agreements[int(row)] for row in rows]
    comparison = compare(contenders, labels=paid, profit=profit, agreements=agreements, worked=worked, rounds=rounds)
    curves: dict[Scorer, Floats] = {name: profit_curve(rank, profit) for name, rank in ranks.items()}
    curves["oracle"] = profit_curve(profit, profit)
    curves["random"] = np.arange(len(rows) + 1) * profit.mean()
    return Contest(
        rows=rows,
        live=int(past.is_live[rows].sum()),
        worked=worked,
        all_workable=worked == len(rows) // 2,
        comparison=comparison,
        curves=curves,
        bins=_bins(chances, paid),
    )


def among(past: Past, answers: Answers) -> Labels:
    """Tell which deals the model answered for in this way."""
    if answers == "all":
        return past.answered
    return past.answered & (past.is_live if answers == "live" else ~past.is_live)


def ranks_of(past: Past, rows: NDArray[np.intp]) -> dict[Scorer, Floats]:
    """Return by what each scorer orders the deals, the higher the sooner; both together by their mean rank."""
    rules, model = past.judged.rank[rows], past.probability[rows]
    return {"rules": rules, "model": model, "both": (_places(rules) + _places(model)) / 2}


def gap_of(past: Past, rows: NDArray[np.intp], *, share: float) -> Gap:
    """Return what the model's best `share` of these deals brought more than the rules', by paired resamples."""
    ranks, profit = ranks_of(past, rows), past.profit[rows]
    rules, model = _resampled(ranks["rules"], profit), _resampled(ranks["model"], profit)
    drawn: list[float] = []

    def more(picked: NDArray[np.intp]) -> float:
        counts = np.bincount(picked, minlength=len(rows))
        gap = model(counts, share * len(picked)) - rules(counts, share * len(picked))
        drawn.append(gap)
        return gap

    interval = bootstrap(more, len(rows), rounds=ROUNDS)
    resamples = np.array(drawn[:ROUNDS])
    return Gap(interval, float((resamples > 0).mean() + (resamples == 0).mean() / 2))


@dataclass(frozen=True, slots=True)
class Part:
    """The deals that have one value: who earned what with the best `share` of them, minor units."""

    name: str | None
    deals: int
    paid: int
    profit: float
    rules: float
    model: float


By: TypeAlias = Literal["quarter", "product_category", "source", "grade", "seller_id"]
WAYS: tuple[By, ...] = get_args(By)


def names_by(past: Past, by: By) -> Texts:
    """Return which part each deal of the past belongs to, None where that is not known."""
    if by == "grade":
        return np.array([one.value for one in GRADES], dtype=object)[past.judged.bant.official]
    if by != "quarter":
        return past.deals.texts(by)
    zone = ZoneInfo(past.policy.timezone)
    days = [None if np.isnan(at) else datetime.fromtimestamp(at, zone) for at in past.as_of]
    return np.array([None if day is None else f"{day.year} Q{(day.month + 2) // 3}" for day in days], dtype=object)


def parts_of(past: Past, rows: NDArray[np.intp], names: Texts, *, share: float) -> Sequence[Part]:
    """Part the deals by `names`, one a deal of the past; by name, the unknown last."""
    mine = names[rows]
    found = []
    for name in dict.fromkeys(mine):
        some = rows[mine == name]
        ranks, profit = ranks_of(past, some), past.profit[some]
        worked = round(share * len(some))
        by = {who: profit_captured(ranks[who], profit, worked=worked) for who in ("rules", "model")}
        found.append(Part(name, len(some), int(past.paid[some].sum()), float(profit.sum()), by["rules"], by["model"]))
    return sorted(found, key=lambda part: (part.name is None, part.name or ""))


def points(curve: Floats, *, at_most: int = POINTS) -> NDArray[np.intp]:
    """Return at how many worked deals a curve is drawn: evenly from none to all."""
    return np.unique(np.linspace(0, len(curve) - 1, at_most).round().astype(np.intp))


def _places(values: Floats) -> Floats:
    """Return each value's place from the lowest, 0-1; equal values share one."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse] / len(values), dtype=np.float64)


def _resampled(rank: Floats, profit: Floats) -> Callable[[NDArray[np.intp], float], float]:
    """Return `profit_captured` of a resample, told as how often each deal was drawn: nothing is sorted again."""
    _, group = np.unique(-rank, return_inverse=True)
    groups = int(group.max()) + 1

    def captured(counts: NDArray[np.intp], worked: float) -> float:
        size = np.bincount(group, weights=counts, minlength=groups)
        money = np.bincount(group, weights=counts * profit, minlength=groups)
        ends = np.concatenate([[0.0], np.cumsum(size)])
        return float(np.interp(round(worked), ends, np.concatenate([[0.0], np.cumsum(money)])))

    return captured


def _bins(chances: Floats, paid: Labels) -> Sequence[Bin]:
    order = np.argsort(chances, kind="stable")
    groups = np.array_split(order, min(BINS, len(order)))
    return [Bin(len(one), float(chances[one].mean()), float(paid[one].mean())) for one in groups]
