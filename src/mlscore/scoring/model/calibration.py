"""From raw log-odds to a probability one can bet on, and how unsure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import within

NEVER_SURE = 1e-4
"""No probability leaves [NEVER_SURE, 1 - NEVER_SURE]: a history never proves a certainty."""


def sigmoid(log_odds: Floats) -> Floats:
    """Return the probability of these log-odds."""
    return 1.0 / (1.0 + np.exp(within(-log_odds, -40.0, 40.0)))


def logit(probability: Floats) -> Floats:
    """Return the log-odds of these probabilities."""
    bounded = within(probability, NEVER_SURE, 1.0 - NEVER_SURE)
    return np.log(bounded / (1.0 - bounded))


class Calibration(Protocol):
    """Maps raw log-odds to calibrated log-odds, never reversing their order."""

    def __call__(self, log_odds: Floats) -> Floats:
        """Return calibrated log-odds."""
        ...


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Platt scaling: slope x log-odds + intercept."""

    slope: float = 1.0
    intercept: float = 0.0

    def __call__(self, log_odds: Floats) -> Floats:
        """Return calibrated log-odds."""
        return self.slope * log_odds + self.intercept


@dataclass(frozen=True, slots=True)
class Knots:
    """A non-decreasing map given by its corners (isotonic calibration): log-odds in, log-odds out."""

    at: Floats
    value: Floats

    def __call__(self, log_odds: Floats) -> Floats:
        """Return calibrated log-odds, level beyond the first and last corner."""
        return np.interp(log_odds, self.at, self.value)
