"""Eight bad challengers, each a real model, and the gate that is meant to refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from mlscore.scoring.model import Inputs, Sigmoid
from mlscore.scoring.verdict import judge
from tests.models import a_linear, a_model, a_share_of_the_stated
from tests.training.histories import a_simulated_history, a_table, is_good, with_fact
from training.contest import Setting
from training.contest.assemble import far_of
from training.contest.calibrate import Part, fit_sigmoid, joined
from training.contest.profit import fit_profit
from training.dataset import Table
from training.estimators import Lesson, Logistic, PriorRate
from training.estimators.rates import rates_of
from training.gates import Evidence, pass_gates
from training.leaks import find_leaks
from training.retrain import why_it_must_not_serve
from training.split import Fold, Turn, plan

HISTORY = a_simulated_history(1500, seed=22)


@dataclass(frozen=True)
class Ground:
    """A table, and the fold of its newest deals: what a challenger learns from, and what it is judged on."""

    table: Table
    turn: Turn

    @property
    def fold(self) -> Fold:
        """The test: it learns from all that was known before."""
        return self.turn[-1]

    @property
    def lesson(self) -> Lesson:
        """What was known before the test."""
        return Lesson.of(self.table, self.fold.learn)

    def learned(self, candidate: Any, **changes: Any) -> Any:
        """Return what a candidate learned before the test, of this table or of a changed one."""
        return candidate.fit(Lesson.of(replace(self.table, **changes), self.fold.learn))


def ground_of(table: Table) -> Ground:
    return Ground(table, plan(table).finale)


def calibrated(ground: Ground) -> Sigmoid:
    """Return the calibration that what an honest regression said of the folds before the test bears out."""
    table, parts = ground.table, []
    for fold in ground.turn[:-1]:
        log_odds = Logistic().fit(Lesson.of(table, fold.learn)).log_odds(table.inputs)
        parts.append(Part(log_odds[fold.answer], table.y[fold.answer].astype(float)))
    return fit_sigmoid(*joined(parts))


@cache
def the_ground() -> Ground:
    return ground_of(a_table(HISTORY))


def a_challenger(ground: Ground, *, changed: Mapping[str, Any] | None = None, **parts: Any) -> Evidence:
    """Return the evidence about one model: an honest logistic regression, but for these parts.

    `changed` parts are those of the model that is put on the shelf, once its answers are given.
    """
    table, rows = ground.table, ground.fold.answer
    honest = {
        "members": ((1.0, ground.learned(Logistic())),),
        "calibration": calibrated(ground),
        "rates": rates_of(ground.lesson),
        "profit": fit_profit(table, ground.fold.learn, Setting(seed=1, threads=1)),
        "features": table.features,
        "far": far_of(table.features, table.inputs.matrix[ground.fold.learn]),
    }
    model = a_model(table.policy, vocabularies=table.vocabularies, **honest | parts)
    answers = model.answers(table.deals, judged=judge(table.deals, table.policy))
    served = replace(model, **changed or {})
    return Evidence(
        table=table,
        rows=rows,
        challenger=answers.log_odds[rows],
        rules=rates_of(ground.lesson).log_odds(table.inputs)[rows],
        challenger_rank=answers.expected_profit[rows],
        model=served,
        check=lambda: why_it_must_not_serve(served),
        leaks=find_leaks(table, seed=1, threads=1),
    )


def constant() -> Evidence:
    return a_challenger(the_ground(), members=((1.0, the_ground().learned(PriorRate())),))


def inverted() -> Evidence:
    backwards = the_ground().learned(Logistic(), y=~the_ground().table.y, label="won")
    return a_challenger(the_ground(), members=((1.0, backwards),))


def leaking() -> Evidence:
    good = np.array(is_good(HISTORY))
    told = good ^ (np.random.default_rng(1).random(len(good)) < 0.05)
    return a_challenger(ground_of(with_fact(HISTORY, "note", [bool(answer) for answer in told])))


def over_confident() -> Evidence:
    honest = calibrated(the_ground())
    return a_challenger(the_ground(), calibration=replace(honest, slope=2.5 * honest.slope))


def of_wrong_features() -> Evidence:
    *features, last = the_ground().table.features
    return a_challenger(the_ground(), changed={"features": (*features, replace(last, name="shoe_size"))})


def unmonotone() -> Evidence:
    ground = the_ground()
    against = a_linear(ground.table.features, weights={"role_user": -0.8}, intercept=0.2)
    return a_challenger(ground, members=((1.0, ground.learned(Logistic())), (1.0, against)))


def money_losing() -> Evidence:
    return a_challenger(the_ground(), profit=a_share_of_the_stated(-0.3))


@dataclass(frozen=True)
class LooksAround:
    """A member that likes a deal the better, the larger one of its numbers is beside the others of its batch."""

    position: int

    def log_odds(self, inputs: Inputs):
        known = np.nan_to_num(inputs.matrix[:, self.position])
        return 0.1 * (known - known.mean())


def batch_dependent() -> Evidence:
    amount = [feature.name for feature in the_ground().table.features].index("amount")
    around = LooksAround(amount)
    return a_challenger(the_ground(), members=((1.0, the_ground().learned(Logistic())), (1.0, around)))


@dataclass(frozen=True)
class Planted:
    """A bad challenger, the gate meant for it, and a word of what that gate says."""

    make: Callable[[], Evidence]
    gate: str
    says: str


PLANTED = {
    "constant": Planted(constant, "tells_deals_apart", "AUC 0.500"),
    "inverted": Planted(inverted, "tells_deals_apart", "all of it above 0.5"),
    "leaking": Planted(leaking, "no_leak", "note alone tells good deals from bad ones"),
    "over-confident": Planted(over_confident, "calibrated", "slope 0."),
    "wrong features": Planted(of_wrong_features, "loads_afresh", "shoe_size"),
    "unmonotone": Planted(unmonotone, "directions", "roles lowers"),
    "money-losing": Planted(money_losing, "profit_captured", "than the rules' choice"),
    "batch-dependent": Planted(batch_dependent, "alone_and_in_a_batch", "25 deals differ by"),
}
ALONE = {"leaking", "wrong features", "unmonotone", "money-losing"}
"""Those that only one gate can see."""


def refused_by(evidence: Evidence) -> dict[str, str]:
    return {gate.code: gate.sentence for gate in pass_gates(evidence) if not gate.passed}


def test_the_honest_challenger_they_are_made_of_passes_every_gate() -> None:
    assert refused_by(a_challenger(the_ground())) == {}


@pytest.mark.parametrize("name", PLANTED)
def test_each_bad_challenger_is_refused_by_the_gate_meant_for_it(name: str) -> None:
    planted = PLANTED[name]
    refused = refused_by(planted.make())
    assert planted.says in refused[planted.gate]
    assert name not in ALONE or refused.keys() == {planted.gate}


def test_what_has_it_backwards_is_seen_to_rank_worse_than_chance() -> None:
    gate = next(gate for gate in pass_gates(inverted()) if gate.code == "tells_deals_apart")
    assert gate.figures["auc"] < 0.5
