"""Calibration on answers given out of time, and how wide the doubt around a probability is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.isotonic import IsotonicRegression

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Calibration, Inputs, Knots, Sigmoid
from mlscore.scoring.model.calibration import logit, sigmoid
from training.dataset import Rows, Table
from training.estimators import Candidate

CALIBRATION_ROWS_MIN = 20
ISOTONIC_ROWS_MIN = 1000
SLOPE_MIN = 0.05
"""A slope is never below: calibration must not reverse an order."""

INTERVAL_LEVEL = 0.9
Z_OF_LEVEL = 1.645

_RIDGE = 8.0
"""How firmly few rows hold the slope at 1 and the intercept at 0: as `_RIDGE` coin tosses would."""

_NEWTON_STEPS = 50
_CLOSE_ENOUGH = 1e-10


def calibrate(log_odds: Floats, y: Floats) -> Calibration:
    """Fit a calibration on answers to deals the model had not seen, oldest first.

    A sigmoid below 1 000 rows. Above, isotonic if it beats the sigmoid on the newest third after learning on the rest.
    Too few rows, or one outcome only: no change.
    """
    if len(y) < CALIBRATION_ROWS_MIN or not 0 < y.sum() < len(y):
        return Sigmoid()
    if len(y) >= ISOTONIC_ROWS_MIN and _isotonic_wins(log_odds, y):
        return fit_isotonic(log_odds, y)
    return fit_sigmoid(log_odds, y)


def fit_sigmoid(log_odds: Floats, y: Floats) -> Sigmoid:
    """Fit slope and intercept by penalised maximum likelihood."""
    slope, intercept = _newton(log_odds, y, np.ones(len(y)), _RIDGE)
    return Sigmoid(max(slope, SLOPE_MIN), intercept)


def slope_and_intercept(log_odds: Floats, y: Floats) -> tuple[float, float]:
    """Measure calibration: 1 and 0 are perfect; a slope below 1 is over-confident.

    The intercept is measured with the slope held at 1: it is calibration in the large.
    """
    slope, _ = _newton(log_odds, y, np.ones(len(y)), 1e-6)
    shift = 0.0
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(log_odds + shift)
        step = float((y - p).sum() / max((p * (1 - p)).sum(), 1e-9))
        shift += float(np.clip(step, -1.0, 1.0))
        if abs(step) < _CLOSE_ENOUGH:
            break
    return slope, shift


def fit_isotonic(log_odds: Floats, y: Floats) -> Knots:
    """Fit a non-decreasing step map, its ends kept as far from certainty as the rows justify."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(log_odds, y)
    edge = 1.0 / (len(y) + 2.0)
    value = np.clip(np.asarray(fitted.y_thresholds_, dtype=np.float64), edge, 1.0 - edge)
    return Knots(at=np.asarray(fitted.X_thresholds_, dtype=np.float64), value=logit(value))


def _isotonic_wins(log_odds: Floats, y: Floats) -> bool:
    cut = len(y) * 2 // 3
    if not 0 < y[:cut].sum() < cut:
        return False
    old, new = (log_odds[:cut], y[:cut]), (log_odds[cut:], y[cut:] > 0)
    losses = [log_losses(new[1], sigmoid(fit(*old)(new[0]))) for fit in (fit_isotonic, fit_sigmoid)]
    return bool(losses[0].mean() < losses[1].mean())


def _newton(z: Floats, y: Floats, weight: Floats, ridge: float) -> tuple[float, float]:
    X = np.column_stack([z, np.ones_like(z)])
    start = np.array([1.0, 0.0])
    beta = start.copy()
    penalty = np.eye(2) * ridge * 0.25
    for _ in range(_NEWTON_STEPS):
        p = sigmoid(X @ beta)
        gradient = X.T @ (weight * (y - p)) - penalty @ (beta - start)
        curvature = (X * (weight * p * (1 - p))[:, None]).T @ X + penalty + np.eye(2) * 1e-9
        step = np.clip(np.linalg.solve(curvature, gradient), -1.0, 1.0)
        beta = beta + step
        if float(np.abs(step).max()) < _CLOSE_ENOUGH:
            break
    return float(beta[0]), float(beta[1])


