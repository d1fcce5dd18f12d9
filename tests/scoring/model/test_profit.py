"""Expected profit rises with the chance and with the deal, and says nothing where nobody could."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import Inputs, PartedProfit, SameRatio, stated_profit
from mlscore.scoring.policy import default_policy
from mlscore.scoring.verdict import judge
from tests.builders import a_deal, a_good_deal, roubles
from tests.strategies import batches

LEARNED = PartedProfit(good=SameRatio(0.9), bad=SameRatio(-0.1), margin=0.25, typical=roubles(2_000))
STATED = a_good_deal(amount=roubles(40_000), profit_if_won=roubles(12_000))
PRICED = a_deal(amount=roubles(40_000))
BARE = a_deal()


def expected(profit: PartedProfit, *deals: Deal, chance: float = 0.5) -> list[float]:
    judged = judge(Deals(deals), default_policy())
    inputs = Inputs(matrix=np.zeros((len(deals), 0)), cells=judged.cell)
    return profit(inputs, judged, np.full(len(deals), chance)).tolist()


@pytest.mark.parametrize(("chance", "share"), [(0.0, -0.1), (0.25, 0.15), (1.0, 0.9)])
def test_what_a_deal_brings_when_it_pays_and_when_it_does_not_is_weighed_by_the_chance(chance, share):
    assert expected(LEARNED, STATED, chance=chance) == pytest.approx([share * roubles(12_000)])


def test_a_deal_is_measured_by_the_sellers_figure_else_by_its_amount_else_by_the_usual():
    assert expected(LEARNED, STATED, PRICED, BARE, chance=1.0) == pytest.approx(
        [0.9 * roubles(12_000), 0.9 * roubles(10_000), 0.9 * roubles(2_000)]
    )


def test_without_recorded_profits_the_sellers_figure_counts_as_often_as_deals_pay():
    stated, priced, bare = expected(stated_profit(), STATED, PRICED, BARE, chance=0.3)
    assert stated == pytest.approx(0.3 * roubles(12_000))
    assert np.isnan([priced, bare]).all()


def test_money_in_another_currency_is_money_nobody_stated():
    abroad = a_deal(amount=roubles(40_000), profit_if_won=roubles(12_000), currency="USD")
    assert expected(LEARNED, abroad) == expected(LEARNED, BARE)
    assert np.isnan(expected(stated_profit(), abroad)).all()


def test_an_unknown_amount_is_no_matter_where_the_seller_said_what_it_brings():
    assert expected(stated_profit(), a_deal(profit_if_won=roubles(500)), chance=1.0) == [roubles(500)]


@given(deals=batches(), low=st.floats(0, 1), high=st.floats(0, 1))
@settings(max_examples=50)
def test_it_never_falls_as_the_chance_rises_unless_the_deal_loses_money(deals, low, high):
    low, high = sorted((low, high))
    at_low, at_high = (np.array(expected(LEARNED, *deals, chance=chance)) for chance in (low, high))
    gains = np.array(expected(LEARNED, *deals, chance=1.0)) >= 0
    assert (at_low[gains] <= at_high[gains]).all()
    assert (at_low[~gains] >= at_high[~gains]).all()


@given(deals=batches(at_least=2))
@settings(max_examples=30)
def test_a_deal_is_expected_to_bring_the_same_alone_and_in_a_batch(deals):
    together = expected(LEARNED, *deals)
    assert [expected(LEARNED, deal)[0] for deal in deals] == together
    assert expected(LEARNED, *deals[::-1]) == together[::-1]


def test_no_deals_are_expected_to_bring_nothing_at_all():
    assert expected(LEARNED) == []
