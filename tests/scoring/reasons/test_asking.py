"""What to ask next: the unknown fact whose answer is expected to change most."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy
from mlscore.scoring.reasons import look_ahead
from mlscore.scoring.reasons.questions import questions_of
from mlscore.scoring.receipt import NextQuestion
from mlscore.scoring.verdict import judge
from tests.builders import FIRE, TODAY, a_deal, a_fire_deal, a_good_deal, a_policy, roubles
from tests.models import SameProfit, a_model, a_planted_model
from tests.scoring.policy.documents import a_criterion
from tests.scoring.reasons.looking import ALL_ROLES, PERFECT, SMALL, asked, probability, steps
from tests.strategies import deals

SEVEN_ASKED = {"is_existing_customer": False, "trial_order": False, "delivery_needed_by": TODAY}


def asked_fact(deal: Deal, policy: Policy | None = None) -> str | None:
    question = asked(deal, policy)
    return question.fact if question else None


@pytest.mark.parametrize("unknown", ["steam_tph", "annual_turnover_rub", "industry", "in_nomenclature"])
def test_the_one_fact_that_settles_the_route_is_asked_first(unknown):
    assert asked_fact(a_deal(**{**FIRE, unknown: None}, profit_if_won=roubles(9_000))) == unknown


def test_the_profit_is_asked_when_the_verdict_waits_for_it():
    assert asked_fact(a_fire_deal()) == "profit_if_won"


def test_the_amount_is_asked_when_the_manager_s_limit_waits_for_it():
    deal = a_fire_deal(profit_if_won=roubles(9_000))
    assert asked_fact(deal, a_policy(economics={"min_amount": 50_000})) == "amount"


def test_what_would_excuse_a_small_deal_is_asked():
    trial = {"is_existing_customer": False, "trial_order": True, "won_deals_24m": 0.0}
    assert asked_fact(a_fire_deal(profit_if_won=SMALL, **trial)) == "prospects_profit"
    small = a_fire_deal(profit_if_won=SMALL, prospects_profit=roubles(90_000), won_deals_24m=0.0)
    assert asked_fact(small) == "trial_order"


def test_of_a_deal_nobody_knows_anything_the_first_fact_the_verdict_waits_for_is_asked():
    assert asked_fact(a_deal()) == "steam_tph"


@pytest.mark.parametrize("refused", [{"in_nomenclature": False}, {"in_nomenclature": False, "steam_tph": 1.0}])
def test_a_lead_that_goes_no_further_is_neither_asked_about_nor_shown_a_way_up(refused):
    deal = a_deal(**{**FIRE, **refused}, profit_if_won=SMALL)
    assert asked(deal) is None
    assert steps(deal) == ()


def test_a_category_that_tells_what_we_supply_is_not_asked_about_again():
    deal = a_deal(**{**FIRE, "in_nomenclature": None}, product_category="steam_trap", profit_if_won=roubles(9_000))
    assert asked_fact(deal) != "in_nomenclature"


def test_an_unknown_budget_is_asked_about_as_a_whole():
    known = {**ALL_ROLES, **SEVEN_ASKED, "need_defined": True}
    assert asked_fact(a_fire_deal(profit_if_won=roubles(9_000), **known)) == "budget_allocated"


def test_a_settled_deal_is_asked_for_what_moves_its_letter():
    assert asked_fact(a_good_deal(budget_amount=None)) == "budget_amount"
    assert asked_fact(a_good_deal(need_defined=None, budget_allocated=False)) == "need_defined"


def test_the_model_chooses_between_questions_that_leave_the_verdict():
    deal = a_good_deal(need_coverage=1.0)
    for fact in ("role_user", "role_economic"):
        question = asked(deal, model=a_planted_model(**{fact: 1.5}))
        assert question is not None
        assert question.fact == fact
        assert question.if_yes is not None
        assert question.if_no is not None
        assert question.if_yes > question.if_no


def test_the_question_changes_with_what_is_known_of_the_deal():
    model = a_planted_model(role_user=1.5, role_economic=1.0)
    assert asked(a_good_deal(), model=model).fact == "role_user"
    assert asked(a_good_deal(role_user=True), model=model).fact == "role_economic"
    assert asked(a_good_deal(role_user=True, steam_tph=None), model=model).fact == "steam_tph"


def test_the_question_changes_with_how_it_is_usually_answered():
    # A yes moves the probability and a no leaves it: what is usually answered no is hardly worth asking.
    model = a_planted_model(role_user=1.0, role_economic=0.9)
    assert asked(a_good_deal(), model=model).fact == "role_user"
    for fact, other in (("role_user", "role_economic"), ("role_economic", "role_user")):
        assert asked(a_good_deal(), model=replace(model, usual={fact: 0.8, other: 0.1})).fact == fact


def a_deciding_model(policy: Policy, **usual: float) -> FittedModel:
    """Return a model that says no, and yes once either role is reached; the user moves its probability more."""
    planted = a_planted_model(policy, intercept=-0.6, role_user=0.6, role_economic=0.3)
    return replace(planted, profit=SameProfit(if_good=roubles(6_000)), usual=usual)


@pytest.mark.parametrize(
    ("usual", "fact"),
    [
        ({}, "role_user"),
        ({"role_user": 0.5, "role_economic": 0.45}, "role_user"),
        ({"role_user": 0.45, "role_economic": 0.5}, "role_economic"),
    ],
)
def test_a_chance_to_turn_the_decision_comes_before_a_move_of_the_probability(usual, fact):
    decided_by_model = a_policy(deciding={"decide_by": "model"})
    assert asked(a_good_deal(), decided_by_model, a_deciding_model(decided_by_model, **usual)).fact == fact
    by_rule = a_policy()
    assert asked(a_good_deal(), by_rule, a_deciding_model(by_rule, **usual)).fact == "role_user"


@pytest.mark.parametrize(("share", "fact"), [(0.9, "steam_tph"), (0.1, "role_user")])
def test_how_a_criterion_is_usually_answered_counts_too(share, fact):
    neither_settles_the_route = a_good_deal(steam_tph=None, in_nomenclature=None)
    model = a_planted_model(criterion_steam=1.0, role_user=0.9)
    assert asked(neither_settles_the_route, model=replace(model, usual={"criterion.steam": share})).fact == fact


def test_the_probabilities_of_both_answers_are_those_of_the_deal_so_answered():
    planted = a_planted_model(need_defined=2.0)
    question = asked(a_good_deal(need_defined=None), model=planted)
    assert question is not None
    assert question.if_yes == pytest.approx(probability(a_good_deal(need_defined=True), planted))
    assert question.if_no == pytest.approx(probability(a_good_deal(need_defined=False), planted))


def test_a_yes_to_the_budget_promises_no_more_than_a_yes():
    deal, planted = a_good_deal(budget_allocated=None, budget_amount=None), a_planted_model(budget_amount=1.0)
    question = asked(deal, model=planted)
    assert question is not None
    assert question.fact == "budget_allocated"
    assert question.if_yes == probability(replace(deal, budget_allocated=True), planted)


def test_a_model_made_under_another_policy_answers_by_its_own():
    today, planted = a_policy(economics={"floor": 1_000}), a_planted_model(floor_passes=2.0)
    deal = a_fire_deal(**SEVEN_ASKED, asap=True, need_defined=True, amount=roubles(20_000))
    question = asked(deal, today, planted)
    small, large = (replace(deal, profit_if_won=roubles(profit)) for profit in (500, 2_000))
    assert (question.fact, question.if_no) == ("profit_if_won", probability(small, planted))
    assert question.if_yes == probability(large, planted) == question.if_no, (
        "both are below the floor it was made under"
    )


def test_without_a_model_no_probability_is_made_up():
    question = asked(a_fire_deal())
    assert question == NextQuestion(fact="profit_if_won", if_yes=None, if_no=None)


def test_nothing_is_asked_that_would_change_nothing():
    assert asked(replace(PERFECT, **SEVEN_ASKED)) is None
    assert asked(a_good_deal(**SEVEN_ASKED)) is None


def test_no_money_is_asked_in_a_foreign_currency():
    question = asked(a_fire_deal(currency="USD", **SEVEN_ASKED, asap=True, need_defined=True))
    assert question is None or question.fact not in {"profit_if_won", "amount", "budget_amount"}


def test_a_floor_of_nothing_still_tells_a_profit_from_a_loss():
    assert asked_fact(a_fire_deal(), a_policy(economics={"floor": 0})) == "profit_if_won"


@pytest.mark.parametrize(("op", "value"), [(">", 0), (">=", 0), ("<", 0), ("<=", 0), (">", -5), ("<", 300)])
def test_a_threshold_of_any_sign_can_be_asked_about(op, value):
    criterion = {"code": "c", "field": "employees", "op": op, "value": value, "text_ru": "люди", "text_en": "staff"}
    deal = a_deal(in_nomenclature=False, profit_if_won=1)
    assert asked_fact(deal, a_policy(criteria=[criterion])) == "employees"


@pytest.mark.parametrize("value", [["meat", "dairy"], ["dairy"]])
def test_a_list_of_words_can_be_asked_about(value):
    policy = a_policy(criteria=[a_criterion(code="trade", field="industry", op="in", value=value)])
    assert asked_fact(a_deal(in_nomenclature=False, profit_if_won=1), policy) == "industry"


def test_words_that_no_list_holds_can_be_asked_about_too():
    policy = a_policy(criteria=[a_criterion(code="near", field="region", op="in", value=["77", "50"])])
    assert asked_fact(a_deal(in_nomenclature=False, profit_if_won=1), policy) == "region"
    levels = {"name": "fuel", "kind": "category", "levels": ["gas", "oil"]}
    burns_gas = a_criterion(code="gas", field="fuel", op="in", value=["gas"])
    deal = a_deal(in_nomenclature=False, profit_if_won=1)
    assert asked_fact(deal, a_policy(criteria=[burns_gas], custom_facts=[levels])) == "fuel"


def test_a_custom_yes_no_fact_can_be_asked_about():
    policy = a_policy(custom_facts=[{"name": "insulated", "kind": "yes_no"}])
    question = asked(a_good_deal(), policy, a_planted_model(policy, custom_insulated=3.0))
    assert question is not None
    assert question.fact == "insulated"


@given(deal=deals())
@settings(max_examples=40)
def test_only_what_is_unknown_is_asked(deal: Deal):
    question = asked(deal, model=a_model())
    if question is not None and question.fact != "industry":
        assert getattr(deal, question.fact) is None


@given(deal=deals())
@settings(max_examples=40)
def test_without_usual_answers_either_is_taken_to_be_as_likely(deal: Deal):
    model = a_model()
    halves = {question.name: 0.5 for question in questions_of(model.policy)}
    assert asked(deal, model=model) == asked(deal, model=replace(model, usual=halves))


def test_what_was_asked_in_vain_is_not_asked_again_and_every_other_answer_stays():
    judged = judge(Deals([a_deal(), a_fire_deal()]), a_policy())
    asked_in_vain: list[str] = []
    while question := look_ahead(judged, None, but=asked_in_vain).next_questions[0]:
        assert question.fact not in asked_in_vain
        asked_in_vain.append(question.fact)
    assert {"steam_tph", "industry", "in_nomenclature"} <= {*asked_in_vain}
    of_the_other = look_ahead(judged, None, but=["steam_tph"]).next_questions[1]
    assert of_the_other == look_ahead(judged, None).next_questions[1]
