"""Trees of LightGBM: small and boosted, random and boosted, and a forest; none goes against a feature's direction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np

from mlscore.registry import BoosterMember
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Member
from training.estimators.candidate import Lesson
from training.estimators.columns import Columns
from training.estimators.rates import rates_of
from training.estimators.stages import in_stages

LEAVES = 9
"""Eight splits: reasons look the shares of so small a tree up instead of working them out."""

SECOND_STAGE_TREES = 100

_VERY_FEW_ROWS, _FEW_ROWS, _MANY_ROWS = 100, 500, 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How trees grow. `seed` and one order of work make them the same on every machine."""

    trees: int
    rate: float = 0.06
    leaves: int = LEAVES
    hessian_min: float = 2.0
    ridge: float = 2.0
    columns_share: float = 0.6
    rows_share: float = 0.8
    is_random: bool = False
    more: dict[str, Any] | None = None

    def settings(self, columns: Columns, *, seed: int, threads: int) -> dict[str, Any]:
        """Return LightGBM's own parameters."""
        return {
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": self.hessian_min,
            "lambda_l2": self.ridge,
            "feature_fraction": self.columns_share,
            "bagging_fraction": self.rows_share,
            "bagging_freq": 1 if self.rows_share < 1.0 else 0,
            "extra_trees": self.is_random,
            "monotone_constraints": list(columns.directions),
            # "advanced" lets a split through now and then where columns weigh unlike each other.
            "monotone_constraints_method": "basic" if self.is_random else "intermediate",
            "feature_contri": list(columns.worth),
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads,
            "seed": seed,
            "verbosity": -1,
            **(self.more or {}),
        }


def small_trees(rows: int) -> Growth:
    """Return the growth of small boosted trees: the more rows, the more and the finer."""
    if rows < _VERY_FEW_ROWS:
        return Growth(trees=80, hessian_min=1.0, columns_share=0.35)
    share = float(np.clip((rows - _FEW_ROWS) / (_MANY_ROWS - _FEW_ROWS), 0.0, 1.0))
    return Growth(trees=round(80 + 170 * share), hessian_min=2.0 + 3.0 * share)


def random_trees(rows: int) -> Growth:
    """Return the growth of boosted trees that split at random: rough, and so unlike the small ones' mistakes."""
    rough = Growth(trees=90, hessian_min=1.0, ridge=1.0, rows_share=1.0, is_random=True)
    if rows < _VERY_FEW_ROWS:
        return replace(rough, columns_share=0.35)
    return replace(rough, hessian_min=0.3) if rows < _FEW_ROWS else rough


def grow(
    lesson: Lesson, columns: Columns, growth: Growth, *, seed: int, threads: int, start: Floats | None = None
) -> BoosterMember:
    """Grow trees on the log loss; `start` holds the log-odds they begin from, one a row of the lesson."""
    data = lightgbm.Dataset(
        columns.design(lesson.table.inputs.matrix[lesson.rows]),
        label=lesson.y,
        weight=lesson.weights,
        init_score=start,
        params={"verbosity": -1},
    )
    settings = {"objective": "binary", **growth.settings(columns, seed=seed, threads=threads)}
    return BoosterMember(lightgbm.train(settings, data, num_boost_round=growth.trees), columns.design)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallTrees:
    """LightGBM, up to 250 trees of 9 leaves: asked in stages, or (`is_whole`) the one question at once."""

    seed: int
    threads: int
    is_tracked: bool = False
    is_whole: bool = False

    @property
    def name(self) -> str:
        """How runs and tables name it."""
        return "lightgbm_whole" if self.is_whole else "lightgbm"

    def fit(self, lesson: Lesson) -> Member:
        """Boost on the log loss."""
        return self._fit(lesson) if self.is_whole else in_stages(lesson, self._fit, self._fit_second)

    def _fit(self, lesson: Lesson) -> Member:
        return _grown(lesson, small_trees(len(lesson.rows)), self)

    def _fit_second(self, lesson: Lesson) -> Member:
        # What a won deal brings hangs on little: more trees would learn the noise.
        growth = small_trees(len(lesson.rows))
        return _grown(lesson, replace(growth, trees=min(growth.trees, SECOND_STAGE_TREES)), self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomTrees:
    """LightGBM with splits at random (`extra_trees`), 90 trees of 9 leaves, asked in stages."""

    seed: int
    threads: int
    is_tracked: bool = False
    name: str = "random_trees"

    def fit(self, lesson: Lesson) -> Member:
        """Boost on the log loss."""
        return in_stages(lesson, lambda asked: _grown(asked, random_trees(len(asked.rows)), self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """LightGBM's forest (`boosting=rf`): 100 trees of up to 31 leaves that vote in log-odds."""

    seed: int
    threads: int
    is_tracked: bool = False
    name: str = "forest"

    def fit(self, lesson: Lesson) -> Member:
        """Grow every tree on rows of its own."""
        more = {"boosting": "rf", "feature_fraction_bynode": 0.4, "monotone_constraints_method": "basic"}
        growth = Growth(
            trees=100, leaves=31, hessian_min=0.5, ridge=0.5, columns_share=1.0, rows_share=0.632, more=more
        )
        return _grown(lesson, growth, self)


def _grown(lesson: Lesson, growth: Growth, by: SmallTrees | RandomTrees | Forest) -> Member:
    if lesson.is_thin:
        return rates_of(lesson)
    columns = Columns.learn(lesson.table, lesson.rows, is_tracked=by.is_tracked)
    if not columns.directions:
        return rates_of(lesson)
    return grow(lesson, columns, growth, seed=by.seed, threads=by.threads)
