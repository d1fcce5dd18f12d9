"""Two questions instead of one: is the deal won, and does it then bring enough."""

from __future__ import annotations

from collections.abc import Callable

from mlscore.scoring.model import Member, Staged
from training.estimators.candidate import CLASS_ROWS_MIN, Lesson

STAGE_ROWS_MIN = 25
"""With fewer deals at a stage the one question is asked at once."""

Fit = Callable[[Lesson], Member]


def in_stages(lesson: Lesson, fit: Fit, fit_second: Fit | None = None) -> Member:
    """Fit P(won) and P(enough, if won) apart; at once where there are no two stages to learn."""
    if not can_stage(lesson):
        return fit(lesson)
    first, second = _stages(lesson)
    return Staged(fit(first), (fit_second or fit)(second))


def can_stage(lesson: Lesson) -> bool:
    """Tell whether both questions have enough answers of both kinds; where the label is winning there is but one."""
    return lesson.table.label == "profitable" and all(_can_teach(stage) for stage in _stages(lesson))


def _stages(lesson: Lesson) -> tuple[Lesson, Lesson]:
    won = lesson.table.won
    return lesson.about(won), lesson.about(lesson.truth, among=won)


def _can_teach(lesson: Lesson) -> bool:
    positives = int(lesson.y.sum())
    return len(lesson.rows) >= STAGE_ROWS_MIN and min(positives, len(lesson.rows) - positives) >= CLASS_ROWS_MIN
