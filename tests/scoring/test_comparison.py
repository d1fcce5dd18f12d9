"""Rules and model on the same outcomes: figures as scikit-learn's, money as counted by hand."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from mlscore.scoring import comparison as cmp
from mlscore.scoring.comparison import Contender, compare, scorecard, swap_set
from mlscore.scoring.decision import agreement

DAY = 86_400.0


def drawn(seed: int, *, size: int = 200, ties: int | None = 12) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    labels = rng.random(size) < 0.4
    scores = np.clip(0.25 * labels + rng.random(size) * 0.75, 0, 1)
    return labels, scores if ties is None else np.round(scores * ties) / ties


SKLEARN: dict[str, tuple[cmp.Metric, Any]] = {
    "auc": (cmp.auc, metrics.roc_auc_score),
    "average precision": (cmp.average_precision, metrics.average_precision_score),
    "log loss": (cmp.log_loss, metrics.log_loss),
    "brier": (cmp.brier, metrics.brier_score_loss),
}


@pytest.mark.parametrize("name", SKLEARN)
@pytest.mark.parametrize("ties", [1, 3, 12, None])
@pytest.mark.parametrize("size", [5, 40, 500])
def test_figures_are_scikit_learn_s_with_and_without_ties(name, ties, size):
    ours, theirs = SKLEARN[name]
    for seed in range(4):
        labels, scores = drawn(seed, size=size, ties=ties)
        labels[:2] = [True, False]
        scores = np.clip(scores, 0.001, 0.999)
        assert ours(labels, scores) == pytest.approx(theirs(labels, scores), abs=1e-12)


@pytest.mark.parametrize("labels", [[], [True, True], [False, False]])
def test_with_one_class_only_ranking_has_no_figure(labels):
    column, scores = np.array(labels, dtype=bool), np.full(len(labels), 0.5)
    assert np.isnan(cmp.auc(column, scores))
    assert np.isnan(cmp.average_precision(column, scores)) is not (len(labels) > 0 and labels[0])


def test_without_deals_no_figure_is_made_up():
    nothing, none = np.array([], dtype=bool), np.array([])
    for figure in (cmp.log_loss, cmp.brier, cmp.calibration_error):
        assert np.isnan(figure(nothing, none))
    assert np.isnan(cmp.bootstrap(lambda _: 1.0, 0).value)


def test_a_certain_mistake_costs_much_but_not_everything():
    assert 30 < cmp.log_loss(np.array([True]), np.array([0.0])) < 40


def test_a_perfect_order_ranks_every_positive_first():
    labels = np.array([True, True, False])
    assert cmp.auc(labels, np.array([3.0, 2.0, 1.0])) == 1.0
    assert cmp.auc(labels, np.array([1.0, 2.0, 3.0])) == 0.0
    assert cmp.auc(labels, np.ones(3)) == 0.5


def test_calibration_error_is_the_mean_gap_between_promise_and_outcome():
    labels = np.array([True] * 3 + [False] * 7)
    assert cmp.calibration_error(labels, np.full(10, 0.3), bins=1) == pytest.approx(0.0)
    assert cmp.calibration_error(labels, np.full(10, 0.8), bins=1) == pytest.approx(0.5)


@given(
    scores=st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.9]), min_size=1, max_size=6),
    data=st.data(),
)
@settings(max_examples=60)
def test_the_profit_curve_is_the_mean_over_every_way_to_break_ties(scores: list[float], data: st.DataObject):
    size = len(scores)
    profit = np.array(data.draw(st.lists(st.integers(-50, 100), min_size=size, max_size=size)), dtype=float)
    curve = cmp.profit_curve(np.array(scores), profit)
    for worked in range(size + 1):
        best = sorted(scores)[size - worked :]
        ways = [rows for rows in combinations(range(size), worked) if sorted(scores[r] for r in rows) == best]
        expected = float(np.mean([sum(profit[r] for r in rows) for rows in ways]))
        assert curve[worked] == pytest.approx(expected)
        assert cmp.profit_captured(np.array(scores), profit, worked=worked) == pytest.approx(expected)
    assert cmp.profit_captured(np.array(scores), profit, worked=size + 5) == pytest.approx(profit.sum())


def test_the_swap_set_parts_deals_and_money_without_a_rest():
    rng = np.random.default_rng(3)
    rule, model, labels = (rng.random(300) < share for share in (0.5, 0.4, 0.3))
    profit = np.where(labels, rng.integers(1, 10**7, 300), 0).astype(float)
    cells = swap_set([agreement(bool(r), bool(m)) for r, m in zip(rule, model, strict=True)], labels, profit)
    assert sum(cell.deals for cell in cells.values()) == 300
    assert sum(cell.hits for cell in cells.values()) == labels.sum()
    assert sum(cell.profit for cell in cells.values()) == profit.sum()
    assert cells["model_only"].profit == sum(p for r, m, p in zip(rule, model, profit, strict=True) if m and not r)
    assert cells["both_yes"].deals + cells["rule_only"].deals == rule.sum()


def test_a_bootstrap_gives_the_same_interval_every_time():
    labels, scores = drawn(1)
    figures = [cmp.bootstrap(lambda rows: cmp.auc(labels[rows], scores[rows]), len(labels)) for _ in range(2)]
    assert figures[0] == figures[1]
    assert figures[0].low < figures[0].value < figures[0].high
    assert figures[0].value == cmp.auc(labels, scores)


def test_a_wider_level_gives_a_wider_interval():
    labels, scores = drawn(2)

    def width(level: float) -> float:
        said = cmp.bootstrap(lambda rows: cmp.brier(labels[rows], scores[rows]), len(labels), level=level)
        return said.high - said.low

    assert width(0.5) < width(0.9) < width(0.99)


@pytest.mark.parametrize(
    ("first_days", "a_month", "can_work"),
    [
        ([0, 365.2425], 2, 24),
        ([0, 60.87], 7, 14),
        ([0, 10], 7, 7),
        ([None, None], 7, 7),
        ([0, 365.2425], 100, 25),  # could work them all: half, or no ranking would matter
    ],
)
def test_the_team_works_its_capacity_for_the_months_of_the_window(first_days, a_month, can_work):
    days = [*first_days, *[first_days[-1]] * 48]
    moments = np.array([np.nan if day is None else day * DAY for day in days])
    assert cmp.deals_the_team_can_work(moments, deals_a_month=a_month) == can_work


@pytest.mark.parametrize(
    ("last_day", "a_month", "able"), [(60.87, 7, 14), (60.87, 24, 48), (60.87, 25, None), (None, 7, None)]
)
def test_capacity_ends_somewhere_only_where_deals_are_dated_and_more_than_it(last_day, a_month, able):
    moments = np.array([0.0] + [np.nan if last_day is None else last_day * DAY] * 49)
    moments[0] = np.nan if last_day is None else 0.0
    assert cmp.capacity_short_of(moments, deals_a_month=a_month) == able


def test_without_deals_the_team_works_none():
    assert cmp.deals_the_team_can_work(np.array([]), deals_a_month=5) == 0


def test_scorers_are_measured_on_the_same_resamples():
    labels, scores = drawn(5)
    profit = np.where(labels, 1_000.0, 0.0)
    cards = [
        scorecard(Contender(name=n, rank=scores, probability=scores), labels=labels, profit=profit, worked=50)
        for n in ("rules", "model")
    ]
    assert (cards[0].auc, cards[0].brier, cards[0].profit_captured) == (
        cards[1].auc,
        cards[1].brier,
        cards[1].profit_captured,
    )


def test_a_scorer_without_probabilities_has_only_ranks():
    labels, scores = drawn(6)
    card = scorecard(Contender(name="rules", rank=scores), labels=labels, profit=scores, worked=10, rounds=5)
    assert (card.log_loss, card.brier) == (None, None)
    assert card.auc.value == cmp.auc(labels, scores)


def test_a_comparison_stands_between_chance_and_the_oracle():
    labels, scores = drawn(7)
    profit = np.where(labels, 5_000.0, -100.0)
    said = compare(
        (Contender(name="rules", rank=scores), Contender(name="model", rank=-scores, probability=1 - scores)),
        labels=labels,
        profit=profit,
        agreements=["rule_only" if score > 0.5 else "model_only" for score in scores],
        worked=60,
        rounds=5,
    )
    assert (said.deals, said.positives, said.worked) == (200, int(labels.sum()), 60)
    rules, model = said.scorecards
    assert said.oracle_profit == min(60, labels.sum()) * 5_000.0
    assert said.random_profit == pytest.approx(profit.mean() * 60)
    assert model.profit_captured.value < said.random_profit < rules.profit_captured.value <= said.oracle_profit


@pytest.mark.parametrize("worked", [0, 3, 10, 99])
def test_no_one_earns_more_than_there_is(worked):
    profit = np.array([10.0, 20.0, 30.0])
    labels = np.array([True, True, True])
    said = compare(
        (Contender(name="rules", rank=profit),),
        labels=labels,
        profit=profit,
        agreements=["both_yes" if label else "both_no" for label in labels],
        worked=worked,
        rounds=2,
    )
    assert said.random_profit <= said.oracle_profit <= 60.0
