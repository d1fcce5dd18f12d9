"""Rule rates: how often deals of the same rule cell were good, drawn to the whole where they are few."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.model import Rates
from mlscore.scoring.verdict import CELLS
from training.estimators.candidate import Lesson


def rates_of(lesson: Lesson) -> Rates:
    """Count deals and positives a cell; the base is the whole's rate, itself drawn to the policy's prior."""
    cells, positive, weight = lesson.table.inputs.cells[lesson.rows], lesson.y, lesson.weights
    prior = lesson.table.policy.prior
    total = float(weight.sum())
    base = (float((weight * positive).sum()) + prior.worth_deals * prior.profitable_share) / (total + prior.worth_deals)
    return Rates(
        deals=np.bincount(cells, weights=weight, minlength=CELLS).astype(np.float64),
        positives=np.bincount(cells, weights=weight * positive, minlength=CELLS).astype(np.float64),
        base=base,
        worth=prior.worth_deals,
    )


@dataclass(frozen=True, slots=True)
class RuleRates:
    """The rules, fitted: a probability for every cell of route x grade x economics."""

    name: str = "rule_rates"

    def fit(self, lesson: Lesson) -> Rates:
        """Return the smoothed rate of every cell."""
        return rates_of(lesson)
