"""One ranking for the whole service, and the line at which the team's capacity ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.policy import Policy, default_policy
from tests.training.findings import a_round
from tests.training.histories import a_history, a_table
from training.contest import Round
from training.dataset import Table
from training.evaluate import capacity_line, captured_of, money_rank, rank_of, worked_of

NO = np.zeros(4, dtype=np.bool_)
CHANCE = np.array([0.1, 0.2, 0.3, 0.4])


def working(a_month: int) -> Policy:
    """Return a policy whose team works so many deals a month."""
    policy = default_policy()
    return replace(policy, economics=replace(policy.economics, worked_capacity=a_month))


TABLE = a_table(a_history(100), working(2))
ROWS = np.arange(40, 100)


def expecting(profit: np.ndarray, *, table: Table = TABLE, abstained: np.ndarray | None = None) -> Round:
    """Return a round of the contest in which so much was expected of each deal."""
    silent = np.zeros(len(table), dtype=np.bool_) if abstained is None else abstained
    return a_round(table, expected_profit=profit, abstained=silent)


def test_deals_rank_by_money_and_one_unknown_figure_stands_below_the_rest() -> None:
    assert list(np.argsort(-rank_of(np.array([5.0, np.nan, -7.0, 9.0]), CHANCE, NO))) == [3, 0, 2, 1]


def test_where_no_money_is_known_deals_rank_by_their_chance() -> None:
    assert list(np.argsort(-rank_of(np.full(4, np.nan), CHANCE, NO))) == [3, 2, 1, 0]


def test_what_the_model_abstains_on_comes_last_in_its_own_order() -> None:
    abstained = np.array([False, False, True, True])
    expected = np.array([1.0, np.nan, 50.0, 60.0])
    assert list(np.argsort(-rank_of(expected, CHANCE, abstained))) == [0, 1, 3, 2]
    assert list(np.argsort(-rank_of(np.full(4, np.nan), CHANCE, abstained))) == [1, 0, 3, 2]


def test_the_same_money_is_the_same_rank() -> None:
    assert len(set(rank_of(np.array([3.0, 3.0, 3.0, 3.0]), CHANCE, NO))) == 1


def test_the_service_ranks_by_probability_where_no_profit_is_recorded() -> None:
    unrecorded = replace(TABLE, profit=np.where(TABLE.y, np.nan, 0.0))
    one = expecting(np.arange(100.0))
    assert list(np.argsort(money_rank(TABLE, one))) == list(range(100))
    by_chance = np.argsort(one.service, kind="stable")
    assert list(np.argsort(money_rank(unrecorded, one), kind="stable")) == list(by_chance)


def test_money_is_captured_without_the_deals_the_model_abstains_on() -> None:
    worth = np.nan_to_num(TABLE.profit)
    knowing = captured_of(TABLE, ROWS, expecting(worth))
    silent_on_the_best = captured_of(TABLE, ROWS, expecting(worth, abstained=worth > np.median(worth)))
    assert silent_on_the_best.service < knowing.service


def test_the_capacity_line_is_what_the_last_deal_the_team_can_work_was_expected_to_bring() -> None:
    expected = np.full(100, np.nan)
    expected[ROWS] = np.random.default_rng(1).permutation(60) * 100.0
    able = worked_of(TABLE, ROWS)
    assert 0 < able < len(ROWS) // 2
    assert (expected[ROWS] >= capacity_line(TABLE, ROWS, expecting(expected))).sum() == able


def test_deals_the_model_abstains_on_leave_the_room_to_others() -> None:
    expected, abstained = np.arange(100.0), np.zeros(100, dtype=np.bool_)
    before = capacity_line(TABLE, ROWS, expecting(expected))
    abstained[95:] = True
    assert capacity_line(TABLE, ROWS, expecting(expected, abstained=abstained)) == before - 5


@pytest.mark.parametrize("told", ["nothing expected", "abstained"])
def test_where_capacity_reaches_down_to_deals_nothing_is_said_of_there_is_no_line(told) -> None:
    expected, said = np.arange(100.0), np.arange(100) >= 98
    one = expecting(expected, abstained=~said) if told == "abstained" else expecting(np.where(said, expected, np.nan))
    assert worked_of(TABLE, ROWS) > 2
    assert capacity_line(TABLE, ROWS, one) is None


def test_a_team_that_can_work_every_deal_has_no_line() -> None:
    table = a_table(a_history(100), working(100_000))
    assert capacity_line(table, ROWS, expecting(np.arange(100.0), table=table)) is None


def test_without_dates_profits_or_judged_deals_there_is_no_line() -> None:
    one = expecting(np.arange(100.0))
    undated = replace(TABLE, as_of=np.full(100, np.nan))
    unrecorded = replace(TABLE, profit=np.where(TABLE.y, np.nan, 0.0))
    assert capacity_line(TABLE, ROWS, one) is not None
    assert capacity_line(undated, ROWS, one) is None
    assert capacity_line(unrecorded, ROWS, one) is None
    assert capacity_line(TABLE, np.zeros(0, dtype=np.intp), one) is None
