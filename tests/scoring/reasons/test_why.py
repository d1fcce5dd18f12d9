"""Why the model said so: contributions by business fact that add up."""

import numpy as np
import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.model import FittedModel, Knots, Sigmoid
from mlscore.scoring.model.calibration import sigmoid
from mlscore.scoring.policy import default_policy
from mlscore.scoring.reasons import REASONS_SHOWN, WORTH_SAYING, model_reasons
from mlscore.scoring.reasons.why import effects
from mlscore.scoring.track_record import column_of
from mlscore.scoring.verdict import judge
from tests.builders import a_deal, a_good_deal, a_policy, roubles
from tests.models import a_linear, a_model, a_planted_model, some_rates
from tests.registry.models import EVERY_KIND
from tests.strategies import batches

KNOTS = Knots(at=np.array([-3.0, 0.0, 3.0]), value=np.array([-1.5, 0.3, 1.2]))


def reasons(deal: Deal, model: FittedModel) -> dict[str, float]:
    built = Deals([deal])
    answers = model.answers(built, judged=judge(built, model.policy))
    return {reason.fact: reason.effect for reason in model_reasons(answers)[0]}


@pytest.mark.parametrize("kind", EVERY_KIND)
@given(batch=batches())
@settings(max_examples=20)
def test_the_shares_of_a_deal_add_up_to_its_log_odds(kind: str, batch: list[Deal]):
    model, built = EVERY_KIND[kind](), Deals(batch)
    answers = model.answers(built, judged=judge(built, model.policy))
    contributions = answers.contributions(np.arange(len(batch)))
    assert contributions.shape == (len(batch), len(model.features) + 2)
    grouped = model.grouping(contributions)
    assert grouped.shape == (len(batch), len(model.grouping.facts))
    raw = model.raw_log_odds(answers.inputs)
    assert grouped.sum(axis=1) + contributions[:, -1] == pytest.approx(raw, abs=1e-9)


@pytest.mark.parametrize("kind", EVERY_KIND)
@given(batch=batches())
@settings(max_examples=20)
def test_the_effects_of_every_deal_add_up_to_its_distance_from_the_usual_one(kind: str, batch: list[Deal]):
    model, built = EVERY_KIND[kind](), Deals(batch)
    answers = model.answers(built, judged=judge(built, model.policy))
    rest = answers.contributions(np.arange(len(batch)))[:, -1]
    usual = sigmoid(model.calibration(rest))
    moved = effects(answers)
    assert moved.sum(axis=1) == pytest.approx(answers.probability - usual, abs=1e-9)
    assert np.abs(moved).max() < 1.0


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
    [[reason]] = model_reasons(answers)
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
    [[reason]] = model_reasons(model.answers(built, judged=judge(built, policy)))
    assert (reason.fact, reason.value, type(reason.value)) == (fact, value, type(value))


def test_an_unknown_fact_may_be_a_reason_without_a_value():
    linear = a_linear(a_planted_model().features, unknown={"steam": -0.5})
    model = a_model(members=[(1.0, linear)])
    built = Deals([a_deal()])
    [[reason]] = model_reasons(model.answers(built, judged=judge(built, default_policy())))
    assert (reason.fact, reason.value, reason.effect < 0) == ("steam_tph", None, True)


def test_strong_facts_that_pull_both_ways_are_told_as_far_as_each_side_went():
    model = a_planted_model(need_defined=4.0, asap=-4.0)
    said = reasons(a_good_deal(), model)
    assert said == {"need_defined": pytest.approx(0.482, abs=1e-3), "asap": pytest.approx(-0.482, abs=1e-3)}
    alone = a_planted_model(need_defined=4.0)
    assert reasons(a_good_deal(), alone)["need_defined"] == pytest.approx(said["need_defined"])


@given(batch=batches())
@settings(max_examples=20)
def test_a_model_of_rates_names_the_rules_alone_and_the_prior_names_nothing(batch: list[Deal]):
    for kind, named in (("rates", {"rules"}), ("the prior", set())):
        model, built = EVERY_KIND[kind](), Deals(batch)
        said = model_reasons(model.answers(built, judged=judge(built, model.policy)))
        assert {reason.fact for one in said for reason in one} <= named


def test_no_deals_have_no_reasons():
    model, built = a_model(), Deals([])
    assert model_reasons(model.answers(built, judged=judge(built, model.policy))) == ()


def test_every_deal_of_a_batch_has_reasons_and_values_of_its_own():
    model, built = a_planted_model(need_defined=0.9, steam=-0.3), Deals([a_good_deal(steam_tph=9.0), a_deal()])
    first, second = model_reasons(model.answers(built, judged=judge(built, model.policy)))
    assert [(r.fact, r.value) for r in first] == [("need_defined", True), ("steam_tph", 9.0)]
    assert second == ()


def test_the_clients_record_is_a_reason_that_does_not_name_the_client():
    features = a_model().features
    linear = a_linear(features, weights={"track_client_rate": 3.0})
    model = a_model(members=[(1.0, linear)])
    built = Deals([a_good_deal(company_id="C-17")]).having({column_of("client", "rate"): np.array([0.9])})
    [[reason]] = model_reasons(model.answers(built, judged=judge(built, model.policy)))
    assert (reason.fact, reason.value) == ("company_id", None)
