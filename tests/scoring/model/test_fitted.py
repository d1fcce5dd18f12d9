"""A fitted model's answer: probability, interval, expected profit and doubts; and the model of no history."""

import numpy as np
import pytest
from hypothesis import given, settings

from mlscore.scoring.deal import Deal, Deals
from mlscore.scoring.features import features_of
from mlscore.scoring.model import Far, FittedModel, Knots, ModelAnswers, Rates, prior_model
from mlscore.scoring.model.calibration import NEVER_SURE, logit, sigmoid
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.verdict import CELLS, judge
from tests.builders import a_deal, a_good_deal, a_policy, roubles
from tests.models import a_linear, a_model, a_planted_model, a_share_of_the_stated, some_rates
from tests.strategies import batches

PRIOR = prior_model(default_policy())


def answers(model: FittedModel, *deals: Deal, policy: Policy | None = None) -> ModelAnswers:
    built = Deals(deals)
    return model.answers(built, judged=judge(built, policy or model.policy))


def far(**bounds: tuple[float, float]) -> Far:
    names = [one.name for one in features_of(default_policy(), {})]
    least, most = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    for name, (low, high) in bounds.items():
        least[names.index(name)], most[names.index(name)] = low, high
    return Far(least=least, most=most)


@given(batch=batches(at_most=6))
@settings(max_examples=40)
def test_the_interval_holds_the_probability_for_any_deal(batch: list[Deal]):
    knots = Knots(at=np.array([-2.0, 0.0, 1.0]), value=np.array([-1.0, -0.9, 2.0]))
    for model in (a_model(), a_model(calibration=knots), PRIOR):
        said = answers(model, *batch)
        low, high = said.interval
        assert ((low >= 0) & (low <= said.probability) & (said.probability <= high) & (high <= 1)).all()


def test_no_probability_is_a_certainty():
    for log_odds, bound in ((60.0, 1 - NEVER_SURE), (-60.0, NEVER_SURE)):
        assert answers(a_planted_model(intercept=log_odds), a_deal()).probability[0] == bound


def test_the_interval_is_as_wide_as_the_spread_at_that_score():
    wide, narrow = (
        a_model(spread_at=np.array([0.0]), spread_below=np.array([w]), spread_above=np.array([w])) for w in (2.0, 0.1)
    )
    (low, high), (near_low, near_high) = (answers(model, a_good_deal()).interval for model in (wide, narrow))
    assert high[0] - low[0] > near_high[0] - near_low[0] > 0


def test_members_are_weighed_in_log_odds():
    features = features_of(default_policy(), {})
    one, two = a_linear(features, intercept=1.0), a_linear(features, intercept=-3.0)
    model = a_model(members=[(0.75, one), (0.25, two)])
    assert model.raw_log_odds(answers(model, a_deal(), a_good_deal()).inputs) == pytest.approx([0.0, 0.0])


def test_what_a_far_away_deal_would_bring_and_whether_it_fits_is_left_unknown():
    model = a_model(far=far(steam=(2.0, 4.0)), capacity_line=1.0)
    near, away = (answers(model, a_good_deal(steam_tph=steam)).answer(0) for steam in (3.0, 1e6))
    assert (near.expected_profit > 0, near.within_capacity) == (True, True)
    assert (away.abstained_because, away.expected_profit, away.within_capacity) == ("abstain.far_away", None, None)


@pytest.mark.parametrize(("stated", "is_far"), [(3.0, False), (0.5, False), (5.9, False), (6.1, True), (-0.1, True)])
def test_a_deal_outside_all_that_was_seen_by_more_than_its_width_is_far(stated, is_far):
    # steam is log(1 + t/h): seen from 2 to 4 on that scale
    model = a_model(far=far(steam=(2.0, 4.0)))
    steam = float(np.expm1(stated)) if stated >= 0 else -float(np.expm1(-stated))
    said = answers(model, a_good_deal(steam_tph=steam))
    assert said.is_far[0] == is_far
    assert said.answer(0).abstained_because == ("abstain.far_away" if is_far else None)


def test_an_unknown_fact_is_not_far():
    assert answers(a_model(far=far(steam=(2.0, 4.0))), a_good_deal(steam_tph=None)).is_far[0] == np.False_


def test_a_fact_that_never_varied_leaves_no_room():
    model = a_model(far=far(need_defined=(1.0, 1.0)))
    said = answers(model, a_good_deal(), a_good_deal(need_defined=False))
    assert said.is_far.tolist() == [False, True]


@pytest.mark.parametrize(("similar", "because"), [(19.0, "abstain.few_similar"), (20.0, None)])
def test_with_few_similar_deals_the_model_abstains(similar, because):
    rates = Rates(deals=np.full(CELLS, similar), positives=np.zeros(CELLS), base=0.3, worth=10.0)
    said = answers(a_model(rates=rates), a_good_deal()).answer(0)
    assert (said.similar_deals, said.abstained, said.abstained_because) == (similar, because is not None, because)


