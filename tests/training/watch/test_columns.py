"""Facts as columns that may drift: read as the champion reads them."""

from datetime import date, timedelta

import numpy as np

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy.facts import Facts
from tests.builders import NOON, TODAY, a_deal, a_policy, roubles
from training.readings import NOT_LISTED
from training.watch.columns import columns

POLICY = a_policy(
    custom_facts=[
        {"name": "outlets", "kind": "number"},
        {"name": "reseller", "kind": "yes_no"},
        {"name": "store_type", "kind": "category", "levels": ["online", "chain"]},
        {"name": "lease_ends", "kind": "date"},
    ]
)


def compared(*then, now=()):
    sides = [Facts(Deals(list(side)), POLICY) for side in (then, now or then)]
    return {column.fact: column for column in columns(*sides)}


def test_ids_moments_and_free_text_are_not_compared_for_they_are_new_by_nature() -> None:
    deal = a_deal(company_id="C-1", seller_id="S-1", request_text="steam", stage="deal", region="77")
    assert list(compared(deal)) == ["region"]


def test_a_fact_unknown_on_both_sides_is_left_out_and_one_known_on_either_is_not() -> None:
    assert compared(a_deal()) == {}
    assert list(compared(a_deal(), now=[a_deal(asap=True)])) == ["asap"]


def test_money_is_in_whole_units_and_unknown_where_it_is_foreign() -> None:
    found = compared(a_deal(amount=roubles(500)), a_deal(amount=roubles(500), currency="USD"))
    assert found["amount"].then.tolist()[0] == 500
    assert np.isnan(found["amount"].then[1])


def test_a_word_is_its_code_and_one_of_no_list_is_a_level_of_its_own() -> None:
    found = compared(a_deal(industry="Молокозавод"), a_deal(industry="dairy"), a_deal(industry="circus"), a_deal())
    column = found["industry"]
    names = [None if np.isnan(code) else column.levels[int(code)] for code in column.then.tolist()]
    assert names == ["dairy", "dairy", NOT_LISTED, None]


def test_days_and_moments_are_counted_from_as_of() -> None:
    deal = a_deal(
        created_at=NOON - timedelta(days=3),
        delivery_needed_by=TODAY + timedelta(days=20),
        extra={"lease_ends": date(2026, 4, 1)},
    )
    found = compared(deal)
    assert [found[name].then.item() for name in ("created_at", "delivery_needed_by", "lease_ends")] == [-3, 20, 30]


def test_custom_facts_of_every_kind_are_compared() -> None:
    deal = a_deal(extra={"outlets": 12.0, "reseller": False, "store_type": "chain"})
    found = compared(deal, a_deal())
    assert (found["outlets"].levels, found["outlets"].then[0]) == (None, 12)
    assert (found["reseller"].levels, found["reseller"].then[0]) == (("no", "yes"), 0)
    assert (found["store_type"].levels, found["store_type"].then[0]) == (("chain",), 0)
    assert all(np.isnan(column.then[1]) for column in found.values())


def test_what_the_store_counts_is_compared_where_it_is_known_for_it_becomes_so_with_age() -> None:
    young = [a_deal(won_deals_24m=None if n < 60 else float(n % 3)) for n in range(100)]
    old = [a_deal(won_deals_24m=float(n % 3)) for n in range(50)]
    column = compared(*young, now=old)["won_deals_24m"]
    assert (len(column.then), len(column.now)) == (40, 50)
    assert compared(*young[:70], now=old) == {}, "ten counts are too few to compare"
