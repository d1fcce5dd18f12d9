"""Every candidate learns, answers in plain arrays or text, and does the same again for the same seed."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mlscore.registry import BoosterMember
from mlscore.scoring.model import Linear, Rates
from tests.training.histories import a_closed_deal, a_history, a_table
from training.estimators import Logistic, PriorRate, RuleRates, Trees, candidates
from training.estimators.logistic import Encoder

CANDIDATES = candidates(seed=1, threads=1)


@pytest.fixture(scope="module")
def table():
    return a_table(a_history(300))


@pytest.fixture(scope="module")
def rows(table):
    return np.arange(len(table))


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda c: c.name)
def test_the_same_seed_gives_the_same_answers(candidate, table, rows) -> None:
    first, second = (candidate.fit(table, rows).log_odds(table.inputs) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda c: c.name)
def test_shares_of_the_features_add_up_to_the_answer(candidate, table, rows) -> None:
    member = candidate.fit(table, rows)
    parts = member.contributions(table.inputs)
    assert parts.shape == (len(table), len(table.features) + 2)
    np.testing.assert_allclose(parts.sum(axis=1), member.log_odds(table.inputs), atol=1e-6)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda c: c.name)
@pytest.mark.parametrize("deals", [0, 1, 30])
def test_too_few_deals_teach_rates_only(candidate, deals) -> None:
    table = a_table(a_history(60))
    assert isinstance(candidate.fit(table, np.arange(deals)), Rates)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda c: c.name)
def test_one_outcome_only_teaches_rates_only(candidate) -> None:
    table = a_table([a_closed_deal(f"D-{n}", day=n, amount=n) for n in range(80)])
    member = candidate.fit(table, np.arange(80))
    assert isinstance(member, Rates)
    assert np.isfinite(member.log_odds(table.inputs)).all()


def test_what_the_prior_rate_answers_is_the_share_drawn_to_the_policys_prior(table, rows) -> None:
    member = PriorRate().fit(table, rows)
    share = (table.y.sum() + 10 * 0.3) / (len(table) + 10)
    np.testing.assert_allclose(member.probability(table.inputs.cells), share)


def test_rule_rates_are_the_smoothed_rates_of_the_cells(table, rows) -> None:
    member = RuleRates().fit(table, rows)
    cell = np.bincount(table.inputs.cells).argmax()
    inside = table.inputs.cells == cell
    expected = (table.y[inside].sum() + 10 * member.base) / (inside.sum() + 10)
    assert member.probability(np.array([cell]))[0] == pytest.approx(expected)


def test_the_arrays_of_the_logistic_answer_exactly_as_scikit_learn_does(table, rows) -> None:
    member = Logistic().fit(table, rows)
    assert isinstance(member, Linear)
    X = table.inputs.matrix
    encoder = Encoder.learn(X, [0 if f.levels is None else len(f.levels) for f in table.features])
    pulls = (member.weight != 0) | (np.array([f.direction for f in table.features]) == 0)
    design = encoder.encode(X)[:, encoder.spread(~pulls) == 0]
    fitted = LogisticRegression(C=0.1, solver="newton-cholesky").fit(design, table.y)
    assert np.isnan(X).any()
    np.testing.assert_allclose(member.log_odds(table.inputs), fitted.decision_function(design), atol=1e-9)


def test_no_number_of_the_logistic_pulls_against_its_direction(table, rows) -> None:
    member = Logistic().fit(table, rows)
    directions = np.array([f.direction for f in table.features])
    assert (member.weight * directions >= 0).all()
    assert (member.weight * directions > 0).any()


def test_the_design_of_the_logistic_has_a_column_a_level_and_one_for_the_unknown() -> None:
    X = np.array([[1.0, 0.0], [3.0, 1.0], [np.nan, np.nan]])
    encoder = Encoder.learn(X, [0, 2])
    np.testing.assert_array_equal(encoder.encode(X), [[-1, 0, 1, 0, 0], [1, 0, 0, 1, 0], [0, 1, 0, 0, 1]])


def test_trees_only_go_the_way_a_feature_points(table, rows) -> None:
    member = Trees(seed=1, threads=1).fit(table, rows)
    assert isinstance(member, BoosterMember)
    for position, feature in enumerate(table.features):
        if feature.levels is None and feature.direction:
            matrix = np.repeat(table.inputs.matrix[:1], 25, axis=0)
            known = table.inputs.matrix[:, position]
            if np.isnan(known).all():
                continue
            matrix[:, position] = np.linspace(np.nanmin(known), np.nanmax(known), 25)
            answers = member.booster.predict(matrix, raw_score=True) * feature.direction
            assert (np.diff(answers) >= -1e-9).all(), feature.name


def test_a_deal_may_weigh_more_than_another(table, rows) -> None:
    weights = np.where(table.y, 3.0, 1.0)
    for candidate in CANDIDATES:
        even = candidate.fit(table, rows).log_odds(table.inputs).mean()
        assert candidate.fit(table, rows, weights=weights).log_odds(table.inputs).mean() > even