@dataclass(frozen=True, slots=True)
class Spread:
    """The interval in log-odds, below and above, by calibrated log-odds."""

    at: Floats
    below: Floats
    above: Floats


REFITS = 16
REFIT_ROWS_MAX = 4000
_PROBES = 600
_GRID = 9
_WINDOW = 0.35


def spread_of(candidate: Candidate, table: Table, rows: Rows, *, held_out: tuple[Floats, Floats], seed: int) -> Spread:
    """Bootstrap the fit and its calibration together, and read the doubt off how far the answers move.

    Each of `REFITS` rounds draws rows anew, fits the candidate, draws the held-out answers anew, calibrates, and
    answers the same probes; a probe's deviations from its own mean over the rounds, pooled with those of probes of
    like log-odds, give the 5 % and 95 % bounds. Big histories are drawn smaller and the doubt is scaled back by the
    square root. It is never narrower than what so many rows can say of one share.
    """
    rng = np.random.default_rng(seed)
    probes = rng.choice(rows, size=min(_PROBES, len(rows)), replace=False)
    inputs = Inputs(table.inputs.matrix[probes], table.inputs.cells[probes])
    size = min(len(rows), REFIT_ROWS_MAX)
    answers = np.array([_refit(candidate, table, rows, inputs, held_out, size, rng) for _ in range(REFITS)])
    center = answers.mean(axis=0)
    deviation = (answers - center) * np.sqrt(size / len(rows)) * np.sqrt(REFITS / (REFITS - 1))
    return _pooled(center, deviation, least=_least(table, rows))


def _refit(
    candidate: Candidate,
    table: Table,
    rows: Rows,
    inputs: Inputs,
    held_out: tuple[Floats, Floats],
    size: int,
    rng: np.random.Generator,
) -> Floats:
    drawn = np.sort(rng.choice(rows, size=size, replace=True))
    raw = candidate.fit(table, drawn).log_odds(inputs)
    z, y = held_out
    again = rng.integers(0, len(z), len(z)) if len(z) else np.zeros(0, dtype=np.intp)
    is_usable = len(z) >= CALIBRATION_ROWS_MIN and 0 < y[again].sum() < len(y)
    calibration = fit_sigmoid(z[again], y[again]) if is_usable else Sigmoid()
    return calibration(raw)


def _least(table: Table, rows: Rows) -> Callable[[float], float]:
    """Return the half-width that the number of rows alone leaves a share at these log-odds."""
    weight = len(rows) + table.policy.prior.worth_deals

    def half_width(log_odds: float) -> float:
        p = float(sigmoid(np.array([log_odds]))[0])
        return Z_OF_LEVEL / np.sqrt(weight * max(p * (1 - p), 1e-3))

    return half_width


def _pooled(center: Floats, deviation: Floats, *, least: Callable[[float], float]) -> Spread:
    grid = np.unique(np.quantile(center, np.linspace(0.02, 0.98, _GRID)))
    order = np.argsort(center, kind="stable")
    reach = max(10, int(_WINDOW * len(center)))
    below, above = [], []
    for at in grid.tolist():
        middle = int(np.searchsorted(center[order], at))
        first = int(np.clip(middle - reach // 2, 0, max(0, len(center) - reach)))
        near = deviation[:, order[first : first + reach]]
        low, high = np.quantile(near, [(1 - INTERVAL_LEVEL) / 2, (1 + INTERVAL_LEVEL) / 2])
        below.append(max(-float(low), least(at)))
        above.append(max(float(high), least(at)))
    return Spread(grid, np.array(below), np.array(above))
