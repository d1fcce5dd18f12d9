"""Two questions instead of one: is the deal won, and does it then bring enough."""

from __future__ import annotations

from collections.abc import Callable

from mlscore.scoring.model import Member, Staged
from training.estimators.candidate import CLASS_ROWS_MIN, Lesson

Fit = Callable[[Lesson], Member]


def in_stages(lesson: Lesson, fit: Fit) -> Member:
    """Fit P(won) and P(enough, if won) apart; at once where the label is winning, or a stage has nothing to learn."""
    table = lesson.table
    first, second = lesson.about(table.won), lesson.about(lesson.truth, among=table.won)
    if table.label == "won" or not _can_teach(first) or not _can_teach(second):
        return fit(lesson)
    return Staged(fit(first), fit(second))


def _can_teach(lesson: Lesson) -> bool:
    positives = int(lesson.y.sum())
    return min(positives, len(lesson.rows) - positives) >= CLASS_ROWS_MIN
