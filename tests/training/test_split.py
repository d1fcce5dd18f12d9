"""Who may learn from whom."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from mlscore.scoring.errors import TrainingError
from tests.training.histories import START, a_closed_deal, a_history, a_table, undated
from training.split import grouped_folds, in_time, mature_rows, plan, quarters, seconds_to_close, within


def the_tests(turn):
    """Return the rows of each test of a turn."""
    return [fold.answer for fold in turn if fold.is_test]


@pytest.mark.parametrize("refit", ["once", "quarter", "month"])
def test_every_fold_learns_only_what_was_known_before_it_starts(refit) -> None:
    table = a_table(a_history(400))
    turn = plan(table, refit=refit).finale
    assert [fold.start for fold in turn] == sorted(fold.start for fold in turn)
    for fold in turn:
        assert table.known_at[fold.learn].max() <= fold.start == table.as_of[fold.answer].min()
        known = (table.known_at <= fold.start) & (table.as_of < fold.start)
        assert fold.learn.tolist() == np.flatnonzero(known).tolist()


def test_a_deal_scored_just_after_it_ended_is_never_learned_by_the_fold_that_answers_it() -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, days_to_close=-0.5, amount=n) for n in range(100)])
    turn = plan(table).finale
    assert len(turn) == 5
    for fold in turn:
        assert (table.as_of[fold.learn] < fold.start).all()
        assert not np.isin(fold.learn, fold.answer).any()


def test_what_was_known_late_is_learned_late() -> None:
    history = a_history(400)
    corrected = START + timedelta(days=300)
    late = replace(history[3], outcome=replace(history[3].outcome, known_at=corrected))
    table = a_table([*history[:3], late, *history[4:]])
    learned = [(fold.start, 3 in fold.learn) for fold in plan(table).finale]
    assert [is_learned for _, is_learned in learned] == [start >= corrected.timestamp() for start, _ in learned]
    assert {is_learned for _, is_learned in learned} == {True, False}


def test_by_time_there_is_one_turn_and_the_model_is_put_together_from_it() -> None:
    made = plan(a_table(a_history(400)))
    assert made.by_time
    assert made.repeats == ((made.finale,),)
    answered = np.concatenate([fold.answer for fold in made.finale])
    assert len(np.unique(answered)) == len(answered)


def test_the_test_is_the_newest_fifth_of_the_mature_deals() -> None:
    closed_by_then = [c for c in a_history(400) if c.outcome.known_at <= START + timedelta(days=399)]
    table = a_table(closed_by_then)
    made = plan(table)
    mature = mature_rows(table)
    [test] = the_tests(made.finale)
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
    [test] = [fold for fold in plan(table, test_from=begin).finale if fold.is_test]
    assert test.start == begin.timestamp()


def test_learning_anew_each_quarter_splits_the_test_and_loses_no_deal() -> None:
    table = a_table(a_history(400))
    begin = START + timedelta(days=150)
    [once] = the_tests(plan(table, test_from=begin).finale)
    parts = the_tests(plan(table, test_from=begin, refit="quarter").finale)
    assert len(parts) == 4
    assert np.concatenate(parts).tolist() == once.tolist()


def test_a_thin_test_is_judged_on_the_rolling_origins_too() -> None:
    table = a_table(a_history(400))
    first, *others = plan(table).finale
    assert len(plan(table).judged) > len(table) / 5
    assert plan(table).judged.tolist() == [row for fold in others for row in fold.answer.tolist()]
    assert not np.isin(first.answer, plan(table).judged).any()
    big = a_table(a_history(1200))
    [test] = the_tests(plan(big).finale)
    assert plan(big).judged.tolist() == test.tolist()


def test_grouped_folds_answer_every_deal_once_and_never_part_the_same_facts() -> None:
    history = undated(a_history(120))
    again = undated([a_closed_deal(f"A-{n}", won=n % 2 == 0, amount=100 * (n // 2)) for n in range(40)])
    table = a_table(history + again)
    made = plan(table, grouped=(5, 3))
    assert [len(turns) for turns in made.repeats] == [5, 5, 5]
    for turns in made.repeats:
        answered = np.concatenate([rows for turn in turns for rows in the_tests(turn)])
        assert sorted(answered.tolist()) == list(range(len(table)))
        for fold in (fold for turn in turns for fold in turn):
            assert not np.isin(table.groups[fold.answer], table.groups[fold.learn]).any()


def test_repeats_of_grouped_folds_deal_the_groups_out_anew_and_a_seed_the_same_way() -> None:
    table = a_table(undated(a_history(120)))
    first, second = ([t[-1].answer.tolist() for t in turns] for turns in plan(table, grouped=(4, 2)).repeats)
    assert first != second
    assert [t[-1].answer.tolist() for t in plan(table, grouped=(4, 1)).repeats[0]] == first
    assert [t[-1].answer.tolist() for t in plan(table, grouped=(4, 1), seed=9).repeats[0]] != first


def test_where_nothing_is_dated_a_test_settles_nothing_of_how_it_is_answered() -> None:
    table = a_table(undated(a_history(120)))
    for turn in plan(table, grouped=(5, 2)).repeats[0]:
        *inner, test = turn
        assert test.is_test
        assert not any(fold.is_test for fold in inner)
        before = np.concatenate([rows for fold in inner for rows in (fold.learn, fold.answer)])
        assert not np.isin(before, test.answer).any()
        assert sorted(np.concatenate([fold.answer for fold in inner]).tolist()) == sorted(test.learn.tolist())


def test_the_model_for_an_undated_history_is_put_together_from_folds_of_every_deal() -> None:
    table = a_table(undated(a_history(90)))
    made = plan(table)
    assert sorted(np.concatenate([fold.answer for fold in made.finale]).tolist()) == list(range(len(table)))
    assert not any(fold.is_test for fold in made.finale)


def test_a_history_without_dates_is_judged_by_grouped_folds() -> None:
    made = plan(a_table(undated(a_history(60))))
    assert not made.by_time
    assert sorted(made.judged.tolist()) == list(range(60))


def test_grouped_folds_among_some_rows_deal_out_those_alone() -> None:
    table = a_table(undated(a_history(60)))
    among = np.arange(5, 47, 2)
    folds = grouped_folds(table, 4, seed=1, among=among)
    assert sorted(np.concatenate([fold.answer for fold in folds]).tolist()) == among.tolist()
    for fold in folds:
        assert sorted(np.concatenate([fold.learn, fold.answer]).tolist()) == among.tolist()
        assert np.isnan(fold.start)
    *inner, test = within(table, among, np.array([0, 1]), seed=1)
    assert sorted(np.concatenate([fold.answer for fold in inner]).tolist()) == among.tolist()
    assert (test.learn.tolist(), test.answer.tolist(), test.is_test) == (among.tolist(), [0, 1], True)


def test_rolling_origins_learn_only_from_the_rows_they_may_know() -> None:
    table = a_table(a_history(200))
    known = np.arange(0, 200, 3)
    turn = in_time(table, known, known[:60], [known[60:]])
    assert [fold.is_test for fold in turn] == [False, False, False, False, True]
    for fold in turn:
        assert np.isin(fold.learn, known).all()
        assert (table.known_at[fold.learn] <= fold.start).all()


def test_how_long_deals_take_to_close_is_what_nine_in_ten_of_them_need() -> None:
    history = [a_closed_deal(f"D-{n}", day=n, days_to_close=10 if n < 91 else 200) for n in range(100)]
    table = a_table(history)
    assert seconds_to_close(table, np.arange(100)) == 10 * 86_400
    assert seconds_to_close(table, np.arange(80, 100)) == 200 * 86_400
    assert seconds_to_close(table, np.arange(0)) == 0.0


@pytest.mark.parametrize("deals", [1, 2, 5, 30])
def test_the_smallest_histories_can_be_split(deals) -> None:
    for history in (a_history(deals), undated(a_history(deals))):
        for turn in plan(a_table(history)).repeats[0]:
            assert all(len(fold.answer) for fold in turn)


def test_quarters_are_named_and_the_undated_have_none() -> None:
    assert quarters(np.array([START.timestamp(), np.nan])) == ["2024Q1", "undated"]


@pytest.mark.parametrize("asked", [{"test_from": START}, {"refit": "quarter"}])
def test_what_speaks_of_time_is_refused_where_there_is_none(asked) -> None:
    dated, timeless = a_table(a_history(60)), a_table(undated(a_history(60)))
    with pytest.raises(TrainingError, match=r"not dated.*leave out --test-from"):
        plan(timeless, **asked)
    with pytest.raises(TrainingError, match="know no time"):
        plan(dated, grouped=(5, 1), **asked)
