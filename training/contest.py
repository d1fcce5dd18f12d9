"""The contest: every candidate learns and answers fold by fold, is calibrated and chosen on what came before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Inputs
from mlscore.scoring.model.calibration import sigmoid
from training.calibrate import calibrate
from training.dataset import Rows, Table
from training.estimators import Candidate
from training.profit import fit_profit
from training.split import Fold, Plan

WITHOUT_HISTORY = "rule_rates"
"""Who answers while no fold has been judged yet."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """Answers by models that had not seen the row: columns over the table, NaN where no fold answers.

    `raw` are the members' log-odds, `log_odds` the calibrated ones; `service` are those of the candidate that was
    ahead before each fold; `expected_profit` in minor units.
    """

    raw: Mapping[str, Floats]
    log_odds: Mapping[str, Floats]
    service: Floats
    expected_profit: Floats
    winner: str

    def probability(self, name: str | None = None) -> Floats:
        """Return a candidate's probabilities, or the service's own."""
        return sigmoid(self.service if name is None else self.log_odds[name])


def hold(
    table: Table,
    plan: Plan,
    entrants: Sequence[Candidate],
    *,
    seed: int,
    threads: int,
    progress: Progress | None = None,
) -> tuple[Round, ...]:
    """Hold the contest, once for every repeat of the plan."""
    tell = progress or (lambda _: None)
    held = []
    for turn, folds in enumerate(plan.folds):
        if not plan.by_time:
            tell(f"{len(folds)} grouped folds, {turn + 1} of {plan.repeats}")
        held.append(_round(table, plan, folds, entrants, seed, threads, tell))
    return tuple(held)


def _round(
    table: Table,
    plan: Plan,
    folds: Sequence[Fold],
    entrants: Sequence[Candidate],
    seed: int,
    threads: int,
    tell: Progress,
) -> Round:
    raw = {entrant.name: np.full(len(table), np.nan) for entrant in entrants}
    profit = np.full(len(table), np.nan)
    for place, fold in enumerate(folds):
        if plan.by_time:
            tell(f"fold {place + 1} of {len(folds)}: {len(fold.learn)} deals learned, {len(fold.answer)} answered")
        inputs = Inputs(table.inputs.matrix[fold.answer], table.inputs.cells[fold.answer])
        for entrant in entrants:
            raw[entrant.name][fold.answer] = entrant.fit(table, fold.learn).log_odds(inputs)
        expect = fit_profit(table, fold.learn, seed=seed, threads=threads)
        chance = sigmoid(raw[WITHOUT_HISTORY])
        profit[fold.answer] = expect(table.inputs, table.judged, chance)[fold.answer]
    log_odds = {name: _calibrated(table, plan, folds, answers) for name, answers in raw.items()}
    service, winner = _chosen(table, plan, folds, log_odds)
    return Round(raw, log_odds, service, profit, winner)


def _calibrated(table: Table, plan: Plan, folds: Sequence[Fold], raw: Floats) -> Floats:
    calibrated = np.full(len(table), np.nan)
    for place, fold in enumerate(folds):
        held_out = rows_before(table, plan, folds, place)
        y = table.y[held_out].astype(np.float64)
        calibrated[fold.answer] = calibrate(raw[held_out], y)(raw[fold.answer])
    return calibrated


def rows_before(table: Table, plan: Plan, folds: Sequence[Fold], place: int) -> Rows:
    """Return the answered rows whose outcome was known before a fold, oldest first; of other folds where undated."""
    others = [fold.answer for other, fold in enumerate(folds) if (other < place if plan.by_time else other != place)]
    rows = np.sort(np.concatenate(others)) if others else np.zeros(0, dtype=np.intp)
    return rows[table.known_at[rows] <= folds[place].start] if plan.by_time else rows


def _chosen(table: Table, plan: Plan, folds: Sequence[Fold], log_odds: Mapping[str, Floats]) -> tuple[Floats, str]:
    service = np.full(len(table), np.nan)
    ahead = WITHOUT_HISTORY
    for place, fold in enumerate(folds):
        ahead = choose(table, rows_before(table, plan, folds, place), log_odds)
        service[fold.answer] = log_odds[ahead][fold.answer]
    if not plan.by_time:
        ahead = choose(table, np.arange(len(table)), log_odds)
    return service, ahead


def choose(table: Table, rows: Rows, log_odds: Mapping[str, Floats]) -> str:
    """Return the simplest candidate within one standard error (of the paired differences) of the least log loss.

    Candidates are in the order of simplicity.
    """
    if len(rows) < 2:  # noqa: PLR2004 - a standard error needs two
        return WITHOUT_HISTORY
    losses = {name: log_losses(table.y[rows], sigmoid(answers[rows])) for name, answers in log_odds.items()}
    best = min(losses, key=lambda name: float(losses[name].mean()))
    for name, loss in losses.items():
        behind = loss - losses[best]
        if float(behind.mean()) <= float(behind.std(ddof=1)) / np.sqrt(len(rows)):
            return name
    return best
