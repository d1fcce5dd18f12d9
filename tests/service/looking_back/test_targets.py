"""The target list is derived from what the firm's own deals brought."""

import numpy as np
import pytest

from mlscore.service.looking_back.targets import targets_of
from tests.builders import a_good_deal, roubles
from tests.service.looking_back.builders import a_past

COST = roubles(2_500)


def of_industry(*parts):
    """Return a past: each part is an industry as a client writes it, how many deals, and what each brought."""
    deals, profits = [], []
    for name, count, profit in parts:
        profits += [profit] * count
        deals += [a_good_deal(deal_id=f"D-{name}-{n}", industry=name) for n in range(count)]
    return a_past(profits, deals=deals)


def by_code(past):
    return {one.code: one for one in targets_of(past).industries}


@pytest.mark.parametrize(
    ("industry", "profit", "advice"),
    [("dairy", 9_000, "keep"), ("dairy", 100, "drop"), ("retail", 9_000, "add"), ("retail", 100, "leave")],
)
def test_an_industry_is_advised_by_what_its_deals_brought_after_their_work(industry, profit, advice):
    assert by_code(of_industry((industry, 20, profit)))[industry].advice == advice


def test_few_deals_or_mixed_ends_advise_nothing():
    assert by_code(of_industry(("retail", 9, 90_000)))["retail"].advice == "unsure"
    mixed = of_industry(("retail", 20, 0), ("retail", 20, 5_000))
    assert by_code(mixed)["retail"].advice == "unsure"


def test_every_deal_is_in_one_industry_by_the_words_the_policy_knows():
    past = of_industry(("dairy", 5, 9_000), ("молокозавод", 4, 1_000), ("something else", 3, 7_000))
    found = by_code(past)
    assert (found["dairy"].deals, found["dairy"].net) == (9, roubles(49_000) - 9 * COST)
    assert (found[None].deals, found[None].advice) == (3, "unsure")
    assert sum(one.deals for one in found.values()) == len(past)


def test_a_target_without_a_deal_stays_on_the_list_and_others_do_not():
    found = by_code(of_industry(("dairy", 1, 9_000)))
    assert found["meat"].deals == 0
    assert found["meat"].advice == "unsure"
    assert "retail" not in found


def with_steam(values, profits):
    return a_past(profits, deals=[a_good_deal(deal_id=f"D-{n}", steam_tph=float(v)) for n, v in enumerate(values)])


def threshold(past, code="steam"):
    return next(one for one in targets_of(past).thresholds if one.code == code)


def test_a_limit_is_drawn_where_deals_begin_to_pay():
    steam = np.linspace(0.1, 10, 200)
    found = threshold(with_steam(steam, [20_000 if one >= 5 else 0 for one in steam]))
    assert found.best.value == pytest.approx(5, abs=0.3)
    assert found.best.low <= found.best.value <= found.best.high
    assert (found.now, found.advice) == (3.0, "raise")
    assert found.net_best > found.net_now
    above = steam >= found.best.value
    assert found.net_best == pytest.approx(
        sum(roubles(20_000) if one >= 5 else 0 for one in steam[above]) - above.sum() * COST
    )


def test_a_limit_that_lies_where_the_deals_would_draw_it_is_kept():
    steam = np.linspace(0.1, 6, 300)
    assert threshold(with_steam(steam, [20_000 if one > 3 else 0 for one in steam])).advice == "keep"


def test_a_lower_limit_is_advised_where_all_deals_pay():
    assert threshold(with_steam(np.linspace(1, 10, 200), [20_000] * 200)).advice == "lower"


def test_a_short_history_draws_no_line():
    found = threshold(with_steam([1, 2, 3], [9_000] * 3))
    assert (found.best, found.advice, found.deals) == (None, "unsure", 3)
