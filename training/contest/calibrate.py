"""Calibration on answers given out of time: none, a sigmoid or isotonic, whichever did better on what came after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from sklearn.isotonic import IsotonicRegression

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Calibration, Knots, Sigmoid
from mlscore.scoring.model.calibration import logit, sigmoid

CALIBRATION_ROWS_MIN = 20
ISOTONIC_ROWS_MIN = 1000
SLOPE_MIN = 0.05
"""A slope is never below: calibration must not reverse an order."""

_RIDGE = 8.0
"""How firmly few rows hold the slope at 1 and the intercept at 0: as `_RIDGE` coin tosses would."""

_NEWTON_STEPS = 50
_CLOSE_ENOUGH = 1e-10


class Part(NamedTuple):
    """Answers given by models that had not seen the deals, in log-odds, and what became of them: 1 or 0."""

    log_odds: Floats
    y: Floats


def calibrate(parts: Sequence[Part]) -> Calibration:
    """Fit a calibration on answers to deals the model had not seen, part by part, oldest first.

    Every way is fitted on the parts before each and judged on that part: a map learned from the past may be worse than
    none where the market moves. The simplest way stands unless another is better by more than a standard error of the
    paired differences; isotonic is tried from 1 000 rows on. A map of the newest part alone follows every season.
    """
    ways = (_unchanged, _sigmoid, _isotonic)
    losses = [_losses(way, parts) for way in ways]
    best = min(range(len(ways)), key=lambda place: float(losses[place].sum()))
    gain = losses[0] - losses[best]
    return ways[best](parts) if is_beyond_chance(gain) else _unchanged(parts)


def is_beyond_chance(gain: Floats) -> bool:
    """Tell whether paired differences are above 0 by more than a standard error of their mean."""
    if len(gain) < 2:  # noqa: PLR2004 - a standard error needs two
        return False
    return float(gain.mean()) > float(gain.std(ddof=1)) / np.sqrt(len(gain))


def _losses(way: Callable[[Sequence[Part]], Calibration], parts: Sequence[Part]) -> Floats:
    """Return what a way loses on every deal of the parts that have others before them."""
    lost = [
        log_losses(part.y > 0, sigmoid(way(parts[:place])(part.log_odds))) for place, part in enumerate(parts) if place
    ]
    return np.concatenate([np.zeros(0), *lost])


def _unchanged(parts: Sequence[Part]) -> Calibration:
    del parts
    return Sigmoid()


def _sigmoid(parts: Sequence[Part]) -> Calibration:
    together = joined(parts)
    return fit_sigmoid(*together) if _can_teach(together, CALIBRATION_ROWS_MIN) else Sigmoid()


def _isotonic(parts: Sequence[Part]) -> Calibration:
    together = joined(parts)
    return fit_isotonic(*together) if _can_teach(together, ISOTONIC_ROWS_MIN) else _sigmoid(parts)


def _can_teach(part: Part, rows_min: int) -> bool:
    return len(part.y) >= rows_min and bool(0 < part.y.sum() < len(part.y))


def joined(parts: Sequence[Part]) -> Part:
    """Return all parts as one."""
    nothing = np.zeros(0)
    return (
        Part(*(np.concatenate([nothing, *columns]) for columns in zip(*parts, strict=True)))
        if parts
        else Part(nothing, nothing)
    )


def fit_sigmoid(log_odds: Floats, y: Floats) -> Sigmoid:
    """Fit slope and intercept by penalised maximum likelihood."""
    slope, intercept = _newton(log_odds, y, _RIDGE)
    return Sigmoid(max(slope, SLOPE_MIN), intercept)


def slope_and_intercept(log_odds: Floats, y: Floats) -> tuple[float, float]:
    """Measure calibration: 1 and 0 are perfect; a slope below 1 is over-confident.

    The intercept is measured with the slope held at 1: it is calibration in the large.
    """
    slope, _ = _newton(log_odds, y, 1e-6)
    shift = 0.0
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(log_odds + shift)
        step = float((y - p).sum() / max((p * (1 - p)).sum(), 1e-9))
        shift += float(np.clip(step, -1.0, 1.0))
        if abs(step) < _CLOSE_ENOUGH:
            break
    return slope, shift


def errors_of_calibration(log_odds: Floats) -> tuple[float, float]:
    """Return the standard errors of slope and intercept at these deals, were the probabilities right.

    From the information matrix at slope 1 and intercept 0; infinite for a slope where all answers are the same.
    """
    p = sigmoid(log_odds)
    weight = p * (1 - p)
    whole = max(float(weight.sum()), 1e-9)
    spread = float((weight * (log_odds - float((weight * log_odds).sum()) / whole) ** 2).sum())
    return float(1 / np.sqrt(spread)) if spread > 0 else np.inf, float(1 / np.sqrt(whole))


def fit_isotonic(log_odds: Floats, y: Floats) -> Knots:
    """Fit a non-decreasing step map, its ends kept as far from certainty as the rows justify."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(log_odds, y)
    edge = 1.0 / (len(y) + 2.0)
    value = np.clip(np.asarray(fitted.y_thresholds_, dtype=np.float64), edge, 1.0 - edge)
    return Knots(at=np.asarray(fitted.X_thresholds_, dtype=np.float64), value=logit(value))


def _newton(z: Floats, y: Floats, ridge: float) -> tuple[float, float]:
    X = np.column_stack([z, np.ones_like(z)])
    start = np.array([1.0, 0.0])
    beta = start.copy()
    penalty = np.eye(2) * ridge * 0.25
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(X @ beta)
        gradient = X.T @ (y - p) - penalty @ (beta - start)
        curvature = (X * (p * (1 - p))[:, None]).T @ X + penalty + np.eye(2) * 1e-9
        step = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        beta = beta + step
        if float(np.abs(step).max()) < _CLOSE_ENOUGH:
            break
    return float(beta[0]), float(beta[1])
