"""The prior rate: one share for every deal, the least any model must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.model import Rates
from mlscore.scoring.verdict import CELLS
from training.estimators.candidate import Lesson
from training.estimators.rates import rates_of


@dataclass(frozen=True, slots=True)
class PriorRate:
    """The share of positives, drawn to the policy's prior where rows are few."""

    name: str = "prior_rate"

    def fit(self, lesson: Lesson) -> Rates:
        """Return the same rate for every cell."""
        nothing = np.zeros(CELLS)
        learned = rates_of(lesson)
        return Rates(deals=nothing, positives=nothing, base=learned.base, worth=learned.worth)
