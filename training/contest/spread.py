"""How far a share may lie from the probability given: read off answers that were given out of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import betabinom

from mlscore.scoring.deal import Floats
from mlscore.scoring.model.calibration import logit, sigmoid
from training.contest.calibrate import Part

LEVEL = 0.9
GROUP = 100
"""The interval is about so many deals of like probability: what share of them will turn out well."""

_GROUP_MIN = 20
_TRUSTED_GROUPS = 4.0
_GRID = np.linspace(-6.0, 6.0, 49)
_LEAST_VARIANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Spread:
    """The interval in log-odds, below and above, by calibrated log-odds."""

    at: Floats
    below: Floats
    above: Floats


def spread_of(answered: Part, *, learned: float) -> Spread:
    """Return the 90 % interval for the share of good ones among 100 deals of like probability.

    How many of the 100 turn out well is beta-binomial: drawn from a chance that is itself off by the model's error. The
    error's variance, in log-odds, is estimated by moments from groups of answered deals next to each other: how much
    further their shares lie from what was said than draws alone explain. With few groups it is drawn to what a share
    among the `learned` deals leaves open, 1 / (n p (1 - p)).
    """
    p = sigmoid(_GRID)
    slope = np.maximum(p * (1.0 - p), _LEAST_VARIANCE)
    error, groups = _error(answered)
    least = 1.0 / (max(learned, 1.0) * slope)
    variance = (groups * error + _TRUSTED_GROUPS * least) / (groups + _TRUSTED_GROUPS)
    low, high = _shares_of_a_group(p, variance * slope)
    return Spread(_GRID, np.maximum(_GRID - logit(low), 0.0), np.maximum(logit(high) - _GRID, 0.0))


def _shares_of_a_group(p: Floats, scatter: Floats) -> tuple[Floats, Floats]:
    """Return the bounds of the share of 100 deals; `scatter` is the variance of their chance as a part of p (1 - p).

    Five of a hundred such groups lie beyond each; where one is none or all of the deals, all ten lie beyond the other.
    Between whole deals a bound is interpolated: the next whole one would hold more often than it says.
    """
    strength = np.maximum(1.0 / np.clip(scatter, 1e-6, 0.9) - 1.0, 0.1)
    drawn = betabinom(GROUP, p * strength, (1.0 - p) * strength)
    tail = (1.0 - LEVEL) / 2.0

    def share(quantile: Floats) -> Floats:
        deals = drawn.ppf(quantile)
        into = (quantile - drawn.cdf(deals - 1.0)) / drawn.pmf(deals)
        return np.asarray(np.clip(deals - 0.5 + into, 0.0, GROUP) / GROUP, dtype=np.float64)

    is_none, is_all = share(np.full(len(p), tail)) <= 0.0, share(np.full(len(p), 1.0 - tail)) >= 1.0
    return share(np.where(is_all, 2.0 * tail, tail)), share(1.0 - np.where(is_none, 2.0 * tail, tail))


def _error(answered: Part) -> tuple[float, int]:
    """Return the variance of the model's error in log-odds, and how many groups it was read from."""
    size = min(GROUP, max(_GROUP_MIN, len(answered.y) // 10))
    count = len(answered.y) // size
    if count < 2:  # noqa: PLR2004 - one group tells nothing of how groups differ
        return 0.0, 0
    groups = np.array_split(np.argsort(answered.log_odds, kind="stable"), count)
    said = np.array([sigmoid(answered.log_odds[group]).mean() for group in groups])
    seen = np.array([answered.y[group].mean() for group in groups])
    by_chance = np.array([np.mean(_variance(answered.log_odds[group])) / len(group) for group in groups])
    slope = np.maximum(said * (1.0 - said), _LEAST_VARIANCE)
    beyond = ((seen - said) ** 2 - by_chance) / slope**2
    # Groups at the ends, where a share says little of log-odds, count little.
    weight = (slope**2 / by_chance) ** 2 / ((slope**2 / by_chance) ** 2).sum()
    return max(float((weight * beyond).sum()), 0.0), count


def _variance(log_odds: Floats) -> Floats:
    p = sigmoid(log_odds)
    return p * (1.0 - p)
