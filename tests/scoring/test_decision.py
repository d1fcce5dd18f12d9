"""Who decides, and how far rules and model agree."""

import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.decision import actions, decide
from mlscore.scoring.explanation import explain
from mlscore.scoring.receipt import Decision
from mlscore.scoring.verdict import VERDICTS, judge
from tests.builders import a_fire_deal, a_good_deal, a_policy, roubles, rules_on
from tests.models import SameProfit, a_model, a_model_answer, a_share_of_the_stated
from tests.strategies import batches

SMALL = roubles(3_000)
TRIAL = {"is_existing_customer": False, "trial_order": True, "prospects_profit": roubles(90_000)}
DEALS = {
    "accept": a_good_deal(),
    "accept_exception": a_good_deal(profit_if_won=SMALL, **TRIAL),
    "refuse": a_good_deal(profit_if_won=SMALL),
    "ask": a_fire_deal(),
    "ask_for_the_route": a_good_deal(steam_tph=None),
    "review": a_good_deal(steam_tph=1.0),
    "nurture": a_good_deal(in_nomenclature=False),
    "reject": a_good_deal(steam_tph=1.0, in_nomenclature=False),
}
COST = roubles(2_500)
YES, NO = a_model_answer(expected_profit=float(COST)), a_model_answer(expected_profit=COST - 1.0)
SILENT = [
    None,
    a_model_answer(abstained=True, abstained_because="abstain.few_similar"),
    a_model_answer(expected_profit=None),
]
SECOND_FUNNEL = {
    # by whom, verdict of the rules: action on the model's yes, action on its no
    ("model", "accept"): ("accept", "refuse"),
    ("model", "accept_exception"): ("accept_exception", "refuse"),
    ("model", "refuse"): ("accept", "refuse"),
    ("model", "ask"): ("accept", "ask"),
    ("both", "accept"): ("accept", "review"),
    ("both", "accept_exception"): ("accept_exception", "review"),
    ("both", "refuse"): ("review", "refuse"),
    ("both", "ask"): ("ask", "ask"),
}


def decided(deal: Deal, model: object, *, by: str, **economics: object) -> Decision:
    policy = a_policy(deciding={"decide_by": by}, economics=economics)
    return decide(rules_on(deal, policy), model, policy)


@pytest.mark.parametrize("verdict", DEALS)
@pytest.mark.parametrize("model", [YES, NO, *SILENT])
def test_the_rules_have_the_last_word_by_default(verdict, model):
    decision = decided(DEALS[verdict], model, by="rule")
    assert (decision.action, decision.decided_by) == (verdict.removesuffix("_for_the_route"), "rule")


@pytest.mark.parametrize("by", ["model", "both"])
@pytest.mark.parametrize("verdict", DEALS)
@pytest.mark.parametrize("model", SILENT)
def test_the_rules_decide_whenever_the_model_abstains(verdict, model, by):
    decision = decided(DEALS[verdict], model, by=by)
    assert (decision.action, decision.decided_by) == (verdict.removesuffix("_for_the_route"), "rule")


@pytest.mark.parametrize(("by", "verdict"), SECOND_FUNNEL)
def test_in_the_second_funnel_the_policy_says_who_decides(by, verdict):
    on_yes, on_no = SECOND_FUNNEL[by, verdict]
    assert decided(DEALS[verdict], YES, by=by).action == on_yes
    assert decided(DEALS[verdict], NO, by=by).action == on_no
    assert decided(DEALS[verdict], YES, by=by).decided_by == by


@pytest.mark.parametrize("by", ["model", "both"])
@pytest.mark.parametrize("verdict", ["ask_for_the_route", "review", "nurture", "reject"])
@pytest.mark.parametrize("model", [YES, NO])
def test_the_model_has_no_say_before_the_second_funnel(verdict, model, by):
    decision = decided(DEALS[verdict], model, by=by)
    assert (decision.action, decision.decided_by) == (verdict.removesuffix("_for_the_route"), "rule")


@pytest.mark.parametrize("by", ["model", "both"])
@pytest.mark.parametrize(("amount", "action"), [(roubles(50_000), "refuse"), (None, "ask")])
def test_the_model_never_passes_the_manager_s_limit_on_the_amount(amount, action, by):
    decision = decided(a_good_deal(amount=amount), YES, by=by, min_amount=50_000)
    assert (decision.action, decision.decided_by) == (action, "rule")


@pytest.mark.parametrize(
    ("verdict", "on_yes", "on_no"),
    [
        ("accept", "both_yes", "rule_only"),
        ("accept_exception", "both_yes", "rule_only"),
        ("refuse", "model_only", "both_no"),
        ("nurture", "model_only", "both_no"),
        ("reject", "model_only", "both_no"),
        ("ask", "undecided", "undecided"),
        ("review", "undecided", "undecided"),
    ],
)
@pytest.mark.parametrize("by", ["rule", "model", "both"])
def test_agreement_is_told_whoever_decides(verdict, on_yes, on_no, by):
    assert decided(DEALS[verdict], YES, by=by).agreement == on_yes
    assert decided(DEALS[verdict], NO, by=by).agreement == on_no


@pytest.mark.parametrize("model", SILENT)
def test_with_a_silent_model_agreement_is_undecided(model):
    assert decided(DEALS["accept"], model, by="rule").agreement == "undecided"


def test_the_model_says_yes_from_what_working_a_deal_costs():
    dear = {"worked_capacity": 100}
    assert decided(DEALS["refuse"], YES, by="model").action == "accept"
    assert decided(DEALS["refuse"], YES, by="model", **dear).action == "refuse"


@pytest.mark.parametrize("by", ["rule", "model", "both"])
@pytest.mark.parametrize("profit", [SameProfit(if_good=COST * 2.0), a_share_of_the_stated(0.3)])
@given(deals=batches())
@settings(max_examples=25)
def test_a_batch_is_decided_as_each_of_its_deals(by, profit, deals):
    policy = a_policy(deciding={"decide_by": by}, economics={"min_amount": 1_000})
    few_seen = a_model().rates
    few_seen.deals[::3] = 0
    for model in (a_model(policy, profit=profit), a_model(policy, profit=profit, rates=few_seen)):
        built = Deals(deals)
        judged = judge(built, policy)
        answers = model.answers(built, judged=judged)
        said = [decide(explain(judged, row), answers.answer(row), policy).action for row in range(len(deals))]
        assert [VERDICTS[code] for code in actions(judged, answers)] == said
        assert list(answers.abstains) == [answers.answer(row).abstained for row in range(len(deals))]
        assert actions(judged, None).tolist() == judged.verdict.tolist()
