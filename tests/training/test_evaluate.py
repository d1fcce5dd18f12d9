"""What the team can work, and the line the last deal it could work stood at."""

from dataclasses import replace

import numpy as np

from tests.training.histories import a_history, a_table
from training.contest import Round
from training.evaluate import capacity_line, worked_of

TABLE = a_table(a_history(100))
ROWS = np.arange(40, 100)


def a_round(expected_profit: np.ndarray) -> Round:
    """Return a round of the contest in which so much was expected of each deal."""
    return replace(Round.empty(len(TABLE), ["rule_rates"]), expected_profit=expected_profit)


def test_the_capacity_line_is_what_the_last_deal_the_team_can_work_was_expected_to_bring() -> None:
    expected = np.full(100, np.nan)
    expected[ROWS] = np.random.default_rng(1).permutation(60) * 100.0
    line = capacity_line(TABLE, ROWS, a_round(expected))
    assert (expected[ROWS] >= line).sum() == worked_of(TABLE, ROWS) == 30


def test_deals_of_which_nothing_was_expected_stand_last() -> None:
    expected = np.arange(100.0)
    expected[70:] = np.nan
    assert capacity_line(TABLE, ROWS, a_round(expected)) == 40.0
    expected[60:] = np.nan
    assert capacity_line(TABLE, ROWS, a_round(expected)) is None


def test_without_recorded_profits_or_judged_deals_there_is_no_capacity_line() -> None:
    round_ = a_round(np.arange(100.0))
    assert capacity_line(TABLE, np.zeros(0, dtype=np.intp), round_) is None
    unrecorded = replace(TABLE, profit=np.where(TABLE.y, np.nan, 0.0))
    assert capacity_line(unrecorded, ROWS, round_) is None
