"""Expected profit: totals as realised, and the seller's own figure where there is too little to learn from."""

import numpy as np
import pytest

from mlscore.registry import BoosterProfit
from mlscore.scoring.model.fitted import StatedProfit
from tests.builders import roubles
from tests.training.histories import a_closed_deal, a_history, a_table
from training.contest.profit import fit_profit


def fitted(table):
    return fit_profit(table, np.arange(len(table)), seed=1, threads=1)


def expected(table):
    return fitted(table)(table.inputs, table.judged, np.full(len(table), 0.5))


def test_what_is_expected_adds_up_to_what_was_realised() -> None:
    table = a_table(a_history(300))
    assert isinstance(fitted(table), BoosterProfit)
    assert expected(table).sum() == pytest.approx(table.profit.sum())
    assert expected(table).min() >= 0


def test_losses_are_expected_too_where_there_were_any() -> None:
    history = [
        a_closed_deal(f"D-{n}", day=n, profit=-4_000 if n % 2 else 9_000, need_defined=n % 2 == 0, amount=n)
        for n in range(200)
    ]
    table = a_table(history)
    money = expected(table)
    assert money.sum() == pytest.approx(table.profit.sum())
    assert money[table.profit < 0].mean() < 0 < money[table.profit > 0].mean()


def test_few_deals_teach_which_share_of_the_sellers_figures_comes_true() -> None:
    history = [
        a_closed_deal("D-1", profit=8_000, profit_if_won=roubles(10_000)),
        a_closed_deal("D-2", won=False, profit_if_won=roubles(10_000)),
        a_closed_deal("D-3", profit=3_000),
    ]
    assert fitted(a_table(history)) == StatedProfit(share=pytest.approx(0.4))


def test_without_recorded_profit_the_sellers_figure_counts_as_often_as_deals_are_won() -> None:
    history = [a_closed_deal(f"D-{n}", won=n == 0, profit=None) for n in range(4)]
    assert fitted(a_table(history)) == StatedProfit(share=0.25)


def test_where_nothing_was_stated_the_policys_prior_stands_in() -> None:
    assert fitted(a_table([a_closed_deal(), a_closed_deal("D-2")])) == StatedProfit(share=0.3)
