"""Who learns from what: a history is cut down by time, by draws, or in groups, and nobody looks ahead."""

from __future__ import annotations

import numpy as np
import pytest

from mlscore.scoring.errors import TrainingError
from tests.training.histories import a_history, a_table
from training.bench.protocol import DRAWS_MAX, Protocol, cut_down, draws_of, sizes_within, turn_of

TABLE = a_table(a_history(300))
[[TEST]] = Protocol().passes(TABLE, seed=1)
UNDATED = Protocol(grouped=(5, 2)).passes(TABLE, seed=1)


def test_by_time_one_pass_answers_the_newest_fifth() -> None:
    assert TEST.is_test
    assert (TABLE.known_at[TEST.learn] <= TEST.start).all()


def test_grouped_folds_make_a_pass_a_repeat_and_each_answers_every_deal_once() -> None:
    assert len(UNDATED) == 2
    for folds in UNDATED:
        assert sorted(np.concatenate([fold.answer for fold in folds])) == list(range(300))


def test_a_small_history_is_the_newest_known_and_a_further_draw_those_before() -> None:
    newest, before = (cut_down(TABLE, TEST, 30, draw=draw, seed=0) for draw in (0, 1))
    assert len(newest) == len(before) == 30
    assert TABLE.known_at[before].max() <= TABLE.known_at[newest].min()
    assert set(newest) | set(before) <= set(TEST.learn)


@pytest.mark.parametrize(("size", "draws"), [(None, 1), (0, 1), (10, DRAWS_MAX), (10_000, 1)])
def test_only_small_histories_are_drawn_more_than_once(size, draws) -> None:
    assert draws_of(size, TEST) == draws


def test_sizes_the_smallest_fold_cannot_learn_are_left_out() -> None:
    most = min(len(fold.learn) for folds in UNDATED for fold in folds)
    assert sizes_within((0, most, most + 1, None), UNDATED) == (0, most, None)
    with pytest.raises(TrainingError, match=f"There are {most} deals"):
        sizes_within((most + 1,), UNDATED)


def test_where_nothing_is_dated_a_small_history_is_drawn_at_random_once() -> None:
    fold = UNDATED[0][0]
    assert draws_of(30, fold) == 1
    drawn = cut_down(TABLE, fold, 30, draw=0, seed=0)
    assert len(set(drawn) & set(fold.learn)) == 30
    assert list(cut_down(TABLE, fold, 30, draw=0, seed=0)) == list(drawn)


def test_the_services_own_turn_ends_with_the_test_and_tries_things_out_on_earlier_deals_only() -> None:
    *tried, last = turn_of(TABLE, TEST, seed=1)
    assert list(last.answer) == list(TEST.answer)
    assert tried
    assert all(set(fold.learn) | set(fold.answer) <= set(TEST.learn) for fold in tried)
