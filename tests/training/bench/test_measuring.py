"""The service and the classics answer the same deals, and what is measured is what a reader would work out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mlscore.scoring.errors import TrainingError
from mlscore.scoring.policy import default_policy
from tests.training.histories import a_simulated_history
from training.bench import BenchHistory, Measured, Protocol, measure
from training.bench.classics import CLASSICS
from training.bench.measuring import gap_of, mean_of, mean_of_all
from training.contest import Setting
from training.dataset import build_table
from training.evaluate import SERVICE

SETTING = Setting(seed=3, threads=1)


@pytest.fixture(scope="module")
def history() -> BenchHistory:
    closed = a_simulated_history(500)
    table = build_table(closed, default_policy())
    by_receipt = {one.receipt_id: one for one in closed}
    return BenchHistory([by_receipt[receipt_id] for receipt_id in table.receipt_ids], table)


@pytest.fixture(scope="module")
def measured(history) -> Sequence[Measured]:
    return measure(history, Protocol(), (0, None), SETTING)


def test_every_classic_and_the_service_answer_the_same_deals_at_every_size(measured) -> None:
    assert {(one.scorer, one.size) for one in measured} == {(s, n) for s in (*CLASSICS, SERVICE) for n in (0, None)}
    assert len({one.deals for one in measured}) == 1


def test_with_no_history_everybody_says_the_policys_prior(measured) -> None:
    assert len({round(one.log_loss, 9) for one in measured if one.size == 0}) == 1


def test_the_service_learns_something_and_tells_its_money_its_doubts_and_its_silence(measured) -> None:
    service, prior = (next(o for o in measured if o.scorer == s and o.size is None) for s in (SERVICE, "prior_rate"))
    assert service.log_loss < prior.log_loss - 0.05
    assert None not in (service.accepted, service.abstained, service.expected, service.realised)
    assert prior.accepted is None


def test_a_table_of_some_deals_knows_nothing_of_the_others(history) -> None:
    rows = np.arange(0, 200, 2)
    own = history.of_these(rows)
    again = build_table([history.closed[row] for row in rows.tolist()], history.table.policy)
    assert own.receipt_ids == tuple(history.table.receipt_ids[row] for row in rows)
    np.testing.assert_array_equal(own.inputs.matrix, again.inputs.matrix)


def test_the_gap_is_0_for_the_truth_and_1_for_its_mean() -> None:
    chance = np.array([0.1, 0.4, 0.9])
    assert gap_of(chance, chance) == pytest.approx(0.0)
    assert gap_of(chance, np.full(3, chance.mean())) == pytest.approx(1.0)


def test_the_mean_of_several_passes_is_taken_figure_by_figure() -> None:
    one = Measured(
        scorer=SERVICE, size=30, deals=9, log_loss=0.4, auc=0.8, brier=0.1, ece=0.1, captured=None, captured_half=None
    )
    other = Measured(
        scorer=SERVICE, size=30, deals=9, log_loss=0.6, auc=0.6, brier=0.3, ece=0.3, captured=None, captured_half=None
    )
    mean = mean_of([one, other])
    assert (mean.log_loss, mean.auc, mean.deals, mean.captured) == (0.5, pytest.approx(0.7), 9, None)


def test_a_figure_that_only_some_passes_have_is_the_mean_of_those() -> None:
    figures = {"scorer": SERVICE, "size": 30, "deals": 9, "log_loss": 0.4, "auc": 0.8, "brier": 0.1, "ece": 0.1}
    each = [Measured(**figures, captured=found, captured_half=None) for found in (None, 3.0, 5.0)]
    assert mean_of(each).captured == mean_of(each[::-1]).captured == 4.0


def test_several_histories_are_averaged_at_the_sizes_all_of_them_have() -> None:
    def at(size: int, log_loss: float) -> Measured:
        told = {"auc": 0.8, "brier": 0.1, "ece": 0.1, "captured": None, "captured_half": None}
        return Measured(scorer=SERVICE, size=size, deals=9, log_loss=log_loss, **told)

    [mean] = mean_of_all([[at(30, 0.4), at(60, 0.3)], [at(30, 0.6)]])
    assert (mean.size, mean.log_loss) == (30, 0.5)


def test_a_size_no_fold_could_learn_is_not_measured(history) -> None:
    with pytest.raises(TrainingError, match="deals to learn from at most"):
        measure(history, Protocol(), (1000, 2000), SETTING)
    said = measure(history, Protocol(), (0, 1000), SETTING)
    assert {one.size for one in said} == {0}
