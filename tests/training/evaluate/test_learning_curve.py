"""Whether more history would help."""

from itertools import pairwise

import numpy as np

from mlscore.scoring.comparison import log_loss
from tests.training.histories import a_history, a_table, undated, with_outcomes_turned
from training.contest import Setting
from training.evaluate import learning_curve
from training.split import plan

SETTING = Setting(seed=1, threads=1)
TABLE = a_table(a_history(400))


def test_each_point_learned_half_as_many_deals_as_the_next_and_the_last_learned_all_before_the_test() -> None:
    folds = plan(TABLE)
    points = learning_curve(TABLE, folds, SETTING)
    [test] = [fold for fold in folds.finale if fold.is_test]
    assert points[-1].learned == len(test.learn)
    assert all(more.learned // 2 == less.learned for less, more in pairwise(points))
    assert 3 <= len(points) <= 5


def test_with_much_to_find_the_last_point_beats_the_share_of_good_deals() -> None:
    folds = plan(TABLE)
    [test] = [fold.answer for fold in folds.finale if fold.is_test]
    points = learning_curve(TABLE, folds, SETTING)
    share = np.full(len(test), TABLE.y[test].mean())
    assert points[-1].log_loss < 0.9 * log_loss(TABLE.y[test], share)


def test_what_became_of_the_judged_deals_teaches_nothing() -> None:
    history, folds = a_history(400), plan(TABLE)
    [test] = [fold.answer for fold in folds.finale if fold.is_test]
    turned = a_table(with_outcomes_turned(history, test.tolist()))
    before, after = (learning_curve(table, plan(table), SETTING)[-1].log_loss for table in (TABLE, turned))
    # The same answers, held against the opposite of what came: a model that had learned it would do as well as before.
    assert after > 2 * before


def test_an_undated_history_is_learned_in_one_of_its_folds() -> None:
    table = a_table(undated(a_history(200)))
    points = learning_curve(table, plan(table), SETTING)
    assert points[-1].learned == len(table) * 4 // 5


def test_a_short_history_has_no_curve() -> None:
    table = a_table(a_history(30))
    assert learning_curve(table, plan(table), SETTING) == ()
