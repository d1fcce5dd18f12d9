"""The blend: candidates' log-odds weighed by what they lost out of time; few rows hold the weights even."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from mlscore.scoring.deal import Floats
from mlscore.scoring.model.calibration import sigmoid

HELD_BY_ROWS = 60.0
"""How firmly the weights are held to the even ones: as so many rows would hold them."""

LEAST_WEIGHT = 0.05
"""A member that weighs less is left out: it costs every answer time and says next to nothing."""

RANDOM, WHOLE = "random_trees", "lightgbm_whole"
_MANY_ROWS = 5000


def even_weights(names: Sequence[str], *, learned: int) -> Floats:
    """Return the weights where nothing is known of who is better: even ones, of members that err unlike each other.

    With many rows learned the rough random trees have nothing to add, and small trees that ask the one question at once
    do; they are left out where there is only one question (`names` then has them not).
    """
    is_whole_asked = WHOLE in names
    left_out = RANDOM if is_whole_asked and learned >= _MANY_ROWS else WHOLE
    weights = np.array([0.0 if name == left_out else 1.0 for name in names])
    return weights / weights.sum()


def weigh(raw: Floats, y: Floats, *, start: Floats) -> Floats:
    """Return the weights (none below 0, adding up to 1) of the least log loss, drawn to `start`.

    `raw` is answered rows x members, in log-odds.
    """
    if len(y) == 0 or not 0 < y.sum() < len(y):
        return start
    pull = HELD_BY_ROWS / len(y)

    def loss(weights: Floats) -> tuple[float, Floats]:
        p, away = sigmoid(raw @ weights), weights - start
        bounded = np.clip(p, 1e-12, 1.0 - 1e-12)
        lost = -np.mean(y * np.log(bounded) + (1.0 - y) * np.log1p(-bounded)) + pull * (away**2).sum()
        return float(lost), raw.T @ (p - y) / len(y) + 2.0 * pull * away

    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=[(0.0, 1.0)] * len(start),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1.0, "jac": np.ones_like},
        options={"maxiter": 200, "ftol": 1e-10},
    )
    weights = np.asarray(found.x if found.success else start, dtype=np.float64)
    weights = np.where(weights < LEAST_WEIGHT, 0.0, weights)
    return weights / weights.sum()
