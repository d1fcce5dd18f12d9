"""The shares looked up for small trees are those LightGBM works out."""

from typing import Any

import lightgbm
import numpy as np
import pytest

from mlscore.registry import BoosterMember
from mlscore.registry.trees.shares import SPLITS_AT_MOST, tree_shares
from mlscore.scoring.model import Design, Inputs
from mlscore.scoring.model.design import NUMBER
from tests.registry.models import a_booster

FEATURES, CATEGORIES = 6, 2


def some_rows(count: int, *, seed: int = 0) -> np.ndarray:
    """Return four numbers, then two categories of nine codes; every third value is unknown."""
    rng = np.random.default_rng(seed)
    rows = np.round(rng.normal(size=(count, FEATURES)), 1)
    rows[:, -CATEGORIES:] = rng.integers(0, 9, (count, CATEGORIES))
    rows[rng.random(rows.shape) < 0.3] = np.nan
    return rows


def fitted(*, trees: int = 40, leaves: int = SPLITS_AT_MOST + 1, seed: int = 1, **settings: Any) -> lightgbm.Booster:
    """Return small trees fitted on 600 rows of which every feature matters, the unknown too."""
    rows = some_rows(600, seed=seed)
    known = np.nan_to_num(rows, nan=0.7)
    target = known[:, 0] * known[:, 1] + np.sin(known[:, 2]) + (known[:, 4] % 2) * (known[:, 5] > 3) + known[:, 3]
    params = {"num_leaves": leaves, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": seed} | settings
    data = lightgbm.Dataset(rows, target, categorical_feature=[4, 5])
    return lightgbm.train(params, data, num_boost_round=trees)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"leaves": 2},
        {"leaves": 5, "max_depth": 2},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
        {"use_missing": False},
        {"max_cat_to_onehot": 1, "cat_smooth": 1.0, "min_data_per_group": 5},
        {"monotone_constraints": [1, 0, 0, 1, 0, 0], "lambda_l2": 5.0},
    ],
    ids=str,
)
def test_they_are_lightgbms_own(settings: dict[str, Any]) -> None:
    booster = fitted(**settings)
    shares = tree_shares(booster)
    rows = np.vstack([some_rows(300, seed=9), np.full((1, FEATURES), np.nan), some_rows(50, seed=3) * 3.0])
    rows[-50:, -CATEGORIES:] = np.floor(rows[-50:, -CATEGORIES:])
    rows[-1] = -5.0
    assert shares(rows) == pytest.approx(booster.predict(rows, pred_contrib=True, num_threads=1), abs=1e-12)


def test_a_tree_of_one_leaf_gives_nothing_to_any_feature() -> None:
    booster = fitted(min_data_in_leaf=10_000)
    rows = some_rows(3)
    shares = tree_shares(booster)(rows)
    assert not shares[:, :-1].any()
    assert shares[:, -1] == pytest.approx(booster.predict(rows, raw_score=True))


@pytest.mark.parametrize("settings", [{"leaves": SPLITS_AT_MOST + 2}, {"zero_as_missing": True}])
def test_trees_it_cannot_look_up_are_left_to_lightgbm(settings: dict[str, Any]) -> None:
    booster = fitted(**settings)
    assert tree_shares(booster) is None
    rows = some_rows(20)
    as_it_is = Design(np.arange(float(FEATURES)), np.full(FEATURES, NUMBER))
    shares = BoosterMember(booster, as_it_is).contributions(Inputs(rows, np.zeros(20, dtype=np.intp)))
    assert shares.sum(axis=1) == pytest.approx(booster.predict(rows, raw_score=True))
    assert tree_shares(a_booster()) is None


@pytest.mark.parametrize("size", [1, 2, 7, 9, 511, 512, 513, 1_100])
def test_no_size_of_batch_changes_a_single_bit(size: int) -> None:
    shares, rows = tree_shares(fitted()), some_rows(size, seed=4)
    together = shares(rows)
    for row in {0, size // 2, size - 1}:
        assert shares(rows[[row]]).tobytes() == together[[row]].tobytes()
