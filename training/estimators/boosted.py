"""Trees boosted from the logistic regression's own answers: they learn only what it left over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Boosted, Inputs, Member
from training.estimators.candidate import Lesson
from training.estimators.columns import Columns
from training.estimators.logistic import Logistic
from training.estimators.trees import grow, small_trees

PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedLogistic:
    """LightGBM from the logistic's cross-fitted log-odds: what it says of rows it has not seen."""

    seed: int
    threads: int
    is_tracked: bool = False
    name: str = "boosted_logistic"

    def fit(self, lesson: Lesson) -> Member:
        """Fit the logistic, and trees on what its cross-fitted answers leave over."""
        logistic = Logistic(is_tracked=self.is_tracked)
        start = logistic.fit_whole(lesson)
        if lesson.is_thin:
            return start
        columns = Columns.learn(lesson.table, lesson.rows, is_tracked=self.is_tracked)
        if not columns.directions:
            return start
        growth = small_trees(len(lesson.rows))
        trees = grow(
            lesson, columns, growth, seed=self.seed, threads=self.threads, start=self._cross_fitted(lesson, logistic)
        )
        return Boosted(start, trees)

    def _cross_fitted(self, lesson: Lesson, logistic: Logistic) -> Floats:
        part = np.random.default_rng(self.seed).permutation(len(lesson.rows)) % PARTS
        said = np.empty(len(lesson.rows))
        inputs = lesson.table.inputs
        for one in range(PARTS):
            held, kept = lesson.rows[part == one], part != one
            taught = Lesson(lesson.table, lesson.rows[kept], lesson.truth, lesson.weights[kept])
            said[part == one] = logistic.fit_whole(taught).log_odds(Inputs(inputs.matrix[held], inputs.cells[held]))
        return said
