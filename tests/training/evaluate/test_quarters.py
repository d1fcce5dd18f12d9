"""Answers and money, quarter by quarter."""

import numpy as np
import pytest

from mlscore.scoring.comparison import auc, log_loss
from tests.training.findings import a_chance, a_round
from tests.training.histories import a_history, a_table, undated
from training.evaluate import by_quarter

TABLE = a_table(a_history(200))
ROWS = np.arange(200)
LOG_ODDS = a_round(TABLE).service


def test_each_quarter_is_measured_on_its_own_deals() -> None:
    first, second = by_quarter(TABLE, ROWS, LOG_ODDS)
    assert (first.quarter, first.deals) == ("2024Q1", 91)
    assert (second.quarter, second.deals) == ("2024Q2", 91)
    y, chance = TABLE.y[:91], a_chance(TABLE)[:91]
    assert (first.log_loss, first.auc) == (pytest.approx(log_loss(y, chance)), pytest.approx(auc(y, chance)))
    assert first.numbers().keys() == {"log_loss", "auc"}


def test_money_is_told_where_it_is_known() -> None:
    [first, *_] = by_quarter(TABLE, ROWS, LOG_ODDS, expected=np.full(200, 3.0))
    assert (first.expected, first.realised) == (273.0, pytest.approx(TABLE.profit[:91].sum() / 100))
    assert {"expected_profit", "realised_profit"} < first.numbers().keys()


def test_a_quarter_of_few_deals_says_nothing() -> None:
    assert [one.deals for one in by_quarter(TABLE, ROWS, LOG_ODDS)] == [91, 91]
    assert [one.deals for one in by_quarter(TABLE, np.arange(60, 182), LOG_ODDS)] == [31, 91]


def test_what_cannot_be_told_of_a_quarter_is_left_out() -> None:
    lost = np.flatnonzero(~TABLE.y)[:25]
    [only] = by_quarter(TABLE, lost, LOG_ODDS)
    assert only.numbers().keys() == {"log_loss"}


def test_an_undated_history_has_no_quarters() -> None:
    table = a_table(undated(a_history(60)))
    assert by_quarter(table, np.arange(len(table)), a_round(table).service) == ()
