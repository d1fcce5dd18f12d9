"""Whether more history would help: small refits on ever more of the newest deals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring import comparison
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.calibration import sigmoid
from training.contest import Setting
from training.dataset import Rows, Table
from training.estimators import Lesson, Logistic, SmallTrees
from training.split import Plan

LEARNED_ROWS_MIN, LEARNED_ROWS_MAX = 40, 20_000
"""With fewer deals there is nothing to fit, and more would take time that belongs to the contest."""

POINTS = 5
WHAT_IT_IS = "an even blend of logistic and lightgbm, not calibrated: two of the members, cheap to refit"


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """The log loss on the judged deals of what learned only the newest `learned` deals before them."""

    learned: int
    log_loss: float


def learning_curve(table: Table, plan: Plan, setting: Setting) -> tuple[LearningPoint, ...]:
    """Return five points at most, each of half as many deals as the next; none where the history is too short."""
    learn, answer = _before_and_judged(plan)
    if len(learn) < LEARNED_ROWS_MIN or not len(answer):
        return ()
    # Undated, any are as new as others.
    age = table.known_at[learn] if table.is_dated else np.random.default_rng(setting.seed).random(len(learn))
    newest = learn[np.argsort(age, kind="stable")][-LEARNED_ROWS_MAX:]
    sizes = sorted({len(newest) // 2**halvings for halvings in range(POINTS)})
    return tuple(
        LearningPoint(size, _log_loss(table, newest[-size:], answer, setting))
        for size in sizes
        if size >= LEARNED_ROWS_MIN
    )


def _before_and_judged(plan: Plan) -> tuple[Rows, Rows]:
    """Return what was known before the first deal of the test, and the test; undated, those of one fold."""
    tests = [fold for turn in plan.repeats[0][:1] for fold in turn if fold.is_test]
    nothing = np.zeros(0, dtype=np.intp)
    return (tests[0].learn, np.concatenate([fold.answer for fold in tests])) if tests else (nothing, nothing)


def _log_loss(table: Table, learn: Rows, answer: Rows, setting: Setting) -> float:
    lesson = Lesson.of(table, learn, half_life_days=setting.half_life_days)
    candidates = (
        Logistic(is_tracked=setting.is_tracked),
        SmallTrees(seed=setting.seed, threads=setting.threads, is_tracked=setting.is_tracked),
    )
    inputs = Inputs(table.inputs.matrix[answer], table.inputs.cells[answer])
    log_odds = np.mean([candidate.fit(lesson).log_odds(inputs) for candidate in candidates], axis=0)
    return comparison.log_loss(table.y[answer], sigmoid(log_odds))
