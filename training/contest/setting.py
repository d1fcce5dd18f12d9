"""How every candidate reads a history: with track records or without, and how fast old deals fade; tried, not fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.calibration import sigmoid
from training.contest.calibrate import is_beyond_chance
from training.dataset import Rows, Table
from training.estimators import Lesson, SmallTrees
from training.split import Fold, Turn, ripe_before

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


def choose_settings(table: Table, turn: Turn, setting: Setting) -> tuple[Setting, ...]:
    """Return the setting of each fold of a turn in time, and after them that of the model to be served.

    For each others are tried on the answers to the folds before it, as far as they may be judged when it starts; one is
    taken only if it is better by more than a standard error. The trial is small trees that ask the one question at
    once: what serves them serves the rest.
    """
    trials = _Trials(table, turn, setting)
    return tuple(trials.best(ripe_before(table, turn, place)) for place in range(len(turn) + 1))


class _Trials:
    """What was lost under each setting tried, fold by fold: many folds ask of the same ones."""

    def __init__(self, table: Table, turn: Turn, simplest: Setting) -> None:
        self._table = table
        self._turn = turn
        self._simplest = simplest
        self._lost: dict[tuple[Setting, int], Floats] = {}

    def best(self, answered: Mapping[int, Rows]) -> Setting:
        """Return the setting to take when these rows, by fold, may be judged."""
        answered = {place: rows for place, rows in answered.items() if len(self._turn[place].learn)}
        setting = self._simplest
        if not self._table.is_dated or sum(map(len, answered.values())) < TRIED_ROWS_MIN:
            return setting
        losses = self._losses(setting, answered)
        for is_tracked, half_life_days in ((True, None), *((False, days) for days in HALF_LIVES_DAYS)):
            other = replace(setting, is_tracked=setting.is_tracked or is_tracked, half_life_days=half_life_days)
            found = self._losses(other, answered)
            if is_beyond_chance(losses - found):
                setting, losses = other, found
        return setting

    def _losses(self, setting: Setting, answered: Mapping[int, Rows]) -> Floats:
        return np.concatenate([self._of_fold(setting, place)[rows] for place, rows in answered.items()])

    def _of_fold(self, setting: Setting, place: int) -> Floats:
        """Return what was lost on the rows of a fold: a column over the table, NaN elsewhere."""
        if (setting, place) not in self._lost:
            self._lost[setting, place] = _tried(self._table, self._turn[place], setting)
        return self._lost[setting, place]


def _tried(table: Table, fold: Fold, setting: Setting) -> Floats:
    table = table.as_learned_from(fold.learn)
    trees = SmallTrees(seed=setting.seed, threads=setting.threads, is_tracked=setting.is_tracked, is_whole=True)
    newest = fold.learn[np.argsort(table.known_at[fold.learn], kind="stable")[-TRIED_ROWS_MAX:]]
    member = trees.fit(Lesson.of(table, newest, half_life_days=setting.half_life_days))
    inputs = Inputs(table.inputs.matrix[fold.answer], table.inputs.cells[fold.answer])
    lost = np.full(len(table), np.nan)
    lost[fold.answer] = log_losses(table.y[fold.answer], sigmoid(member.log_odds(inputs)))
    return lost
