"""The trees walked together give LightGBM's own sums, bit for bit, of deals as they are and as they would be."""

from typing import Any

import lightgbm
import numpy as np
import pytest

from mlscore.registry import BoosterMember, BoosterRatio
from mlscore.registry.trees.booster import plant
from mlscore.registry.trees.grove import grown
from mlscore.registry.trees.shares import SPLITS_AT_MOST, tree_shares
from mlscore.scoring.model import Design, Inputs
from mlscore.scoring.model.design import NUMBER, UNKNOWN

FEATURES, LEVELS = 5, 6
DESIGN = Design(
    source=np.array([0.0, 1.0, 2.0, 3.0, 3.0, *([4.0] * LEVELS), 4.0]),
    level=np.array([NUMBER, NUMBER, NUMBER, NUMBER, UNKNOWN, *map(float, range(LEVELS)), UNKNOWN]),
)
"""Four numbers, one of them also by whether it is known, and a category by its levels."""


def some_rows(count: int, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.round(rng.normal(size=(count, FEATURES)), 1)
    rows[:, -1] = rng.integers(0, LEVELS + 2, count)
    rows[rng.random(rows.shape) < 0.3] = np.nan
    return rows


def fitted(*, trees: int = 30, seed: int = 1, **settings: Any) -> lightgbm.Booster:
    rows = some_rows(600, seed=seed)
    known = np.nan_to_num(rows, nan=0.7)
    target = known[:, 0] * known[:, 1] + np.sin(known[:, 2]) + (known[:, 4] % 2) + known[:, 3]
    params = {"num_leaves": SPLITS_AT_MOST + 1, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": seed}
    return lightgbm.train(params | settings, lightgbm.Dataset(DESIGN(rows), target), num_boost_round=trees)


def of(rows: np.ndarray, **more: Any) -> Inputs:
    return Inputs(rows, np.zeros(len(rows), dtype=np.intp), **more)


def lightgbms_own(booster: lightgbm.Booster, rows: np.ndarray) -> bytes:
    return booster.predict(DESIGN(rows), raw_score=True, num_threads=1).tobytes()


def planted(*boosters: lightgbm.Booster) -> list[BoosterMember]:
    members = [BoosterMember(booster, DESIGN) for booster in boosters]
    plant(members, features=FEATURES)
    return members


@pytest.mark.parametrize("size", [1, 2, 8, 65, 700])
@pytest.mark.parametrize("settings", [{}, {"use_missing": False}, {"boosting": "rf", "bagging_freq": 1,
                                                                   "bagging_fraction": 0.6}], ids=str)  # fmt: skip
def test_sums_are_lightgbms_own(settings: dict[str, Any], size: int) -> None:
    boosters = [fitted(**settings), fitted(seed=2, trees=7, **settings)]
    rows = some_rows(size, seed=9)
    rows[0, :4] = [0.0, -0.0, 1e-36, np.inf]
    sums = grown([(booster, DESIGN) for booster in boosters], features=FEATURES)(of(rows))
    for booster, raw in zip(boosters, sums, strict=True):
        assert raw.tobytes() == lightgbms_own(booster, rows)


@pytest.mark.parametrize("size", [1, 600])
def test_a_value_that_stands_on_a_corner_goes_where_lightgbm_sends_it(size: int) -> None:
    booster = fitted()
    grove = grown([(booster, DESIGN)], features=FEATURES)
    corners = grove.corners[0][np.isfinite(grove.corners[0])]
    corners = np.resize(corners, max(size, len(corners)))
    rows = np.repeat(some_rows(1), len(corners), axis=0)
    rows[:, grove.features[0]] = corners
    assert grove(of(rows))[0].tobytes() == lightgbms_own(booster, rows)


@pytest.mark.parametrize("size", [1, 3, 400])
def test_a_deal_as_it_would_be_is_walked_as_if_it_were_so(size: int) -> None:
    [member] = planted(fitted())
    before = of(some_rows(size, seed=4))
    whose = np.repeat(np.arange(size), 5)
    rows, others = before.matrix[whose].copy(), some_rows(5 * size, seed=5)
    is_changed = np.random.default_rng(6).random(rows.shape) < 0.3
    rows[is_changed] = others[is_changed]
    assert member.log_odds(of(rows, origin=(before, whose))).tobytes() == lightgbms_own(member.booster, rows)


def test_a_ratio_is_walked_only_where_its_answer_is_the_sum() -> None:
    plain, forest = fitted(), fitted(boosting="rf", bagging_freq=1, bagging_fraction=0.6)
    ratios = [BoosterRatio(booster, DESIGN) for booster in (plain, forest)]
    rows = some_rows(20, seed=8)
    before = [ratio(of(rows)) for ratio in ratios]
    plant(ratios, features=FEATURES)
    assert [ratio.place is not None for ratio in ratios] == [True, False]
    assert [ratio(of(rows)).tobytes() for ratio in ratios] == [answer.tobytes() for answer in before]


def test_what_one_member_worked_out_is_no_others() -> None:
    rows = of(some_rows(4), memo={})
    answers = [planted(fitted(seed=seed))[0].log_odds(rows).tobytes() for seed in range(1, 4)]
    assert answers == [lightgbms_own(fitted(seed=seed), rows.matrix) for seed in range(1, 4)]


def test_a_deal_nothing_of_which_changes_keeps_its_sum() -> None:
    [member] = planted(fitted())
    before = of(some_rows(3))
    again = of(before.matrix.copy(), origin=(before, np.arange(3)))
    assert member.log_odds(again).tobytes() == member.log_odds(before).tobytes()


def test_shares_are_looked_up_by_the_ways_walked() -> None:
    first, second = planted(fitted(), fitted(seed=2, trees=7))
    rows = some_rows(50, seed=3)
    for member in (first, second):
        alone = tree_shares(member.booster)(DESIGN(rows))
        gathered = DESIGN.gathered(alone[:, :-1], FEATURES)
        assert member.contributions(of(rows))[:, :FEATURES].tobytes() == gathered.tobytes()


@pytest.mark.parametrize(
    "settings", [{"num_leaves": SPLITS_AT_MOST + 2}, {"zero_as_missing": True}, {"objective": "poisson"}], ids=str
)
def test_trees_it_cannot_walk_are_left_to_lightgbm(settings: dict[str, Any]) -> None:
    rows = some_rows(200)
    data = lightgbm.Dataset(DESIGN(rows), np.abs(np.nan_to_num(rows[:, 0], nan=3.0)) + np.nan_to_num(rows[:, 1]) ** 2)
    params = {"num_leaves": 8, "min_data_in_leaf": 2, "verbose": -1, "num_threads": 1} | settings
    booster = lightgbm.train(params, data, num_boost_round=20)
    assert grown([(booster, DESIGN)], features=FEATURES) is None
    [member] = planted(booster)
    assert member.log_odds(of(rows)).tobytes() == lightgbms_own(booster, rows)
