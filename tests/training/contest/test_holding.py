"""The contest judges nobody by what it could not have known."""

import numpy as np
import pytest

from tests.training.histories import a_closed_deal, a_history, a_table, undated, with_outcomes_turned
from training.contest import choose, hold
from training.estimators import candidates
from training.evaluate import figures_of, money_rank, worked_of
from training.split import plan

ENTRANTS = candidates(seed=1, threads=1)


def held(table, **how):
    folds = plan(table, **how)
    return folds, hold(table, folds, ENTRANTS, seed=1, threads=1)


def test_what_becomes_of_the_test_deals_moves_no_answer_given_to_them() -> None:
    history = a_history(300)
    folds, [before] = held(a_table(history))
    [test] = [fold.answer for fold in folds.folds[0] if fold.is_test]
    _, [after] = held(a_table(with_outcomes_turned(history, test.tolist())))
    np.testing.assert_array_equal(before.service[test], after.service[test])
    np.testing.assert_array_equal(before.expected_profit[test], after.expected_profit[test])
    for name, answers in before.log_odds.items():
        np.testing.assert_array_equal(answers[test], after.log_odds[name][test])
    assert before.winner == after.winner


def test_every_judged_deal_is_answered_and_none_before_the_first_origin() -> None:
    table = a_table(a_history(300))
    folds, [round_] = held(table)
    assert np.isfinite(round_.service[folds.judged]).all()
    assert np.isnan(round_.service[: len(folds.folds[0][0].learn)]).all()


def test_progress_is_told_fold_by_fold() -> None:
    table = a_table(a_history(120))
    told: list[str] = []
    folds = plan(table)
    hold(table, folds, ENTRANTS, seed=1, threads=1, progress=told.append)
    assert len(told) == len(folds.folds[0])


def test_within_one_standard_error_the_simpler_is_chosen() -> None:
    table = a_table(a_history(200))
    rng = np.random.default_rng(0)
    good = np.where(table.y, 1.5, -1.5)
    a_little_better = good * (1 + 0.01 * rng.normal(size=200)) + 0.0001 * np.where(table.y, 1, -1)
    assert choose(table, np.arange(200), {"simple": good, "complex": a_little_better}) == "simple"
    assert choose(table, np.arange(200), {"simple": -good, "complex": good}) == "complex"


def test_without_any_earlier_answer_the_rule_rates_speak() -> None:
    table = a_table(a_history(30))
    assert choose(table, np.arange(0), {"lightgbm": np.zeros(30)}) == "rule_rates"


@pytest.mark.parametrize(
    "history",
    [a_history(1), a_history(30), undated(a_history(30)), [a_closed_deal(f"D-{n}", day=n) for n in range(50)]],
    ids=["one deal", "thirty", "thirty undated", "one outcome only"],
)
def test_the_smallest_histories_are_measured(history) -> None:
    table = a_table(history)
    folds, rounds = held(table)
    figures = figures_of(table, folds.judged, rounds)
    assert [f.scorer for f in figures] == ["rules", *(e.name for e in ENTRANTS), "service"]


def test_rules_are_ranked_without_a_probability_and_candidates_have_all_figures() -> None:
    table = a_table(a_history(300))
    folds, rounds = held(table)
    rules, *others = figures_of(table, folds.judged, rounds)
    assert (rules.log_loss, rules.brier, rules.ece) == (None, None, None)
    assert rules.auc > 0.5
    for figures in others:
        assert {"auc", "log_loss", "brier", "ece", "slope", "profit_captured"} <= figures.numbers().keys()


def test_a_learner_of_a_history_with_signal_beats_the_prior_rate() -> None:
    table = a_table(a_history(400))
    folds, rounds = held(table)
    by_name = {f.scorer: f for f in figures_of(table, folds.judged, rounds)}
    assert by_name["service"].log_loss < by_name["prior_rate"].log_loss - 0.05


def test_the_service_ranks_by_money_where_profit_is_recorded() -> None:
    table = a_table(a_history(300))
    _, [round_] = held(table)
    assert money_rank(table, round_) is round_.expected_profit
    without = a_table([a_closed_deal(f"D-{n}", day=n, won=n % 3 > 0, profit=None, amount=n) for n in range(80)])
    _, [round_] = held(without)
    assert money_rank(without, round_) is round_.service


def test_repeats_of_an_undated_history_are_averaged() -> None:
    table = a_table(undated(a_history(90)))
    folds, rounds = held(table, grouped=(3, 2))
    alone = [figures_of(table, folds.judged, [round_])[-2].log_loss for round_ in rounds]
    assert figures_of(table, folds.judged, rounds)[-2].log_loss == pytest.approx(np.mean(alone))


def test_a_team_that_could_work_every_deal_is_asked_for_half() -> None:
    table = a_table(a_history(100))
    assert worked_of(table, np.arange(100)) == 50
