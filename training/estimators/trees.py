"""Small boosted trees that may only go the way a feature's direction allows."""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm

from mlscore.registry import BoosterMember
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Member
from training.dataset import Rows, Table
from training.estimators.candidate import is_thin
from training.estimators.rates import rates_of

_FEW_ROWS = 500
_TREES_OF_FEW, _TREES = 80, 150


def tree_settings(table: Table, rows: int, *, seed: int, threads: int) -> dict[str, object]:
    """Return what every booster here has in common: small, slow, repeatable, and as monotone as the features say."""
    return {
        "learning_rate": 0.06,
        "num_leaves": 8,
        "min_data_in_leaf": max(5, min(40, rows // 40)),
        "min_data_per_group": max(5, min(50, rows // 40)),
        "cat_smooth": 20.0,
        "lambda_l2": 5.0,
        "feature_fraction": 0.6,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "monotone_constraints": [0 if feature.levels else feature.direction for feature in table.features],
        "monotone_constraints_method": "advanced",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads,
        "seed": seed,
        "verbosity": -1,
    }


def trees_for(rows: int) -> int:
    """Return how many trees so many rows can bear."""
    return _TREES_OF_FEW if rows < _FEW_ROWS else _TREES


def categories(table: Table) -> list[int]:
    """Return the positions of the features that are level codes."""
    return [position for position, feature in enumerate(table.features) if feature.levels]


@dataclass(frozen=True, slots=True)
class Trees:
    """LightGBM, up to 150 trees of 8 leaves."""

    seed: int
    threads: int
    name: str = "lightgbm"

    def fit(self, table: Table, rows: Rows, *, weights: Floats | None = None) -> Member:
        """Boost on the log loss."""
        if is_thin(table, rows):
            return rates_of(table, rows, weights=weights)
        settings = tree_settings(table, len(rows), seed=self.seed, threads=self.threads)
        data = lightgbm.Dataset(
            table.inputs.matrix[rows],
            label=table.y[rows].astype(float),
            weight=weights,
            categorical_feature=categories(table),
            params={"verbosity": -1},
        )
        booster = lightgbm.train({"objective": "binary", **settings}, data, num_boost_round=trees_for(len(rows)))
        return BoosterMember(booster)
