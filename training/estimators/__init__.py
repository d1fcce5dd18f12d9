"""The candidates of the contest, one family a file, the simpler first."""

from __future__ import annotations

from training.estimators.candidate import Candidate
from training.estimators.logistic import Logistic
from training.estimators.prior import PriorRate
from training.estimators.rates import RuleRates
from training.estimators.trees import Trees

__all__ = ["Candidate", "Logistic", "PriorRate", "RuleRates", "Trees", "candidates"]


def candidates(*, seed: int, threads: int) -> tuple[Candidate, ...]:
    """Return every candidate; where scores tie, the earlier wins."""
    return PriorRate(), RuleRates(), Logistic(), Trees(seed=seed, threads=threads)
