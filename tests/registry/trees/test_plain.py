"""Plain trees are read from a booster's text as LightGBM tells of them; all else is LightGBM's to read."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest

from mlscore.registry import BoosterMember, load_bundle
from mlscore.registry.trees.booster import read_booster
from mlscore.registry.trees.plain import PlainBooster, plain_trees
from mlscore.registry.trees.shares import SPLITS_AT_MOST
from mlscore.scoring.features import features_of, matrix
from mlscore.scoring.verdict import judge
from tests.registry.models import (
    VOCABULARIES,
    a_bundle,
    a_design,
    a_model_of,
    a_policy,
    a_weighted_model,
    some_deals,
)
from tests.registry.trees.test_grove import DESIGN, fitted, some_rows

READ = (
    *("split_index", "split_feature", "threshold", "decision_type", "default_left", "missing_type"),
    *("internal_count", "leaf_value", "leaf_count"),
)
WITHOUT_LIGHTGBM = """
import sys
from pathlib import Path
from mlscore.registry.bundle import load_and_try

load_and_try(Path(sys.argv[1]), version="7")
print("lightgbm" in sys.modules)
"""


def read_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a branch as LightGBM tells of it what the tables are made of."""
    below = {side: read_of(node[side]) for side in ("left_child", "right_child") if side in node}
    return {name: node[name] for name in READ if name in node} | below


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"num_leaves": 2},
        {"num_leaves": 40},
        {"objective": "binary", "zero_as_missing": True},
        {"use_missing": False},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    ],
    ids=["eight splits", "stumps", "large trees", "zeros unknown", "nothing unknown", "a forest"],
)
def test_plain_trees_are_those_lightgbm_tells_of_to_the_last_bit(settings):
    rows = some_rows(600)
    target = {"binary": (rows[:, 0] > 0).astype(float)}.get(settings.get("objective", ""))
    whole = fitted(**settings) if target is None else trained(DESIGN(rows), target, **settings)
    told, read = whole.dump_model(), plain_trees(whole.model_to_string())
    assert read is not None
    assert [one["tree_structure"] for one in read["tree_info"]] == [
        read_of(one["tree_structure"]) for one in told["tree_info"]
    ]
    assert read["objective"] == told["objective"]
    assert read["average_output"] == bool(told["average_output"])
    plain = read_booster(whole.model_to_string())
    assert isinstance(plain, PlainBooster)
    assert (plain.num_feature(), plain.num_trees()) == (whole.num_feature(), whole.num_trees())
    assert np.array_equal(plain.predict(DESIGN(rows)), whole.predict(DESIGN(rows)))


def trained(columns: np.ndarray, target: np.ndarray, **settings: Any) -> lightgbm.Booster:
    params = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5} | settings
    categories = params.pop("categories", "auto")
    data = lightgbm.Dataset(columns, target, categorical_feature=categories)
    return lightgbm.train(params, data, num_boost_round=5)


def test_a_tree_that_learned_nothing_is_its_one_leaf():
    whole = trained(np.zeros((50, 1)), np.full(50, 3.0), objective="regression")
    read = plain_trees(whole.model_to_string())
    assert read is not None
    (root,) = {one["tree_structure"]["leaf_value"] for one in read["tree_info"]}
    assert root == whole.dump_model()["tree_info"][0]["tree_structure"]["leaf_value"]


@pytest.mark.parametrize(
    "settings",
    [{"categories": [0]}, {"linear_tree": True}, {"objective": "multiclass", "num_class": 3}],
    ids=["categories", "linear leaves", "several answers"],
)
def test_what_is_not_plain_is_left_to_lightgbm(settings):
    rows = np.random.default_rng(3).integers(0, 3, (400, 2)).astype(float)
    whole = trained(rows, (rows[:, 0] * 2 + rows[:, 1]) % 3, **settings)
    assert plain_trees(whole.model_to_string()) is None
    assert isinstance(read_booster(whole.model_to_string()), lightgbm.Booster)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("\nend of trees\n", "\n"),
        ("left_child=1", "left_child=0"),
        ("left_child=1", "left_child=77"),
        ("split_feature=", "split_feature=99 "),
        ("\nleaf_value=", "\nleaf_value=0.5 "),
        ("num_leaves=9", "num_leaves=8"),
        ("max_feature_idx=", "max_feature_idx=-"),
    ],
)
def test_a_text_that_is_not_as_it_must_be_is_not_read(was, becomes):
    text = fitted(trees=3).model_to_string()
    assert was in text
    assert plain_trees(text.replace(was, becomes, 1)) is None


def test_a_model_of_small_plain_trees_answers_without_lightgbm(tmp_path: Path):
    columns = a_design()(matrix(features_of(a_policy(), VOCABULARIES), judge(some_deals(200), a_policy())))
    target = np.random.default_rng(3).integers(0, 2, 200).astype(float)
    small = trained(columns, target, objective="binary", num_leaves=SPLITS_AT_MOST + 1)
    folder = a_bundle(tmp_path / "b", a_model_of(BoosterMember(small, a_design())))
    command = [sys.executable, "-c", WITHOUT_LIGHTGBM, str(folder)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_model_of_plain_trees_is_written_as_it_was_read(tmp_path: Path):
    folder = a_bundle(tmp_path / "b", a_weighted_model())
    again = a_bundle(tmp_path / "again", load_bundle(folder, version="7"))
    boosters = sorted(file.name for file in folder.glob("*.lgb"))
    assert boosters
    assert [(again / name).read_bytes() for name in boosters] == [(folder / name).read_bytes() for name in boosters]
