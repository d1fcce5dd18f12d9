"""Rules x model: every judged deal in one cell, under the name the service gives it."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.decision import agreement, model_yes, rule_yes
from mlscore.scoring.verdict import VERDICTS
from tests.training.findings import a_round
from tests.training.histories import a_history, a_table
from training.evaluate import matrix_of

TABLE = a_table(a_history(200))
ROWS = np.arange(200)
COST = TABLE.policy.economics.cost_per_worked_deal


def by_place(cells):
    return {(cell.rules, cell.model): cell for cell in cells}


def answered(**answers):
    expected = np.where(ROWS % 3 == 0, COST, COST - 1.0)
    return a_round(TABLE, **{"expected_profit": expected, "abstained": ROWS % 10 == 0} | answers)


def test_every_deal_stands_in_the_cell_of_its_agreement() -> None:
    first = answered()
    cells = matrix_of(TABLE, ROWS, first)
    named = [
        agreement(rule_yes(VERDICTS[verdict]), None if abstains else model_yes(float(expected), TABLE.policy))
        for verdict, expected, abstains in zip(
            TABLE.judged.verdict.tolist(), first.expected_profit, first.abstained, strict=True
        )
    ]
    for name in set(named):
        assert sum(cell.deals for cell in cells if cell.agreement == name) == named.count(name)
    assert len(set(named)) == 5


def test_the_cells_hold_all_deals_hits_and_money() -> None:
    cells = matrix_of(TABLE, ROWS, answered())
    assert len(cells) == 9
    assert sum(cell.deals for cell in cells) == 200
    assert sum(cell.hits for cell in cells) == TABLE.y.sum()
    assert sum(cell.realised for cell in cells) == pytest.approx(TABLE.profit.sum() / 100)


def test_a_hit_rate_is_the_share_that_turned_out_well() -> None:
    cells = by_place(matrix_of(TABLE, ROWS, answered()))
    cell = cells["yes", "yes"]
    among = [rule_yes(VERDICTS[verdict]) is True for verdict in TABLE.judged.verdict.tolist()]
    chosen = np.array(among) & (ROWS % 3 == 0) & (ROWS % 10 != 0)
    assert (cell.deals, cell.hit_rate) == (chosen.sum(), pytest.approx(TABLE.y[chosen].mean()))


def test_where_no_profit_can_be_expected_the_model_says_neither_yes_nor_no() -> None:
    cells = matrix_of(TABLE, ROWS, answered(expected_profit=np.full(200, np.nan)))
    assert {cell.model for cell in cells if cell.deals} == {"abstains"}
    assert np.isnan(by_place(cells)["yes", "yes"].hit_rate)


def test_where_no_profit_is_recorded_none_is_told() -> None:
    unrecorded = replace(TABLE, profit=np.full(200, np.nan))
    assert {cell.realised for cell in matrix_of(unrecorded, ROWS, answered())} == {None}
