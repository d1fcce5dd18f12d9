"""What a firm's closed deals say of its money."""

from dataclasses import replace

import numpy as np
import pytest

from tests.builders import a_policy, roubles
from tests.training.histories import a_closed_deal, a_history, a_simulated_history, a_table
from training.hindsight import below_the_floor, promises, size_bands, terms_of


def sold_by(seller, *, stated, brought, won=12, first=0):
    """Return won deals of one seller; money in roubles."""
    return [
        a_closed_deal(f"{seller}-{n}", day=first + n, profit=brought, profit_if_won=roubles(stated), seller_id=seller)
        for n in range(won)
    ]


def test_the_terms_are_those_of_the_policy_in_whole_units() -> None:
    terms = terms_of(a_policy(economics={"overhead_month": 300_000, "closed_capacity": 60, "worked_capacity": 150}))
    assert (terms.floor, terms.cost_per_worked_deal, terms.worked_capacity) == (5_000, 2_000, 150)


def test_deals_are_parted_by_amount_and_the_whole_stands_last() -> None:
    table = a_table(a_history(200))
    *bands, whole = size_bands(table)
    assert len(bands) == 5
    assert sum(band.deals for band in bands) == whole.deals == 200
    assert whole.won == pytest.approx(table.won.mean())
    assert whole.profit_a_deal == pytest.approx(table.profit.mean() / 100)
    assert bands[0].profit_a_deal < bands[-1].profit_a_deal


def test_bands_add_up_where_some_amounts_are_not_known() -> None:
    history = a_history(200)
    for place in (3, 50):
        deal = replace(history[place].receipt.deal, amount=None, budget_amount=None)
        history[place] = replace(history[place], receipt=replace(history[place].receipt, deal=deal))
    *bands, unknown, whole = size_bands(a_table(history))
    assert (unknown.amount, unknown.deals, whole.deals) == ("not known", 2, 200)
    assert sum(band.deals for band in bands) == 198


def test_the_simulated_firm_walks_into_the_small_deal_trap() -> None:
    table = a_table(a_simulated_history())
    smallest, *_, largest, unknown, whole = size_bands(table)
    assert (unknown.amount, whole.deals) == ("not known", len(table))
    assert smallest.won > largest.won
    assert smallest.profitable < largest.profitable
    assert smallest.profit_a_deal < terms_of(table.policy).cost_per_worked_deal


def test_won_deals_below_the_floor_are_counted_with_what_they_lack() -> None:
    won = [
        a_closed_deal("A", profit=5_000),
        a_closed_deal("B", day=1, profit=4_000),
        a_closed_deal("C", day=2, profit=-500),
    ]
    found = below_the_floor(a_table([*won, a_closed_deal("D", day=3, won=False)]))
    assert (found.won, found.below, found.share) == (3, 2, pytest.approx(2 / 3))
    assert (found.brought, found.short) == (3_500, 6_500)


def test_where_no_profit_is_recorded_or_nothing_was_won_nothing_is_said() -> None:
    table = a_table(a_history(60))
    unrecorded = replace(table, profit=np.where(table.won, np.nan, 0.0))
    assert (size_bands(unrecorded), below_the_floor(unrecorded), promises(unrecorded)) == ((), None, ())
    lost = a_table([a_closed_deal(f"L-{n}", day=n, won=False, amount=roubles(1_000)) for n in range(5)])
    assert below_the_floor(lost) is None
    assert size_bands(a_table([a_closed_deal("no amount")])) == ()


def test_the_seller_who_kept_least_comes_first() -> None:
    history = [
        *sold_by("honest", stated=10_000, brought=10_000),
        *sold_by("hopeful", stated=20_000, brought=5_000, first=20),
        *sold_by("new", stated=9_000, brought=1_000, won=3, first=40),
        a_closed_deal("lost", day=60, won=False, profit_if_won=roubles(99_000), seller_id="honest"),
    ]
    first, second = promises(a_table(history))
    assert (first.seller, first.won, first.stated, first.realised) == ("hopeful", 12, 240_000, 60_000)
    assert (first.kept.value, first.kept.high) == (pytest.approx(0.25), pytest.approx(0.25))
    assert (second.seller, second.kept.value) == ("honest", pytest.approx(1.0))


def test_an_estimate_from_the_categorys_margin_is_nothing_a_seller_stated() -> None:
    estimated = [
        a_closed_deal(f"E-{n}", day=n, profit=1, amount=roubles(90_000), product_category="valve", seller_id="silent")
        for n in range(12)
    ]
    table = a_table([*estimated, *sold_by("honest", stated=10_000, brought=10_000, first=20)])
    assert (table.judged.economy.profit > 0).all()
    assert [promise.seller for promise in promises(table)] == ["honest"]
