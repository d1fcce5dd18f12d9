"""Rules against the model: who is right, by how much, and how sure that is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.scoring.comparison import profit_captured
from mlscore.service.looking_back.contest import contest_of, gap_of, names_by, parts_of, points
from tests.builders import a_good_deal, roubles
from tests.service.looking_back.builders import a_past

EVERY = np.arange(200)


def knows_all(count=200):
    """Return a past whose model knew all, and whose rules found every deal alike."""
    profits = [(number * 7919) % 90_000 if number % 3 else 0 for number in range(count)]
    return a_past(profits, probability=np.array(profits) / 100_000)


def test_a_model_that_knew_all_is_ahead_beyond_chance():
    past = knows_all()
    contest = contest_of(past)
    assert np.allclose(contest.curves["model"], contest.curves["oracle"])
    assert np.allclose(contest.curves["rules"], contest.curves["random"])
    gap = gap_of(past, contest.rows, share=0.5)
    assert gap.leader == "model"
    assert gap.profit.value == pytest.approx(contest.curves["model"][100] - contest.curves["rules"][100])
    assert gap.profit.low > 0


def test_a_model_that_had_it_backwards_is_behind():
    past = knows_all()
    backwards = a_past(past.profit / 100, probability=1 - past.probability)
    assert gap_of(backwards, EVERY, share=0.5).leader == "rules"


def test_two_who_say_the_same_are_told_apart_by_nobody():
    past = a_past([5_000] * 60, probability=[0.5] * 60)
    gap = gap_of(past, np.arange(60), share=0.5)
    assert (gap.leader, gap.profit.value, gap.model_ahead) == (None, 0.0, 0.5)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30), st.integers(0, 30))
def test_a_gap_is_what_the_curves_say_of_all_deals(chances, worked):
    profits = [(number * 37) % 11 * 1_000 for number in range(len(chances))]
    past = a_past(profits, probability=np.array(chances) / 5)
    worked = min(worked, len(chances))
    share = worked / len(chances)
    expected = profit_captured(past.probability, past.profit, worked=worked) - profit_captured(
        past.judged.rank, past.profit, worked=worked
    )
    assert gap_of(past, np.arange(len(chances)), share=share).profit.value == pytest.approx(expected, abs=1e-3)


def test_live_answers_and_backtests_are_told_apart():
    past = a_past([9_000] * 6, is_live=np.array([True, True, False, False, False, False]))
    assert [len(contest_of(past, answers).rows) for answers in ("all", "live", "backtest")] == [6, 2, 4]
    assert contest_of(past, "all").live == 2


def test_without_an_answer_of_the_model_there_is_no_contest():
    assert contest_of(a_past([9_000] * 3, probability=[np.nan] * 3)) is None
    assert contest_of(a_past([9_000] * 3), "backtest") is None


def test_where_the_team_could_have_worked_all_half_are_taken():
    contest = contest_of(a_past([9_000] * 50))
    assert (contest.worked, contest.all_workable) == (25, True)


def test_bins_say_what_came_true_of_what_was_said():
    past = a_past([0] * 50 + [9_000] * 50, probability=[0.1] * 50 + [0.8] * 50)
    bins = contest_of(past).bins
    assert [(one.deals, one.said, one.seen) for one in bins] == [
        *[(10, pytest.approx(0.1), 0.0)] * 5,
        *[(10, pytest.approx(0.8), 1.0)] * 5,
    ]


def test_parts_hold_every_deal_once_and_their_own_money():
    deals = [a_good_deal(deal_id=f"D-{n}", source=("site", "fair", None)[n % 3]) for n in range(30)]
    past = a_past([1_000 * n for n in range(30)], deals=deals, probability=np.linspace(0, 1, 30))
    parts = parts_of(past, np.arange(30), names_by(past, "source"), share=1.0)
    assert [(one.name, one.deals) for one in parts] == [("fair", 10), ("site", 10), (None, 10)]
    assert sum(one.profit for one in parts) == past.profit.sum()
    assert all(one.rules == one.model == one.profit for one in parts)
    [half] = [one for one in parts_of(past, np.arange(30), names_by(past, "source"), share=0.1) if one.name == "site"]
    assert half.model == roubles(27_000)


def test_quarters_are_those_of_the_firms_own_days():
    past = a_past([0, 0], as_of=np.array([np.nan, 1_767_214_800.0]))  # 31 December 2025, 21:00 in UTC
    assert names_by(past, "quarter").tolist() == [None, "2026 Q1"]


def test_a_curve_is_drawn_from_none_to_all():
    assert points(np.zeros(101)).tolist() == list(range(0, 101, 5))
    assert points(np.zeros(4)).tolist() == [0, 1, 2, 3]