def test_a_deal_the_model_abstains_on_is_neither_within_capacity_nor_beyond_it():
    model = a_model(far=far(need_defined=(1.0, 1.0)), profit=a_share_of_the_stated(0.5), capacity_line=1.0)
    said = answers(model, a_good_deal(), a_good_deal(need_defined=False))
    assert (said.expected_profit > 1.0).all()
    assert [said.answer(row).within_capacity for row in (0, 1)] == [True, None]
    assert np.isnan(said.above_line).tolist() == [False, True]


def test_a_model_that_has_not_passed_the_gates_says_so_first():
    said = answers(a_model(why_unapproved="abstain.prior_only"), a_good_deal()).answer(0)
    assert (said.abstained, said.abstained_because) == (True, "abstain.prior_only")


def test_rates_are_read_in_the_deal_s_own_cell():
    rates = some_rates()
    built = Deals([a_good_deal(), a_good_deal(steam_tph=1.0)])
    judged = judge(built, default_policy())
    said = a_model(rates=rates).answers(built, judged=judged)
    assert said.similar_deals.tolist() == rates.deals[judged.cell].tolist()
    assert said.rule_probability == pytest.approx(rates.probability(judged.cell))
    assert judged.cell[0] != judged.cell[1]


def test_under_another_policy_the_model_reads_the_rules_it_was_trained_with():
    trained_under = default_policy()
    today = a_policy(economics={"overhead_month": 5_000_000})
    deal = a_good_deal()
    model = a_model(trained_under)
    drifted, own = answers(model, deal, policy=today), answers(model, deal)
    assert (drifted.policy_drift, own.policy_drift) == (True, False)
    assert drifted.answer(0).policy_drift is True
    assert drifted.probability.tolist() == own.probability.tolist()
    assert drifted.similar_deals.tolist() == own.similar_deals.tolist()


def test_an_equal_policy_is_the_same_policy():
    twin = a_policy(name=default_policy().name)
    assert twin is not default_policy()
    assert answers(a_model(), a_good_deal(), policy=twin).policy_drift is False


def test_the_answer_for_one_deal_is_its_row_of_the_columns():
    said = answers(a_model(version="9", simulated=True), a_deal(), a_good_deal())
    answer = said.answer(1)
    assert (answer.model_version, answer.simulated, answer.label) == ("9", True, "profitable")
    assert answer.probability == said.probability[1]
    assert answer.expected_profit == said.expected_profit[1] == pytest.approx(0.3 * roubles(12_000))
    assert said.answer(0).expected_profit is None


@given(batch=batches(at_most=6))
@settings(max_examples=40)
def test_the_prior_answers_everywhere_and_abstains(batch: list[Deal]):
    said = answers(PRIOR, *batch)
    assert said.probability == pytest.approx([0.3] * len(batch))
    for row in range(len(batch)):
        answer = said.answer(row)
        assert (answer.abstained, answer.abstained_because) == (True, "abstain.prior_only")
        assert (answer.similar_deals, answer.model_version) == (0, "prior")
        assert answer.rule_probability == pytest.approx(0.3)


def test_the_prior_is_the_policy_s_and_the_weaker_the_wider():
    def said(**prior: float) -> tuple[float, float]:
        model = prior_model(a_policy(prior=prior))
        answer = answers(model, a_good_deal()).answer(0)
        return answer.probability, answer.interval[1] - answer.interval[0]

    assert said(profitable_share=0.6)[0] == pytest.approx(0.6)
    assert said(worth_deals=2.0)[1] > said(worth_deals=10.0)[1] > said(worth_deals=200.0)[1]


def test_the_prior_expects_its_share_of_the_stated_profit():
    assert answers(PRIOR, a_good_deal()).expected_profit[0] == pytest.approx(0.3 * roubles(12_000))
    assert np.isnan(answers(PRIOR, a_deal()).expected_profit[0])


@pytest.mark.parametrize("log_odds", [60.0, -60.0])
def test_the_interval_holds_the_probability_of_a_near_certainty_too(log_odds):
    said = answers(a_planted_model(intercept=log_odds), a_deal())
    (low, high), probability = said.interval, said.probability
    assert low[0] <= probability[0] <= high[0]


def test_the_prior_s_interval_is_wide_on_both_sides():
    said = answers(PRIOR, a_good_deal())
    (low, high), probability = said.interval, said.probability[0]
    spread = 1.645 / np.sqrt(10 * 0.3 * 0.7)  # a Beta prior worth ten deals, in log-odds
    assert low[0] == pytest.approx(sigmoid(logit(np.array([probability])) - spread)[0])
    assert high[0] == pytest.approx(sigmoid(logit(np.array([probability])) + spread)[0])
