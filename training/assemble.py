"""Puts the winner together: learned from every known deal, calibrated on answers it gave out of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import Feature
from mlscore.scoring.model import Far, FittedModel
from mlscore.scoring.reasons import usual_answers
from training.calibrate import calibrate, spread_of
from training.contest import Round
from training.dataset import Rows, Table
from training.estimators import Candidate
from training.estimators.rates import rates_of
from training.profit import fit_profit

GATES_FAILED = "abstain.gates"
UNPUBLISHED = "unpublished"
"""The version of a model that no registry has numbered yet."""


def assemble(
    table: Table, winner: Candidate, contest: Round, *, simulated: bool, seed: int, threads: int
) -> FittedModel:
    """Fit the winner on every row; calibrate on the contest's raw answers, given by models that had not seen them."""
    rows = np.arange(len(table))
    held_out = held_out_answers(table, contest.raw[winner.name])
    spread = spread_of(winner, table, rows, held_out=held_out, seed=seed)
    return FittedModel(
        version=UNPUBLISHED,
        policy=table.policy,
        vocabularies=table.vocabularies,
        features=table.features,
        members=((1.0, winner.fit(table, rows)),),
        calibration=calibrate(*held_out),
        spread_at=spread.at,
        spread_below=spread.below,
        spread_above=spread.above,
        profit=fit_profit(table, rows, seed=seed, threads=threads),
        rates=rates_of(table, rows),
        far=far_of(table.features, table.inputs.matrix),
        label=table.label,
        simulated=simulated,
        why_unapproved=GATES_FAILED,
        usual=usual_answers(table.judged),
    )


def held_out_answers(table: Table, raw: Floats) -> tuple[Floats, Floats]:
    """Return the log-odds given out of time and what became of those deals, oldest first."""
    answered: Rows = np.flatnonzero(~np.isnan(raw))
    return raw[answered], table.y[answered].astype(np.float64)


def far_of(features: Sequence[Feature], matrix: Floats) -> Far:
    """Return the span of every number seen.

    Categories, the season, and facts never known have no span; a yes / no fact spans both answers though only one was
    seen.
    """
    least, most = np.full(matrix.shape[1], -np.inf), np.full(matrix.shape[1], np.inf)
    for position, feature in enumerate(features):
        known = matrix[~np.isnan(matrix[:, position]), position]
        if feature.levels is not None or feature.fact == "season" or not len(known):
            continue
        least[position], most[position] = known.min(), known.max()
        if np.isin(known, (0.0, 1.0)).all():
            least[position], most[position] = 0.0, 1.0
    return Far(least=least, most=most)
