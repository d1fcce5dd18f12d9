"""The target list, derived again from what the firm's own closed deals brought: the author did it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.comparison import Interval, Labels, bootstrap
from mlscore.scoring.deal import Floats
from mlscore.scoring.policy import Criterion
from mlscore.service.looking_back.disagreeing import worth_of
from mlscore.service.looking_back.past import Past

Advice: TypeAlias = Literal["add", "keep", "drop", "leave", "unsure"]

DEALS_AT_LEAST = 10
"""With fewer closed deals nothing is advised."""

SURE = 0.95
EDGES, ROUNDS = 40, 100
DEALS_FOR_A_THRESHOLD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Industry:
    """One industry's closed deals; money in minor units, less what working the deals cost.

    `code` is None for deals whose industry no list knows. `a_deal` is the mean with its 90 % interval, `sure` in what
    share of resamples it is above nothing.
    """

    code: str | None
    is_target: bool
    deals: int
    won: int
    paid: int
    net: float
    a_deal: Interval
    sure: float

    @property
    def advice(self) -> Advice:
        """What to do with it: only what at least 95 of 100 resamples agree on."""
        if self.code is None or self.deals < DEALS_AT_LEAST:
            return "unsure"
        if self.sure >= SURE:
            return "keep" if self.is_target else "add"
        if self.sure <= 1 - SURE:
            return "drop" if self.is_target else "leave"
        return "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A criterion on a number, and where the firm's own deals would draw its line.

    `best` is the value above which working the deals brought most, with the range of nine resamples in ten;
    `net_now` and `net_best` are what the deals above each brought less their work, minor units. None where the history
    is too short to say.
    """

    code: str
    field: str
    now: float
    deals: int
    best: Interval | None
    net_now: float
    net_best: float

    @property
    def advice(self) -> Literal["keep", "lower", "raise", "unsure"]:
        """Whether today's value lies where the deals would draw the line."""
        if self.best is None:
            return "unsure"
        if self.best.low <= self.now <= self.best.high:
            return "keep"
        return "lower" if self.best.value < self.now else "raise"


@dataclass(frozen=True, slots=True)
class Targets:
    """The industries, most money first, and the criteria on numbers."""

    industries: Sequence[Industry]
    thresholds: Sequence[Threshold]


def targets_of(past: Past) -> Targets:
    """Derive the target list of a past."""
    net = worth_of(past, np.arange(len(past)))
    listed, position = past.policy.industries, past.judged.facts.industry
    found = [
        _industry(past, net, position == place, one.code, is_target=one.target) for place, one in enumerate(listed)
    ]
    found.append(_industry(past, net, position == -1, None, is_target=False))
    numbers = [(one, now) for one in past.policy.criteria if (now := _least(one)) is not None]
    return Targets(
        industries=sorted((one for one in found if one.deals or one.is_target), key=lambda one: -one.net),
        thresholds=[_threshold(past, net, one, now) for one, now in numbers],
    )


def _industry(past: Past, net: Floats, which: Labels, code: str | None, *, is_target: bool) -> Industry:
    own, drawn = net[which], list[float]()

    def mean(rows: NDArray[np.intp]) -> float:
        drawn.append(float(own[rows].mean()))
        return drawn[-1]

    a_deal = bootstrap(mean, len(own), rounds=ROUNDS)
    return Industry(
        code=code,
        is_target=is_target,
        deals=len(own),
        won=int(past.won[which].sum()),
        paid=int(past.paid[which].sum()),
        net=float(own.sum()),
        a_deal=a_deal,
        sure=float(np.mean(np.array(drawn[:ROUNDS]) > 0)) if len(own) else 0.0,
    )


def _least(criterion: Criterion) -> float | None:
    """Return the number a criterion asks for at least, None where it asks for something else."""
    value = criterion.value
    if not isinstance(value, int | float) or isinstance(value, bool) or criterion.op not in {">", ">="}:
        return None
    return float(value)


def _threshold(past: Past, net: Floats, criterion: Criterion, now: float) -> Threshold:
    value = past.judged.facts.number(criterion.field)
    known = ~np.isnan(value)
    value, net = value[known], net[known]
    best, net_best = None, 0.0
    if len(value) >= DEALS_FOR_A_THRESHOLD:
        edges = np.unique(np.quantile(value, np.linspace(0, 1, EDGES, endpoint=False)))
        above = value[None, :] >= edges[:, None]
        place = _best_edge(above, net)
        drawn = bootstrap(lambda rows: float(edges[_best_edge(above[:, rows], net[rows])]), len(net), rounds=ROUNDS)
        best, net_best = Interval(float(edges[place]), drawn.low, drawn.high), float(net[above[place]].sum())
    is_in = value >= now if criterion.op == ">=" else value > now
    return Threshold(
        code=criterion.code,
        field=criterion.field,
        now=now,
        deals=len(value),
        best=best,
        net_now=float(net[is_in].sum()),
        net_best=net_best,
    )


def _best_edge(above: Labels, net: Floats) -> int:
    """Return at which edge the deals above bring most."""
    return int((above @ net).argmax())
