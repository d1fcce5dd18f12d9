"""The candidates of the contest, one family a file, the simpler first."""

from __future__ import annotations

from training.estimators.boosted import BoostedLogistic
from training.estimators.candidate import Candidate, Lesson
from training.estimators.logistic import Logistic
from training.estimators.naive_bayes import NaiveBayes
from training.estimators.prior import PriorRate
from training.estimators.rates import RuleRates
from training.estimators.trees import Forest, RandomTrees, SmallTrees

__all__ = [
    "BLENDED",
    "Candidate",
    "Forest",
    "Lesson",
    "Logistic",
    "NaiveBayes",
    "PriorRate",
    "RandomTrees",
    "RuleRates",
    "SmallTrees",
    "candidates",
]

BLENDED = ("logistic", "lightgbm", "lightgbm_whole", "random_trees")
"""Who may have a part in the blend; the rest are there to be beaten."""


def candidates(*, seed: int, threads: int, is_tracked: bool = False) -> tuple[Candidate, ...]:
    """Return every candidate, the simpler first; `is_tracked`: they read track records."""
    return (
        PriorRate(),
        RuleRates(),
        NaiveBayes(),
        Logistic(is_tracked=is_tracked),
        Forest(seed=seed, threads=threads, is_tracked=is_tracked),
        SmallTrees(seed=seed, threads=threads, is_tracked=is_tracked),
        SmallTrees(seed=seed, threads=threads, is_tracked=is_tracked, is_whole=True),
        RandomTrees(seed=seed, threads=threads, is_tracked=is_tracked),
        BoostedLogistic(seed=seed, threads=threads, is_tracked=is_tracked),
    )
