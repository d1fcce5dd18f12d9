"""Puts a model together: members that learned some rows, weighed and calibrated on answers given out of time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlscore.scoring.comparison import log_losses
from mlscore.scoring.deal import Floats
from mlscore.scoring.features import Feature
from mlscore.scoring.model import Far, FittedModel, Inputs, Member
from mlscore.scoring.model.calibration import sigmoid
from training.contest.blend import even_weights, weigh
from training.contest.calibrate import Part, calibrate, is_beyond_chance, joined
from training.contest.profit import fit_profit
from training.contest.setting import Setting
from training.contest.spread import spread_of
from training.dataset import Rows, Table
from training.estimators import BLENDED, FALLBACK, Lesson
from training.estimators.rates import rates_of

GATES_FAILED = "abstain.gates"
UNPUBLISHED = "unpublished"
"""The version of a model that no registry has numbered yet."""

PROOF_ROWS = 200
"""From so many answered deals on the blend has to prove itself against the rule rates."""

LEVEL_LEARNED_ROWS = 3
"""A level is learned once so many rows had it."""

_LEANING_ROWS = 300


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers given out of time: the rows of each fold, oldest first, and every candidate's log-odds over the table."""

    parts: Sequence[Rows]
    raw: Mapping[str, Floats]

    def of(self, names: Sequence[str]) -> Floats:
        """Return answered rows x candidates, in log-odds."""
        rows = self.rows
        return np.column_stack([self.raw[name][rows] for name in names])

    @property
    def rows(self) -> Rows:
        """Every answered row."""
        return np.concatenate([np.zeros(0, dtype=np.intp), *self.parts])


def assemble(
    table: Table,
    rows: Rows,
    members: Mapping[str, Member],
    answered: Answered,
    weights: Mapping[str, float],
    setting: Setting,
) -> FittedModel:
    """Blend the members that learned `rows`, calibrate them, and add what else an answer needs."""
    parts = _parts(table, answered, weights)
    calibration = calibrate(parts)
    together = joined(parts)
    spread = spread_of(
        Part(calibration(together.log_odds), together.y), learned=len(rows) + table.policy.prior.worth_deals
    )
    model = FittedModel(
        version=UNPUBLISHED,
        policy=table.policy,
        vocabularies=table.vocabularies,
        features=table.features,
        members=tuple((weight, members[name]) for name, weight in weights.items()),
        calibration=calibration,
        spread_at=spread.at,
        spread_below=spread.below,
        spread_above=spread.above,
        profit=fit_profit(table, rows, setting),
        rates=rates_of(Lesson.of(table, rows)),
        far=far_of(table.features, table.inputs.matrix[rows]),
        label=table.label,
        simulated=False,
        why_unapproved=GATES_FAILED,
    )
    return replace(model, far=_leaning(model, table, rows, seed=setting.seed))


def blend_weights(table: Table, members: Collection[str], answered: Answered, *, learned: int) -> Mapping[str, float]:
    """Return the weight of each member that has one; `learned` is how many rows the members learned from.

    Once 200 deals have been answered the blend has to be better than the rule rates by more than a standard error:
    where there is nothing to find, the rules' own rates answer.
    """
    names = [name for name in BLENDED if name in members]
    rows = answered.rows
    y, raw = table.y[rows].astype(np.float64), answered.of(names)
    found = weigh(raw, y, start=even_weights(names, learned=learned))
    if len(rows) >= PROOF_ROWS and not is_beyond_chance(_gain(y, raw @ found, answered.raw[FALLBACK][rows])):
        return {FALLBACK: 1.0}
    return {name: float(weight) for name, weight in zip(names, found, strict=True) if weight > 0}


def _gain(y: Floats, blended: Floats, simple: Floats) -> Floats:
    losses = [log_losses(y > 0, sigmoid(log_odds)) for log_odds in (simple, blended)]
    return losses[0] - losses[1]


def _parts(table: Table, answered: Answered, weights: Mapping[str, float]) -> list[Part]:
    blended = sum(weight * answered.raw[name] for name, weight in weights.items())
    return [Part(np.asarray(blended)[rows], table.y[rows].astype(np.float64)) for rows in answered.parts]


def far_of(features: Sequence[Feature], matrix: Floats) -> Far:
    """Return the span of every number seen, and which levels were learned.

    Categories, the season, track records and facts never known have no span; a yes / no fact spans both answers though
    only one was seen.
    """
    least, most = np.full(matrix.shape[1], -np.inf), np.full(matrix.shape[1], np.inf)
    learned = np.full((matrix.shape[1], max([1, *(len(f.levels or ()) for f in features)])), np.nan)
    for position, feature in enumerate(features):
        known = matrix[~np.isnan(matrix[:, position]), position]
        if feature.levels is not None:
            size = len(feature.levels)
            learned[position, :size] = np.bincount(known.astype(np.intp), minlength=size) >= LEVEL_LEARNED_ROWS
        elif feature.fact != "season" and not feature.is_tracked and len(known):
            least[position], most[position] = known.min(), known.max()
            if np.isin(known, (0.0, 1.0)).all():
                least[position], most[position] = 0.0, 1.0
    return Far(least=least, most=most, learned=learned, leans_on=np.zeros(matrix.shape[1]))


def _leaning(model: FittedModel, table: Table, rows: Rows, *, seed: int) -> Far:
    """Tell how much of the model's movements each feature makes, on some of the rows it learned.

    A category carries what its track record moves as well: a name never met has neither.
    """
    if not len(rows):
        return model.far
    picked = np.random.default_rng(seed).choice(rows, size=min(len(rows), _LEANING_ROWS), replace=False)
    inputs = Inputs(table.inputs.matrix[picked], table.inputs.cells[picked])
    moved = sum(weight * member.contributions(inputs) for weight, member in model.members)
    shares = np.abs(np.asarray(moved)[:, :-2]).mean(axis=0)
    whole = float(shares.sum())
    if whole <= 0:
        return model.far
    own = (shares / whole).tolist()
    tracked: dict[str, float] = {}
    for feature, share in zip(table.features, own, strict=True):
        if feature.is_tracked:
            tracked[feature.fact] = tracked.get(feature.fact, 0.0) + share
    leans_on = np.array(
        [
            share + tracked.get(feature.fact, 0.0) if feature.levels else 0.0
            for feature, share in zip(table.features, own, strict=True)
        ]
    )
    return replace(model.far, leans_on=leans_on)
