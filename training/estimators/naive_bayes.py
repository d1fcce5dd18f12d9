"""Naive Bayes over categories and yes / no facts: each adds its own evidence, as CRMs that score leads have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Linear, Member
from training.estimators.candidate import Lesson
from training.estimators.columns import in_view
from training.estimators.rates import rates_of

_SMOOTHING = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveBayes:
    """log P(level | positive) - log P(level | negative), added up; an unknown fact says nothing. Numbers are not read.

    Odoo's predictive lead scoring counts so (addons/crm, `_pls_get_naive_bayes_probabilities`).
    """

    name: str = "naive_bayes"

    def fit(self, lesson: Lesson) -> Member:
        """Count; return a linear member, for added evidence is one."""
        if lesson.is_thin:
            return rates_of(lesson)
        table, y, weights = lesson.table, lesson.y, lesson.weights
        matrix = table.inputs.matrix[lesson.rows]
        count = len(table.features)
        widest = max(2, *(len(f.levels or ()) for f in table.features))
        evidence = np.zeros((count, widest))
        for position in in_view(table.features, is_tracked=False):
            levels, column = table.features[position].levels, matrix[:, position]
            size = len(levels) if levels else 2
            if levels or np.isin(column[~np.isnan(column)], (0.0, 1.0)).all():
                evidence[position, :size] = _evidence(column, y, weights, size)
        positive = float((weights * y).sum() + _SMOOTHING)
        negative = float((weights * (1 - y)).sum() + _SMOOTHING)
        nothing = np.zeros(count)
        return Linear(
            intercept=float(np.log(positive / negative)),
            center=nothing,
            scale=np.ones(count),
            weight=nothing,
            unknown_weight=nothing,
            level_weights=evidence,
        )


def _evidence(column: Floats, y: Floats, weights: Floats, size: int) -> Floats:
    known = ~np.isnan(column)
    code = column[known].astype(np.intp)
    counts = [
        np.bincount(code, weights=(weights * of)[known], minlength=size) + _SMOOTHING / size for of in (y, 1.0 - y)
    ]
    positive, negative = (count / count.sum() for count in counts)
    return np.log(positive / negative)
