"""What abstaining is worth."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.comparison import log_loss
from tests.training.findings import a_chance, a_round
from tests.training.histories import a_history, a_table
from training.evaluate import abstaining_of

TABLE = a_table(a_history(100))
ROWS = np.arange(100)
FIRST_TEN = np.arange(100) < 10


def test_abstaining_where_the_answers_are_wrong_saves_log_loss() -> None:
    chance = np.where(FIRST_TEN, np.where(TABLE.y, 0.05, 0.95), a_chance(TABLE))
    found = abstaining_of(TABLE, ROWS, a_round(TABLE, chance, abstained=FIRST_TEN))
    assert (found.abstained.deals, found.kept.deals, found.share) == (10, 90, 0.1)
    assert found.abstained.log_loss == pytest.approx(-np.log(0.05))
    assert found.saves == pytest.approx(log_loss(TABLE.y, chance) - log_loss(TABLE.y[10:], chance[10:]))
    assert found.saves > 0


def test_abstaining_where_the_answers_are_right_costs() -> None:
    chance = np.where(FIRST_TEN, np.where(TABLE.y, 0.99, 0.01), 0.5)
    found = abstaining_of(TABLE, ROWS, a_round(TABLE, chance, abstained=FIRST_TEN))
    assert found.saves < 0


def test_both_parts_carry_their_money() -> None:
    found = abstaining_of(TABLE, ROWS, a_round(TABLE, expected_profit=np.full(100, 200_000.0), abstained=FIRST_TEN))
    assert (found.abstained.expected, found.kept.expected) == (10 * 2_000.0, 90 * 2_000.0)
    assert found.abstained.realised == pytest.approx(TABLE.profit[:10].sum() / 100)
    assert found.kept.realised + found.abstained.realised == pytest.approx(TABLE.profit.sum() / 100)
    unrecorded = replace(TABLE, profit=np.full(100, np.nan))
    assert abstaining_of(unrecorded, ROWS, a_round(TABLE, abstained=FIRST_TEN)).kept.realised is None


def test_a_model_that_keeps_every_deal_saves_nothing_and_neither_does_one_that_keeps_none() -> None:
    keeps_all = abstaining_of(TABLE, ROWS, a_round(TABLE))
    keeps_none = abstaining_of(TABLE, ROWS, a_round(TABLE, abstained=np.ones(100, dtype=bool)))
    assert (keeps_all.share, keeps_all.saves, keeps_all.abstained.deals) == (0.0, 0.0, 0)
    assert np.isnan(keeps_all.abstained.log_loss)
    assert (keeps_none.share, keeps_none.saves) == (1.0, 0.0)
    assert abstaining_of(TABLE, ROWS[:0], a_round(TABLE)) is None
