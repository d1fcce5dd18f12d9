"""Features: columns of the same shape for any deal, in the direction they declare, from allowed facts alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.scoring.deal import FACTS, Deal, Deals
from mlscore.scoring.features import Feature, features_of, matrix
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.verdict import judge
from tests.builders import NOON, TODAY, a_deal, a_good_deal, a_policy, roubles
from tests.columns import VOCABULARIES
from tests.strategies import a_value_of, batches, deals

CUSTOM = [
    {"name": "boiler_age", "kind": "number", "direction": "less_is_better"},
    {"name": "insulated", "kind": "yes_no", "direction": "more_is_better"},
    {"name": "fuel", "kind": "category", "levels": ["gas", "oil"]},
    {"name": "last_service", "kind": "date"},
]
FEATURES = features_of(default_policy(), VOCABULARIES)
NEVER_READ = ("deal_id", "seller_id", "company_id", "stage", "request_text")
SPOKEN_FOR = {
    # a fact of kind yes / no, and the features its yes may not lower
    "need_defined": ("need_defined", "need_plus", "grade_by_ladder", "grade_by_count"),
    "in_nomenclature": ("target_request", "fire", "need_plus", "grade_by_ladder", "grade_by_count"),
    "budget_allocated": ("budget_allocated", "budget_plus", "grade_by_ladder", "grade_by_count"),
    "role_economic": ("role_economic", "roles_reached"),
    "role_technical": ("role_technical", "roles_reached"),
    "role_user": ("role_user", "roles_reached"),
}
LARGER_IS_BETTER = {
    "steam_tph": ("criterion_steam", "margin_steam", "target_client", "fire"),
    "annual_turnover_rub": ("criterion_turnover", "margin_turnover", "target_client", "fire"),
    "budget_amount": ("budget_amount", "budget_plus", "grade_by_ladder", "grade_by_count"),
    "need_coverage": ("need_coverage",),
}


def features_by_name(deal: Deal, policy: Policy | None = None) -> dict[str, float]:
    policy = policy or default_policy()
    features = features_of(policy, VOCABULARIES)
    row = matrix(features, judge(Deals([deal]), policy))[0]
    return {one.name: float(value) for one, value in zip(features, row, strict=True)}


def feature_named(name: str, policy: Policy) -> Feature:
    return next(one for one in features_of(policy, VOCABULARIES) if one.name == name)


@given(batch=batches())
@settings(max_examples=50)
def test_every_feature_of_any_deal_is_a_finite_number_or_unknown(batch: list[Deal]):
    judged = judge(Deals(batch), default_policy())
    made = matrix(FEATURES, judged)
    assert made.shape == (len(batch), len(FEATURES))
    assert not np.isinf(made).any()
    for position, one in enumerate(FEATURES):
        column = one.column(judged)
        assert (one.name, column.dtype, column.shape) == (one.name, np.float64, (len(batch),))
        if one.levels is not None:
            known = made[:, position][~np.isnan(made[:, position])]
            assert np.array_equal(known, np.floor(known))
            assert ((known >= 0) & (known < len(one.levels))).all()


def test_feature_names_are_unique_whatever_a_firm_calls_its_facts():
    theirs = [{"name": name, "kind": "number"} for name in ("margin", "route", "fire", "steam", "criterion_steam")]
    names = [one.name for one in features_of(a_policy(custom_facts=theirs), VOCABULARIES)]
    assert len(set(names)) == len(names)


def test_every_direction_is_plus_minus_or_none():
    assert {one.direction for one in FEATURES} == {0, 1}
    assert all(one.direction == 0 for one in FEATURES if one.levels is not None)


@given(deal=deals(), data=st.data())
@settings(max_examples=60)
def test_what_must_not_be_learned_from_is_read_by_no_feature(deal: Deal, data: st.DataObject):
    others: dict[str, Any] = {n: data.draw(a_value_of(n)) for n in NEVER_READ if n in FACTS}
    changed = replace(deal, deal_id="another", **others)
    before, after = features_by_name(deal), features_by_name(changed)
    assert [n for n in before if not np.array_equal(before[n], after[n], equal_nan=True)] == []


@pytest.mark.parametrize("fact", SPOKEN_FOR)
@given(deal=deals())
@settings(max_examples=12)
def test_a_yes_never_lowers_what_is_better_with_it(fact: str, deal: Deal):
    no, yes = (features_by_name(replace(deal, **{fact: answer})) for answer in (False, True))
    lowered = [n for n in SPOKEN_FOR[fact] if yes[n] < no[n]]
    assert lowered == []


@pytest.mark.parametrize("fact", LARGER_IS_BETTER)
@given(deal=deals(), data=st.data())
@settings(max_examples=20)
def test_a_larger_figure_never_lowers_what_is_better_with_it(fact: str, deal: Deal, data: st.DataObject):
    less, more = sorted([data.draw(a_value_of(fact)), data.draw(a_value_of(fact))])
    low, high = (features_by_name(replace(deal, **{fact: figure})) for figure in (less, more))
    assert [n for n in LARGER_IS_BETTER[fact] if high[n] < low[n]] == []


def test_every_feature_with_a_direction_is_held_to_it():
    held = {name for names in (*SPOKEN_FOR.values(), *LARGER_IS_BETTER.values()) for name in names}
    # An industry is on the list or not: there is no better one to move to.
    assert {one.name for one in FEATURES if one.direction} - held == {"criterion_industry"}


def test_facts_are_features_in_the_units_people_use():
    said = features_by_name(a_good_deal(delivery_needed_by=TODAY.replace(day=12), created_at=NOON.replace(day=1)))
    assert said["amount"] == pytest.approx(np.log1p(40_000))
    assert said["margin"] == pytest.approx(0.3)
    assert said["floor_ratio"] == pytest.approx(np.log1p(2.4))
    assert said["days_to_delivery"] == 10.0
    assert said["days_since_created"] == pytest.approx(np.log1p(1.0))
    assert (said["grade_by_ladder"], said["fire"], said["floor_passes"]) == (3.0, 1.0, 1.0)


def test_what_a_deal_brings_if_nobody_was_too_hopeful_is_held_against_the_floor():
    deal = a_good_deal(amount=roubles(40_000), cost=roubles(30_000), profit_if_won=roubles(99_000))
    assert features_by_name(deal)["surplus_ratio"] == pytest.approx(np.log1p(2))
    dear = a_good_deal(amount=roubles(40_000), cost=roubles(50_000))
    assert features_by_name(dear)["surplus_ratio"] == pytest.approx(-np.log1p(2))
    assert np.isnan(features_by_name(a_good_deal(cost=None))["surplus_ratio"])
    without_floor = a_policy(economics={"floor": 0})
    assert np.isnan(features_by_name(deal, without_floor)["surplus_ratio"])


@pytest.mark.parametrize(
    ("stated", "hope"),
    [(20_000, np.log(2)), (5_000, -np.log(2)), (10_000, 0.0), (10**9, 3.0), (1, -3.0), (0, np.nan), (-500, np.nan)],
)
def test_a_sellers_hope_is_his_figure_against_what_the_amount_leaves(stated, hope):
    deal = a_good_deal(amount=roubles(40_000), cost=roubles(30_000), profit_if_won=roubles(stated))
    assert features_by_name(deal)["hope"] == pytest.approx(hope, nan_ok=True)
    sold_dear = replace(deal, cost=roubles(40_000))
    assert np.isnan(features_by_name(sold_dear)["hope"])
    assert np.isnan(features_by_name(replace(deal, currency="USD"))["hope"])


@pytest.mark.parametrize(
    ("facts", "basis"),
    [
        ({"profit_if_won": 1_000}, "given"),
        ({"profit_if_won": None, "cost": 1_000}, "amount_less_cost"),
        ({"profit_if_won": None, "product_category": "pump"}, "estimated"),
        ({"profit_if_won": None}, "unknown"),
    ],
)
def test_where_the_profit_comes_from_is_a_feature(facts, basis):
    one = feature_named("profit_basis", default_policy())
    assert one.levels is not None
    assert one.levels[int(features_by_name(a_good_deal(**facts))["profit_basis"])] == basis


def test_a_track_record_that_nobody_asked_for_is_unknown():
    tracked = [one for one in FEATURES if one.is_tracked]
    assert {one.fact for one in tracked} == {"market", "company_id", "product_category", "source", "region"}
    said = features_by_name(a_good_deal(company_id="C-1", source="site", region="north"))
    assert all(np.isnan(said[one.name]) for one in tracked)


def test_a_category_of_the_firms_own_has_a_track_record_and_no_other_custom_fact_has():
    tracked = {one.fact for one in features_of(a_policy(custom_facts=CUSTOM), {}) if one.is_tracked}
    assert "fuel" in tracked
    assert tracked.isdisjoint({"boiler_age", "insulated", "last_service"})


def test_a_loss_is_a_number_below_nothing():
    said = features_by_name(a_good_deal(profit_if_won=roubles(-99)))
    assert said["profit_if_won"] == pytest.approx(-np.log(100))
    assert np.isnan(features_by_name(a_good_deal(amount=0))["margin"])


@pytest.mark.parametrize(
    ("facts", "feature"),
    [
        ({"industry": "космос"}, "industry"),
        ({"product_category": "чайники"}, "product_category"),
        ({"source": "never seen in training"}, "source"),
        ({"region": None}, "region"),
        ({"extra": {"fuel": "peat"}}, "custom_fuel"),
    ],
)
def test_an_unknown_category_is_unknown_not_a_level(facts, feature):
    assert np.isnan(features_by_name(a_deal(**facts), a_policy(custom_facts=CUSTOM))[feature])


def test_a_known_category_is_its_level_by_any_synonym():
    for written in ("dairy", "Молокозавод"):
        one = feature_named("industry", default_policy())
        assert one.levels is not None
        assert one.levels[int(features_by_name(a_deal(industry=written))["industry"])] == "dairy"
    assert features_by_name(a_deal(source="call"))["source"] == 1.0


def test_custom_facts_become_features_without_code():
    policy = a_policy(custom_facts=CUSTOM)
    extra = {"boiler_age": 9.0, "insulated": True, "fuel": "oil", "last_service": TODAY.replace(day=1)}
    said = features_by_name(a_deal(extra=extra), policy)
    values = {n.removeprefix("custom_"): v for n, v in said.items() if n.startswith("custom_")}
    assert values == {"boiler_age": pytest.approx(np.log(10)), "insulated": 1.0, "fuel": 1.0, "last_service": -1.0}
    custom = [feature_named(f"custom_{fact['name']}", policy) for fact in CUSTOM]
    assert [(one.fact, one.direction, one.levels) for one in custom] == [
        ("boiler_age", -1, None),
        ("insulated", 1, None),
        ("fuel", 0, ("gas", "oil")),
        ("last_service", 0, None),
    ]


def test_custom_facts_left_unsaid_are_unknown():
    said = features_by_name(a_deal(), a_policy(custom_facts=CUSTOM))
    assert all(np.isnan(value) for name, value in said.items() if name.startswith("custom_"))


def test_a_criterion_that_wants_less_is_better_with_less():
    criterion = {"code": "young", "field": "employees", "op": "<", "value": 50, "text_ru": "мало", "text_en": "few"}
    policy = a_policy(criteria=[criterion])
    few, many = (features_by_name(a_deal(employees=n), policy) for n in (10.0, 100.0))
    assert few["margin_young"] > 0 > many["margin_young"]
    assert (few["criterion_young"], many["criterion_young"]) == (1.0, 0.0)
    assert feature_named("margin_young", policy).direction == 1


def test_the_same_month_is_the_same_season():
    winter, summer = (features_by_name(a_deal(as_of=NOON.replace(month=m))) for m in (1, 7))
    assert winter["season_cosine"] > 0.9
    assert summer["season_cosine"] < -0.9


def test_a_deal_created_after_the_moment_of_scoring_is_new():
    assert features_by_name(a_deal(created_at=NOON.replace(day=9)))["days_since_created"] == 0.0


def test_days_to_delivery_are_bounded_both_ways():
    far, past = (a_deal(delivery_needed_by=TODAY.replace(year=year)) for year in (2036, 2016))
    assert [features_by_name(deal)["days_to_delivery"] for deal in (far, past)] == [365.0, -30.0]
