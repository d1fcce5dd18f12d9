"""Expected against realised, and what each ranking finds of it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.findings import a_round
from tests.training.histories import a_history, a_table
from training.evaluate import captured_of, expected_of, worked_of, worth_of

TABLE = a_table(a_history(100))
ROWS = np.arange(40, 100)
BROUGHT = TABLE.profit[ROWS] / 100


def expecting(minor: np.ndarray):
    return a_round(TABLE, expected_profit=minor)


def test_the_surplus_is_what_came_above_what_was_expected() -> None:
    worth = worth_of(TABLE, ROWS, expecting(TABLE.profit - 50_000.0))
    assert worth.deals == 60
    assert worth.realised == pytest.approx(BROUGHT.sum())
    assert worth.expected == pytest.approx(BROUGHT.sum() - 60 * 500)
    assert worth.surplus.value == pytest.approx(60 * 500)
    assert (worth.surplus.low, worth.surplus.high) == (pytest.approx(60 * 500), pytest.approx(60 * 500))
    assert worth.rank_correlation == pytest.approx(1.0)


def test_honest_expectations_leave_zero_within_the_interval_and_others_do_not() -> None:
    mean = np.full(100, TABLE.profit[ROWS].mean())
    honest, hopeful = (worth_of(TABLE, ROWS, expecting(mean * factor)).surplus for factor in (1.0, 3.0))
    assert honest.low < 0 < honest.high
    assert hopeful.high < 0


def test_the_same_expected_of_all_ranks_nothing() -> None:
    assert np.isnan(worth_of(TABLE, ROWS, expecting(np.full(100, 7.0))).rank_correlation)


def test_where_money_is_not_known_nothing_is_said_of_it() -> None:
    unrecorded = replace(TABLE, profit=np.where(TABLE.y, np.nan, 0.0))
    gap = np.where(np.arange(100) == 50, np.nan, 1.0)
    no_rows = np.zeros(0, dtype=np.intp)
    assert worth_of(unrecorded, ROWS, a_round(TABLE)) is None
    assert captured_of(unrecorded, ROWS, a_round(TABLE)) is None
    assert worth_of(TABLE, ROWS, expecting(gap)) is None
    assert expected_of(TABLE, ROWS, expecting(gap)) is None
    assert worth_of(TABLE, no_rows, a_round(TABLE)) is None
    assert captured_of(TABLE, no_rows, a_round(TABLE)) is None


def test_who_knows_all_earns_most_and_chance_the_share_of_deals_worked() -> None:
    knowing, blind = (captured_of(TABLE, ROWS, expecting(sign * TABLE.profit)) for sign in (1.0, -1.0))
    assert knowing.worked == worked_of(TABLE, ROWS) == 30
    assert knowing.service == pytest.approx(np.sort(BROUGHT)[-30:].sum())
    assert knowing.service == pytest.approx(knowing.oracle)
    assert knowing.chance == pytest.approx(BROUGHT.sum() / 2)
    assert blind.service < knowing.rules < knowing.oracle
