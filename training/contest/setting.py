"""How every candidate reads a history: with track records or without, and how fast old deals fade; tried, not fixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.calibration import sigmoid
from training.contest.calibrate import is_beyond_chance
from training.dataset import Table
from training.estimators import Lesson, SmallTrees
from training.split import Fold, Turn

TRIED_ROWS_MIN = 200
"""With fewer answered rows chance decides, and the simplest setting stands."""

TRIED_ROWS_MAX = 20_000
"""No more rows are learned from in a trial: the newest."""

HALF_LIVES_DAYS = (730.0, 365.0, 180.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Whether candidates read track records, and after how many days a known outcome weighs half (None: never).

    With the same `seed` the work comes out the same, on however many `threads`.
    """

    seed: int
    threads: int
    is_tracked: bool = False
    half_life_days: float | None = None

    def written(self) -> dict[str, str]:
        """Return it as runs and cards name it."""
        half_life = "none" if self.half_life_days is None else f"{self.half_life_days:g} days"
        return {"track_records": "read" if self.is_tracked else "not read", "half_life": half_life}


def choose_setting(table: Table, turn: Turn, setting: Setting) -> Setting:
    """Try others on the folds before the test; one is taken only if it is better by more than a standard error.

    The trial is small trees that ask the one question at once: what serves them serves the rest.
    """
    origins = [fold for fold in turn if not fold.is_test and len(fold.learn)]
    if not table.is_dated or sum(len(fold.answer) for fold in origins) < TRIED_ROWS_MIN:
        return setting
    losses = _tried(table, origins, setting)
    for is_tracked, half_life_days in ((True, None), *((False, days) for days in HALF_LIVES_DAYS)):
        other = replace(setting, is_tracked=setting.is_tracked or is_tracked, half_life_days=half_life_days)
        found = _tried(table, origins, other)
        if is_beyond_chance(losses - found):
            setting, losses = other, found
    return setting


def _tried(table: Table, origins: Sequence[Fold], setting: Setting) -> Floats:
    trees = SmallTrees(seed=setting.seed, threads=setting.threads, is_tracked=setting.is_tracked, is_whole=True)
    found = []
    for fold in origins:
        newest = fold.learn[np.argsort(table.known_at[fold.learn], kind="stable")[-TRIED_ROWS_MAX:]]
        member = trees.fit(Lesson.of(table, newest, half_life_days=setting.half_life_days))
        inputs = Inputs(table.inputs.matrix[fold.answer], table.inputs.cells[fold.answer])
        found.append(log_losses(table.y[fold.answer], sigmoid(member.log_odds(inputs))))
    return np.concatenate(found)
