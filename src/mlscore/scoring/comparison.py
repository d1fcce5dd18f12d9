"""Rules and model on the same outcomes: ranks, calibration, money, and the deals they part on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import SECONDS_A_DAY, Floats
from mlscore.scoring.receipt import Agreement

Labels = NDArray[np.bool_]
Metric = Callable[[Labels, Floats], float]
Name = TypeVar("Name", bound=str)

DAYS_A_MONTH = 365.2425 / 12
_CERTAIN = 1e-15


def auc(labels: Labels, scores: Floats) -> float:
    """Return the chance that a positive ranks above a negative, ties counting half; NaN with one class only."""
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return np.nan
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[inverse]
    return float((ranks[labels].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def log_losses(labels: Labels, probabilities: Floats) -> Floats:
    """Return each deal's loss in nats."""
    bounded = np.clip(probabilities, _CERTAIN, 1 - _CERTAIN)
    return -np.where(labels, np.log(bounded), np.log1p(-bounded))


def log_loss(labels: Labels, probabilities: Floats) -> float:
    """Return the mean loss in nats; NaN without deals."""
    return float(log_losses(labels, probabilities).mean()) if len(labels) else np.nan


def brier(labels: Labels, probabilities: Floats) -> float:
    """Return the mean squared distance to the outcome; NaN without deals."""
    return float(np.mean((probabilities - labels) ** 2)) if len(labels) else np.nan


def average_precision(labels: Labels, scores: Floats) -> float:
    """Return precision averaged over recall, tied scores taken together; NaN without a positive."""
    if not labels.any():
        return np.nan
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order])
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    precision = hits[ends] / (ends + 1)
    recall = hits[ends] / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def calibration_error(labels: Labels, probabilities: Floats, *, bins: int = 10) -> float:
    """Return the expected calibration error over `bins` groups of equal size."""
    if not len(labels):
        return np.nan
    order = np.argsort(probabilities, kind="stable")
    groups = np.array_split(order, min(bins, len(order)))
    gaps = [abs(labels[g].mean() - probabilities[g].mean()) * len(g) for g in groups]
    return float(np.sum(gaps) / len(labels))


def profit_captured(scores: Floats, profit: Floats, *, worked: int) -> float:
    """Return the profit of the `worked` deals ranked highest; deals tied at the edge share what is left evenly."""
    return float(profit_curve(scores, profit)[min(worked, len(scores))])


def profit_curve(scores: Floats, profit: Floats) -> Floats:
    """Return cumulative profit when the best 0, 1, ... n deals are worked; within a tie, the tie's mean."""
    order = np.argsort(-scores, kind="stable")
    _, inverse, counts = np.unique(-scores[order], return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=profit[order]) / counts
    return np.concatenate([[0.0], np.cumsum(means[inverse])])


def deals_the_team_can_work(as_of: Floats, *, deals_a_month: int) -> int:
    """Return how many deals are worked where rankings are held against each other: the team's capacity, see below.

    Undated deals span one month. Where the team could have worked them all, half of them: with every deal worked no
    ranking is better than another.
    """
    able = _capacity(as_of, deals_a_month=deals_a_month)
    return able if able < len(as_of) else len(as_of) // 2


def capacity_short_of(as_of: Floats, *, deals_a_month: int) -> int | None:
    """Return how many of these deals the team could have worked: its capacity x the months they span.

    `as_of` in epoch seconds. None where it could have worked them all, or no deal is dated: nothing then says where
    its capacity ends.
    """
    able = _capacity(as_of, deals_a_month=deals_a_month)
    return None if np.isnan(as_of).all() or able >= len(as_of) else able


def team_can_work_all(as_of: Floats, *, deals_a_month: int) -> bool:
    """Tell whether the team could have worked every one of these deals, so that `deals_the_team_can_work` is half."""
    return _capacity(as_of, deals_a_month=deals_a_month) >= len(as_of)


