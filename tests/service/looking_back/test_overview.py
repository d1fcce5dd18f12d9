"""Where the money was: months against the floor, sellers, and the small deals that are easily won."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mlscore.service.looking_back.overview import overview_of, standing_of, win_score
from tests.builders import a_good_deal, roubles
from tests.service.looking_back.builders import DAY, a_past


def moments(*days):
    return np.array([datetime(2026, month, day, 12, tzinfo=UTC).timestamp() for month, day in days])


def test_a_month_holds_what_closed_in_it_against_the_floor():
    past = a_past([9_000, 2_000, 0, 7_000, 0], closed_at=np.append(moments((3, 1), (3, 31), (3, 5), (4, 2)), np.nan))
    march, april = overview_of(past).months
    assert (march.name, march.closed, march.won, march.below_floor) == ("2026-03", 3, 2, 1)
    assert (march.a_won_deal, march.a_worked_deal) == (roubles(5_500), pytest.approx(roubles(11_000) / 3))
    assert (april.name, april.closed, april.won, april.below_floor) == ("2026-04", 1, 1, 0)


def test_a_month_is_that_of_the_firms_own_days():
    past = a_past([9_000], closed_at=np.array([datetime(2026, 3, 31, 22, tzinfo=UTC).timestamp()]))
    assert [one.name for one in overview_of(past).months] == ["2026-04"]


def test_a_month_without_a_won_deal_has_no_average_of_them():
    [month] = overview_of(a_past([0, 0], closed_at=moments((3, 1), (3, 2)))).months
    assert (month.a_won_deal, month.a_worked_deal) == (None, 0)


def test_deals_stand_below_the_floor_at_it_or_are_lost():
    assert standing_of(a_past([4_999, 5_000, 0])).tolist() == ["below", "above", "lost"]


def sized(*sizes):
    return [a_good_deal(deal_id=f"D-{n}", profit_if_won=roubles(size)) for n, size in enumerate(sizes)]


def test_a_win_score_goes_by_how_often_others_of_the_same_size_were_won():
    small, large = [1_000] * 40, [90_000] * 40
    past = a_past([1_000] * 40 + [0, 90_000] * 20, deals=sized(*small, *large))
    score = win_score(past)
    assert score[:40].min() > 0.9
    assert score[40:].max() < 0.6


def test_a_deals_own_end_is_left_out_of_its_win_score():
    deals = sized(1_000, 1_000)
    assert win_score(a_past([1_000, 0], deals=deals))[0] < win_score(a_past([1_000, 0], deals=deals))[1]


def test_the_trap_is_where_winning_and_profit_part():
    small, large = [1_000] * 40, [90_000] * 40
    past = a_past(
        [1_000] * 40 + [0, 90_000] * 20,
        deals=sized(*small, *large),
        probability=[0.05] * 40 + [0.5] * 40,
    )
    found = overview_of(past)
    assert (found.pushed_up.deals, found.pushed_up.won, found.pushed_up.paid) == (40, 40, 0)
    assert found.pushed_up.profit == roubles(40_000)
    cost = past.policy.economics.cost_per_worked_deal
    assert found.pushed_up.net == roubles(40_000) - 40 * cost
    assert (found.passed_over.deals, found.passed_over.profit) == (40, roubles(1_800_000))
    assert set(np.flatnonzero(found.trap_of == "pushed_up")) == set(range(40))


def test_where_both_orders_agree_nothing_is_trapped():
    found = overview_of(a_past([9_000], probability=[0.9]))
    assert found.pushed_up is None
    assert overview_of(a_past([9_000, 0], probability=[np.nan, np.nan])).passed_over is None


def of_sellers(*names):
    return [a_good_deal(deal_id=f"D-{n}", seller_id=name) for n, name in enumerate(names)]


def test_a_seller_is_held_to_what_he_said():
    deals = [
        a_good_deal(deal_id="D-1", seller_id="S-1", profit_if_won=roubles(10_000)),
        a_good_deal(deal_id="D-2", seller_id="S-1", profit_if_won=roubles(30_000)),
        a_good_deal(deal_id="D-3", seller_id="S-1", profit_if_won=None, amount=None),
    ]
    [seller] = overview_of(a_past([8_000, 0, 5_000], deals=deals)).sellers
    assert (seller.closed, seller.won) == (3, 2)
    assert (seller.stated, seller.realised, seller.profit) == (roubles(10_000), roubles(8_000), roubles(13_000))


@pytest.mark.parametrize(("worth", "expected"), [([3, 2, 1], 1.0), ([1, 2, 3], 0.0), ([2, 2, 2], 0.5)])
def test_who_closes_the_dearest_deal_in_hand_goes_by_money(worth, expected):
    past = a_past(
        [0, 0, 0],
        deals=of_sellers("S-1", "S-1", "S-1"),
        as_of=np.zeros(3),
        closed_at=DAY * np.array([1.0, 2.0, 3.0]),
        expected_profit=np.array(worth, dtype=np.float64),
    )
    [seller] = overview_of(past).sellers
    assert seller.money_first == expected


def test_who_never_had_a_choice_has_no_order():
    past = a_past(
        [0, 0], deals=of_sellers("S-1", "S-1"), as_of=DAY * np.array([0.0, 5.0]), closed_at=DAY * np.array([1.0, 6.0])
    )
    assert overview_of(past).sellers[0].money_first is None


def test_sellers_stand_by_what_they_earned():
    past = a_past([1_000, 9_000, 2_000], deals=of_sellers("S-1", None, "S-1"))
    assert [one.name for one in overview_of(past).sellers] == [None, "S-1"]
