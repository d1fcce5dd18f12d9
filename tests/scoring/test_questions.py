"""What to ask next, and what would change the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import FittedModel
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.reasons import WORTH_SAYING, next_question, path
from mlscore.scoring.receipt import NextQuestion, Step
from mlscore.scoring.verdict import judge
from tests.builders import FIRE, NOON, TODAY, a_deal, a_fire_deal, a_good_deal, a_policy, roubles, rules_on
from tests.models import a_model, a_planted_model
from tests.strategies import deals

SMALL = roubles(3_000)
ALL_ROLES = dict.fromkeys(("role_economic", "role_technical", "role_user"), True)
PERFECT = a_good_deal(**ALL_ROLES, need_coverage=1.0)
SEVEN_ASKED = {"is_existing_customer": False, "trial_order": False, "delivery_needed_by": TODAY}
NOBODY_CAN_CHANGE = {"industry", "annual_turnover_rub", "group_turnover_rub", "steam_tph", "employees", "region"}


def asked(deal: Deal, policy: Policy | None = None, model: FittedModel | None = None) -> NextQuestion | None:
    built = Deals([a_deal(deal_id="another"), deal])
    judged = judge(built, policy or default_policy())
    return next_question(built, 1, judged=judged, answers=model and model.answers(built, judged=judged))


def steps(deal: Deal, policy: Policy | None = None, model: FittedModel | None = None) -> tuple[Step, ...]:
    built = Deals([a_deal(deal_id="another"), deal])
    judged = judge(built, policy or default_policy())
    return path(built, 1, judged=judged, answers=model and model.answers(built, judged=judged))


def probability(deal: Deal, model: FittedModel) -> float:
    built = Deals([deal])
    return float(model.answers(built, judged=judge(built, default_policy())).probability[0])


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


def test_the_probabilities_of_both_answers_are_those_of_the_deal_so_answered():
    planted = a_planted_model(need_defined=2.0)
    question = asked(a_good_deal(need_defined=None), model=planted)
    assert question is not None
    assert question.if_yes == pytest.approx(probability(a_good_deal(need_defined=True), planted))
    assert question.if_no == pytest.approx(probability(a_good_deal(need_defined=False), planted))


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


def test_a_custom_yes_no_fact_can_be_asked_about():
    policy = a_policy(custom_facts=[{"name": "insulated", "kind": "yes_no"}])
    model = a_planted_model(policy, custom_insulated=3.0)
    question = asked(a_good_deal(), policy, model)
    assert question is not None
    assert question.fact == "insulated"


@given(deal=deals())
@settings(max_examples=40)
def test_only_what_is_unknown_is_asked(deal: Deal):
    question = asked(deal, model=a_model())
    if question is not None and question.fact != "industry":
        assert getattr(deal, question.fact) is None


def _walked(deal: Deal, step: Step) -> Deal:
    if step.fact == "delivery_needed_by":
        return replace(deal, delivery_needed_by=TODAY + timedelta(days=int(step.to or 0)))
    if step.fact == "budget_allocated":
        amounts = [deal.amount or 0, deal.budget_amount or 0, roubles(5_000)]
        return replace(deal, budget_allocated=True, budget_amount=max(amounts))
    return replace(deal, **{step.fact: step.to})


@given(deal=deals())
@settings(max_examples=60)
def test_every_step_leads_where_it_says(deal: Deal):
    model, today = a_model(), replace(deal, as_of=NOON, profit_if_won=deal.profit_if_won or 1_000)
    for step in steps(today, model=model):
        assert step.fact not in NOBODY_CAN_CHANGE
        after = _walked(today, step)
        answer = rules_on(after)
        assert (answer.verdict, answer.grade) == (step.verdict, step.grade)
        assert step.probability == pytest.approx(probability(after, model))


@given(deal=deals())
@settings(max_examples=40)
def test_every_step_lifts_something_and_lowers_no_verdict(deal: Deal):
    model = a_model()
    order = ["reject", "refuse", "nurture", "review", "ask", "accept_exception", "accept"]
    before = rules_on(deal)
    for step in steps(deal, model=model):
        assert order.index(step.verdict) >= order.index(before.verdict)
        lifted = (step.verdict, step.grade) != (before.verdict, before.grade)
        assert lifted or (step.probability or 0.0) > probability(deal, model) + WORTH_SAYING


def test_a_deal_below_the_floor_is_shown_the_floor_first():
    first = steps(a_good_deal(profit_if_won=SMALL))[0]
    assert (first.fact, first.to, first.verdict) == ("profit_if_won", roubles(5_000), "accept")


def test_the_steps_to_a_better_letter_are_shown():
    said = {step.fact: step.grade for step in steps(a_good_deal(need_defined=None, asap=None))}
    assert said == {"need_defined": "BBB"}
    said = {step.fact: step.grade for step in steps(a_good_deal(asap=None))}
    assert said == {"delivery_needed_by": "AAA"}


def test_a_step_never_makes_a_stated_budget_smaller():
    rich = a_good_deal(budget_allocated=False, budget_amount=roubles(900_000))
    [step] = [s for s in steps(rich, model=a_planted_model(budget_amount=1.0)) if s.fact == "budget_allocated"]
    assert step.probability == pytest.approx(probability(rich, a_planted_model(budget_amount=1.0)))


def test_a_perfect_deal_has_no_way_up():
    assert steps(PERFECT, model=a_model()) == ()
    assert steps(PERFECT) == ()


def test_a_step_that_is_noise_is_not_shown():
    almost = replace(PERFECT, role_user=False)
    assert steps(almost, model=a_planted_model(role_user=0.001)) == ()
    assert [s.fact for s in steps(almost, model=a_planted_model(role_user=1.0))] == ["role_user"]
