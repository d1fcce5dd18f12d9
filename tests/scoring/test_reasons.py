"""Why the model said so: contributions by business fact that add up."""

import numpy as np
import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import FittedModel, Knots, Sigmoid
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.policy import default_policy
from mlscore.scoring.reasons import REASONS_SHOWN, WORTH_SAYING, model_reasons, with_reasons
from mlscore.scoring.verdict import judge
from tests.builders import a_deal, a_good_deal, a_policy, roubles
from tests.models import a_linear, a_model, a_planted_model, some_rates
from tests.strategies import deals

KNOTS = Knots(at=np.array([-3.0, 0.0, 3.0]), value=np.array([-1.5, 0.3, 1.2]))


def reasons(deal: Deal, model: FittedModel) -> dict[str, float]:
    built = Deals([deal])
    answers = model.answers(built, judged=judge(built, model.policy))
    return {reason.fact: reason.effect for reason in model_reasons(answers, 0)}


@given(deal=deals())
@settings(max_examples=60)
def test_the_shares_of_a_deal_add_up_to_its_log_odds(deal: Deal):
    model, built = a_model(), Deals([deal])
    answers = model.answers(built, judged=judge(built, model.policy))
    parts = answers.contributions(np.array([0]))
    assert parts.shape == (1, len(model.features) + 2)
    assert parts.sum() == pytest.approx(model.raw_log_odds(answers.inputs)[0], abs=1e-9)


@pytest.mark.parametrize("calibration", [Sigmoid(), Sigmoid(slope=0.5, intercept=-0.7), KNOTS])
def test_effects_add_up_to_the_distance_from_the_usual_deal(calibration):
    model = a_planted_model(need_defined=0.8, budget_plus=0.5, steam=-0.3, amount=0.05, intercept=-0.4)
    model = a_model(members=model.members, calibration=calibration)
    deal = a_good_deal()
    said = reasons(deal, model)
    built = Deals([deal])
    reached = model.answers(built, judged=judge(built, model.policy)).probability[0]
    usual = sigmoid(calibration(np.array([-0.4])))[0]
    assert set(said) == {"need_defined", "budget_amount", "steam_tph", "amount"}
    assert sum(said.values()) == pytest.approx(reached - usual)


def test_each_effect_has_its_own_sign_and_the_largest_comes_first():
    said = reasons(a_good_deal(), a_planted_model(need_defined=0.9, steam=-0.3, asap=0.05))
    assert list(said) == ["need_defined", "steam_tph", "asap"]
    assert [effect > 0 for effect in said.values()] == [True, False, True]


def test_features_of_one_fact_are_told_as_one_reason():
    said = reasons(a_good_deal(), a_planted_model(need_defined=0.4, need_plus=0.6))
    assert list(said) == ["need_defined"]


def test_the_rules_cell_is_a_reason_of_its_own():
    built = Deals([a_good_deal()])
    rates = some_rates()
    model = a_model(members=[(1.0, rates)], calibration=Sigmoid())
    answers = model.answers(built, judged=judge(built, model.policy))
    [reason] = model_reasons(answers, 0)
    assert reason.fact == "rules"
    assert reason.effect == pytest.approx(rates.probability(answers.inputs.cells)[0] - rates.base)


def test_what_moves_the_score_by_less_than_half_a_point_is_not_said():
    assert reasons(a_good_deal(), a_planted_model(need_defined=0.001)) == {}
    many = {one.name: 0.3 for one in a_planted_model().features if one.levels is None}
    said = reasons(a_good_deal(role_user=True, need_coverage=1.0), a_planted_model(**many))
    assert len(said) == REASONS_SHOWN
    assert all(abs(effect) >= WORTH_SAYING for effect in said.values())


@pytest.mark.parametrize(
    ("feature", "fact", "facts", "value"),
    [
        ("steam", "steam_tph", {}, 5.0),
        ("turnover", "annual_turnover_rub", {"group_turnover_rub": 7e9}, 7e9),
        ("asap", "asap", {}, True),
        ("amount", "amount", {}, float(roubles(40_000))),
        ("fire", "rules", {}, None),
        ("custom_boiler_age", "boiler_age", {"extra": {"boiler_age": 12.0}}, 12.0),
    ],
)
def test_a_reason_carries_the_fact_it_is_about(feature, fact, facts, value):
    policy = a_policy(custom_facts=[{"name": "boiler_age", "kind": "number"}])
    model = a_planted_model(policy, **{feature: 0.5})
    built = Deals([a_good_deal(**facts)])
    [reason] = with_reasons(model.answers(built, judged=judge(built, policy)), 0).reasons
    assert (reason.fact, reason.value, type(reason.value)) == (fact, value, type(value))


def test_an_unknown_fact_may_be_a_reason_without_a_value():
    linear = a_linear(a_planted_model().features, unknown={"steam": -0.5})
    model = a_model(members=[(1.0, linear)])
    built = Deals([a_deal()])
    [reason] = model_reasons(model.answers(built, judged=judge(built, default_policy())), 0)
    assert (reason.fact, reason.value, reason.effect < 0) == ("steam_tph", None, True)
