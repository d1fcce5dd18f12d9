"""The candidates of the contest, one family a file, the simpler first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlscore.scoring.model import Member
from training.dataset import Table
from training.estimators.boosted import BoostedLogistic
from training.estimators.candidate import Candidate, Lesson
from training.estimators.logistic import Logistic
from training.estimators.naive_bayes import NaiveBayes
from training.estimators.prior import PriorRate
from training.estimators.rates import RuleRates
from training.estimators.stages import can_stage
from training.estimators.trees import Forest, RandomTrees, SmallTrees

__all__ = [
    "BLENDED",
    "FALLBACK",
    "STAGED",
    "WHOLE",
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
    "learn",
]

VERY_MANY_ROWS = 20_000

FALLBACK = "rule_rates"
"""Who answers where the blend proves no better."""

WHOLE, STAGED = "lightgbm_whole", "lightgbm"

BLENDED = ("logistic", STAGED, WHOLE, "random_trees")
"""Who may have a part in the blend; the rest are there to be beaten."""


def candidates(table: Table, *, seed: int, threads: int, is_tracked: bool = False) -> tuple[Candidate, ...]:
    """Return every candidate for a table, the simpler first; `is_tracked`: they read track records.

    The trees that ask the one question at once stand beside the staged ones where the label has two stages.
    From 20 000 deals on the rough and the twice-learned are left out: there they have long been beaten, and cost most.
    """
    small = SmallTrees(seed=seed, threads=threads, is_tracked=is_tracked)
    whole = (replace(small, is_whole=True),) if table.label == "profitable" else ()
    simple = (PriorRate(), RuleRates(), NaiveBayes(), Logistic(is_tracked=is_tracked))
    if len(table) >= VERY_MANY_ROWS:
        return (*simple, small, *whole)
    return (
        *simple,
        Forest(seed=seed, threads=threads, is_tracked=is_tracked),
        small,
        *whole,
        RandomTrees(seed=seed, threads=threads, is_tracked=is_tracked),
        BoostedLogistic(seed=seed, threads=threads, is_tracked=is_tracked),
    )


def learn(entrants: Sequence[Candidate], lesson: Lesson) -> dict[str, Member]:
    """Return what each entrant learned, by name; whole trees stay out where the staged ones ask but one question too.

    They would be the same trees, and count twice in a blend.
    """
    is_staged = can_stage(lesson)
    return {one.name: one.fit(lesson) for one in entrants if is_staged or one.name != WHOLE}
