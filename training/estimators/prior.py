"""The prior rate: one share for every deal, the least any model must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Rates
from mlscore.scoring.verdict import CELLS
from training.dataset import Rows, Table
from training.estimators.rates import rates_of


@dataclass(frozen=True, slots=True)
class PriorRate:
    """The share of positives, drawn to the policy's prior where rows are few."""

    name: str = "prior_rate"

    def fit(self, table: Table, rows: Rows, *, weights: Floats | None = None) -> Rates:
        """Return the same rate for every cell."""
        nothing = np.zeros(CELLS)
        learned = rates_of(table, rows, weights=weights)
        return Rates(deals=nothing, positives=nothing, base=learned.base, worth=learned.worth)
