"""Facts as columns a person reads."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mlscore.scoring.deal import Deals
from mlscore.scoring.verdict import judge
from tests.builders import a_deal, a_good_deal, a_policy, roubles
from training.readings import NOT_LISTED, ranges, reading_of

POLICY = a_policy(
    custom_facts=[
        {"name": "outlets", "kind": "number"},
        {"name": "store_type", "kind": "category", "levels": ["online", "chain"]},
    ]
)


def read(fact, *deals):
    return reading_of(fact, judge(Deals(list(deals)), POLICY))


def named(fact, *deals):
    """Return each deal's value by its name, None where it is unknown."""
    found = read(fact, *deals)
    return [None if np.isnan(place) else found.levels[int(place)] for place in found.column.tolist()]


def test_money_is_read_in_whole_units_and_answers_by_name() -> None:
    assert read("amount", a_deal(amount=roubles(500))).column.tolist() == [500.0]
    assert named("asap", a_deal(asap=True), a_deal(asap=False), a_deal()) == ["yes", "no", None]


def test_the_turnover_that_moves_an_answer_is_the_larger_known_one() -> None:
    deal = a_deal(annual_turnover_rub=1e9, group_turnover_rub=4e9)
    assert read("annual_turnover_rub", deal).column.tolist() == [4e9]


def test_names_are_those_of_the_policys_list_where_it_has_one() -> None:
    words = ("молочная промышленность", "dairy", "an industry nobody listed", None)
    assert named("industry", *(a_deal(industry=word) for word in words)) == ["dairy", "dairy", NOT_LISTED, None]
    assert named("source", a_deal(source="fair"), a_deal()) == ["fair", None]


def test_custom_facts_are_read_as_their_kind() -> None:
    deals = (a_deal(extra={"outlets": 3.0, "store_type": "chain"}), a_deal())
    assert read("outlets", *deals).column.tolist() == pytest.approx([3.0, np.nan], nan_ok=True)
    assert named("store_type", *deals) == ["chain", None]


def test_a_fact_that_stands_for_several_is_read_as_a_person_would_look_at_it() -> None:
    reached = a_good_deal(role_economic=True, role_user=True)
    assert named("rules", reached, a_deal()) == ["accept", "ask"]
    assert named("roles", reached, a_deal()) == ["2 reached", "none reached"]
    summer = a_deal(as_of=datetime(2025, 7, 1, 12, tzinfo=UTC))
    assert named("season", summer, a_deal(as_of=None)) == ["Q3", None]


@pytest.mark.parametrize("fact", ["market", "company_id", "no_such_fact"])
def test_a_fact_that_is_a_past_and_not_a_value_is_not_read(fact: str) -> None:
    assert read(fact, a_deal(company_id="C-1")) is None


def test_ranges_hold_about_as_many_deals_each_and_every_known_one() -> None:
    column = np.append(np.random.default_rng(1).lognormal(10, 1, 400), np.nan)
    found = list(ranges(column))
    assert [int(among.sum()) for _, among in found] == pytest.approx([100, 100, 100, 100], abs=10)
    assert np.sum([among for _, among in found], axis=0).tolist() == [1] * 400 + [0]


def test_an_edge_is_nobodys_own_figure() -> None:
    labels = [label for label, _ in ranges(np.arange(123_456.0, 923_456.0, 1_000.0))]
    assert labels == ["up to 320,000", "320,000 to 520,000", "520,000 to 720,000", "above 720,000"]


def test_few_values_stand_for_themselves() -> None:
    found = dict(ranges(np.array([0.0, 1.0, 1.0, 2.5, np.nan])))
    assert {label: int(among.sum()) for label, among in found.items()} == {"0": 1, "1": 2, "2.5": 1}