def _capacity(as_of: Floats, *, deals_a_month: int) -> int:
    known = as_of[~np.isnan(as_of)]
    months = 1.0
    if len(known):
        months = max((known.max() - known.min()) / SECONDS_A_DAY / DAYS_A_MONTH, 1.0)
    return round(months * deals_a_month)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the bounds of its bootstrap interval."""

    value: float
    low: float
    high: float


def bootstrap(
    figure: Callable[[NDArray[np.intp]], float], deals: int, *, rounds: int = 200, level: float = 0.9, seed: int = 0
) -> Interval:
    """Return a figure of all deals with its percentile interval over `rounds` resamples of deals."""
    everyone = np.arange(deals)
    if not deals:
        return Interval(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    drawn = np.array([figure(rng.integers(0, deals, deals)) for _ in range(rounds)])
    drawn = drawn[~np.isnan(drawn)]
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail]) if len(drawn) else (np.nan, np.nan)
    return Interval(figure(everyone), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Swap:
    """One cell of rules x model: how many deals, how many paid, and their money in minor units."""

    deals: int
    hits: int
    profit: float


def swap_set(agreements: Sequence[Agreement], labels: Labels, profit: Floats) -> Mapping[Agreement, Swap]:
    """Return every cell of agreement with the money in it; `agreements` name each deal's cell."""
    return swap_of(agreements, get_args(Agreement), labels=labels, profit=profit)


def swap_of(
    named: Sequence[Name | None], cells: Sequence[Name], *, labels: Labels, profit: Floats
) -> Mapping[Name, Swap]:
    """Return these cells with the money in them; `named` has each deal's, None for none."""
    each = np.array(named, dtype=object)
    among = {name: each == name for name in cells}
    return {name: Swap(int(c.sum()), int(labels[c].sum()), float(profit[c].sum())) for name, c in among.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One scorer's figures on the deals compared; log loss and Brier only where it gives probabilities."""

    scorer: str
    auc: Interval
    average_precision: Interval
    profit_captured: Interval
    log_loss: Interval | None = None
    brier: Interval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One scorer's answers on the deals compared: what it ranks by, and its probabilities where it has them."""

    name: str
    rank: Floats
    probability: Floats | None = None


def scorecard(
    contender: Contender, *, labels: Labels, profit: Floats, worked: int, rounds: int = 200, seed: int = 0
) -> Scorecard:
    """Measure one scorer; every interval resamples the same deals in the same order for every scorer."""
    rank, probability = contender.rank, contender.probability
    share = worked / max(len(labels), 1)

    def over(metric: Metric, scores: Floats) -> Interval:
        return bootstrap(lambda rows: metric(labels[rows], scores[rows]), len(labels), rounds=rounds, seed=seed)

    def captured(rows: NDArray[np.intp]) -> float:
        return profit_captured(rank[rows], profit[rows], worked=round(share * len(rows)))

    return Scorecard(
        scorer=contender.name,
        auc=over(auc, rank),
        average_precision=over(average_precision, rank),
        profit_captured=bootstrap(captured, len(labels), rounds=rounds, seed=seed),
        log_loss=None if probability is None else over(log_loss, probability),
        brier=None if probability is None else over(brier, probability),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Rules and model side by side on the same closed deals; money in minor units."""

    deals: int
    positives: int
    worked: int
    oracle_profit: float
    random_profit: float
    scorecards: tuple[Scorecard, ...]
    swap: Mapping[Agreement, Swap]


def compare(
    contenders: tuple[Contender, ...],
    *,
    labels: Labels,
    profit: Floats,
    agreements: Sequence[Agreement],
    worked: int,
    rounds: int = 200,
) -> Comparison:
    """Measure every contender on the same deals; `profit` is realised, 0 where lost."""
    return Comparison(
        deals=len(labels),
        positives=int(labels.sum()),
        worked=worked,
        oracle_profit=profit_captured(profit, np.maximum(profit, 0.0), worked=worked),
        random_profit=float(profit.mean() * min(worked, len(profit))) if len(profit) else 0.0,
        scorecards=tuple(scorecard(c, labels=labels, profit=profit, worked=worked, rounds=rounds) for c in contenders),
        swap=swap_set(agreements, labels, profit),
    )
