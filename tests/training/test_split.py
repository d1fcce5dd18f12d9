"""Who may learn from whom."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from tests.training.histories import START, a_closed_deal, a_history, a_table, undated
from training.split import mature_rows, plan, quarters


@pytest.mark.parametrize("refit", ["once", "quarter", "month"])
def test_every_fold_learns_only_what_was_known_before_it_starts(refit) -> None:
    table = a_table(a_history(400))
    [folds] = plan(table, refit=refit).folds
    for fold in folds:
        assert table.known_at[fold.learn].max() <= fold.start <= table.as_of[fold.answer].min()


def test_the_test_is_the_newest_fifth_of_the_mature_deals() -> None:
    closed_by_then = [c for c in a_history(400) if c.outcome.known_at <= START + timedelta(days=399)]
    table = a_table(closed_by_then)
    made = plan(table)
    mature = mature_rows(table)
    [test] = [fold.answer for fold in made.folds[0] if fold.is_test]
    assert len(test) == pytest.approx(len(mature) / 5, abs=1)
    assert table.as_of[test].max() == table.as_of[mature].max()
    assert made.immature == len(table) - len(mature) > 0


def test_the_test_ends_where_the_newest_closed_deals_are_only_the_fast_closers() -> None:
    history = [a_closed_deal(f"D-{n}", day=n, days_to_close=30) for n in range(100)]
    table = a_table(history)
    assert table.as_of[mature_rows(table)].max() == (START + timedelta(days=99)).timestamp()
    fast = [a_closed_deal(f"F-{n}", day=110 + n, days_to_close=1) for n in range(9)]
    table = a_table(history + fast)
    assert not np.isin(np.arange(100, 109), mature_rows(table)).any()


def test_a_correction_makes_no_deal_slow_to_close() -> None:
    history = [a_closed_deal(f"D-{n}", day=n, days_to_close=30) for n in range(100)]
    late = START + timedelta(days=400)
    corrected = [
        replace(c, outcome=replace(c.outcome, known_at=late), first_known_at=c.outcome.known_at) for c in history[:50]
    ]
    plain, mended = a_table(history), a_table(corrected + history[50:])
    assert mature_rows(mended).tolist() == mature_rows(plain).tolist()


def test_a_test_may_begin_on_a_date() -> None:
    table = a_table(a_history(400))
    begin = START + timedelta(days=200)
    [test] = [fold for fold in plan(table, test_from=begin).folds[0] if fold.is_test]
    assert test.start == begin.timestamp()


def test_learning_anew_each_quarter_splits_the_test_and_loses_no_deal() -> None:
    table = a_table(a_history(400))
    begin = START + timedelta(days=150)
    [once] = [f.answer for f in plan(table, test_from=begin).folds[0] if f.is_test]
    parts = [f.answer for f in plan(table, test_from=begin, refit="quarter").folds[0] if f.is_test]
    assert len(parts) == 4
    assert np.concatenate(parts).tolist() == once.tolist()


def test_a_thin_test_is_judged_on_the_rolling_origins_too() -> None:
    table = a_table(a_history(400))
    assert len(plan(table).judged) > len(table) / 5
    big = a_table(a_history(1200))
    [test] = [fold.answer for fold in plan(big).folds[0] if fold.is_test]
    assert plan(big).judged.tolist() == test.tolist()


def test_grouped_folds_answer_every_deal_once_and_never_part_the_same_facts() -> None:
    history = undated(a_history(120))
    again = undated([a_closed_deal(f"A-{n}", won=n % 2 == 0, amount=100 * (n // 2)) for n in range(40)])
    table = a_table(history + again)
    made = plan(table, grouped=(5, 3))
    assert made.repeats == 3
    for folds in made.folds:
        answered = np.concatenate([fold.answer for fold in folds])
        assert sorted(answered.tolist()) == list(range(len(table)))
        for fold in folds:
            assert not np.isin(table.groups[fold.answer], table.groups[fold.learn]).any()


def test_a_history_without_dates_is_judged_by_grouped_folds() -> None:
    made = plan(a_table(undated(a_history(60))))
    assert not made.by_time
    assert len(made.judged) == 60


@pytest.mark.parametrize("deals", [1, 2, 5, 30])
def test_the_smallest_histories_can_be_split(deals) -> None:
    for history in (a_history(deals), undated(a_history(deals))):
        for fold in plan(a_table(history)).folds[0]:
            assert len(fold.answer)


def test_quarters_are_named_and_the_undated_have_none() -> None:
    assert quarters(np.array([START.timestamp(), np.nan])) == ["2024Q1", "undated"]
