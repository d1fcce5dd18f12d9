"""Logistic regression on standardised features, with indicators of the unknown and one column a level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Linear, Member
from training.dataset import Rows, Table
from training.estimators.candidate import is_thin
from training.estimators.rates import rates_of

_ROUNDS = 200
_STRONGEST, _WEAKEST, _WEAKEST_AT_ROWS = 0.1, 1.0, 4000


@dataclass(frozen=True, slots=True)
class Logistic:
    """L2-penalised, the less the more rows there are; a number may only pull the way its feature points."""

    name: str = "logistic"

    def fit(self, table: Table, rows: Rows, *, weights: Floats | None = None) -> Member:
        """Fit with scikit-learn; return plain arrays that answer exactly as it would."""
        if is_thin(table, rows):
            return rates_of(table, rows, weights=weights)
        X = table.inputs.matrix[rows]
        levels = [0 if feature.levels is None else len(feature.levels) for feature in table.features]
        encoder = Encoder.learn(X, levels)
        strength = np.clip(_WEAKEST * len(rows) / _WEAKEST_AT_ROWS, _STRONGEST, _WEAKEST)
        directions = encoder.spread([feature.direction for feature in table.features])
        design = encoder.encode(X)
        weight, intercept = _fit(design, table.y[rows], weights, directions, strength=float(strength))
        return encoder.member(weight, intercept)


def _fit(
    design: Floats, y: NDArray[np.bool_], weights: Floats | None, directions: Floats, *, strength: float
) -> tuple[Floats, float]:
    """Fit, leave out the columns that go against their direction, and fit again until none does."""
    kept = np.ones(design.shape[1], dtype=np.bool_)
    while True:
        fitted = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=_ROUNDS)
        fitted.fit(design[:, kept], y, sample_weight=weights)
        weight = np.zeros(design.shape[1])
        weight[kept] = fitted.coef_[0]
        astray = weight * directions < 0
        if not astray.any():
            return weight, float(fitted.intercept_[0])
        kept &= ~astray


@dataclass(frozen=True, slots=True)
class Encoder:
    """Where each feature's columns lie in the design: its number or its levels, and its indicator of the unknown."""

    center: Floats
    scale: Floats
    levels: tuple[int, ...]
    has_unknown: tuple[bool, ...]

    @classmethod
    def learn(cls, X: Floats, levels: list[int]) -> Encoder:
        """Take means and spreads of the known values; a feature that never varies is left out."""
        count = X.shape[1]
        center, scale = np.zeros(count), np.ones(count)
        for position in range(count):
            known = X[~np.isnan(X[:, position]), position]
            if not levels[position] and len(known):
                center[position] = known.mean()
                scale[position] = known.std() or 1.0
        unknown = np.asarray(np.isnan(X).any(axis=0))
        return cls(center, scale, tuple(levels), tuple(unknown.tolist()))

    def encode(self, X: Floats) -> Floats:
        """Return the design matrix."""
        return np.column_stack(list(self._columns(X)))

    def spread(self, values: Sequence[int]) -> Floats:
        """Return one value a column: a number's own, 0 for levels and indicators of the unknown."""
        by_column: list[float] = []
        for value, levels, has_unknown in zip(values, self.levels, self.has_unknown, strict=True):
            by_column += [0.0] * levels if levels else [float(value)]
            by_column += [0.0] * has_unknown
        return np.array(by_column)

    def member(self, weights: Floats, intercept: float) -> Linear:
        """Lay the fitted weights out as a Linear does."""
        count, widest = len(self.levels), max(1, *self.levels)
        weight, unknown, by_level = np.zeros(count), np.zeros(count), np.zeros((count, widest))
        place = 0
        for position, levels in enumerate(self.levels):
            if levels:
                by_level[position, :levels] = weights[place : place + levels]
            else:
                weight[position] = weights[place]
            place += levels or 1
            if self.has_unknown[position]:
                unknown[position] = weights[place]
                place += 1
        return Linear(
            intercept=intercept,
            center=self.center,
            scale=self.scale,
            weight=weight,
            unknown_weight=unknown,
            level_weights=by_level,
        )

    def _columns(self, X: Floats) -> Iterator[Floats]:
        for position, levels in enumerate(self.levels):
            column = X[:, position]
            if levels:
                yield (column[:, None] == np.arange(levels)).astype(np.float64)
            else:
                centred = (column - self.center[position]) / self.scale[position]
                yield np.nan_to_num(centred, nan=0.0)[:, None]
            if self.has_unknown[position]:
                yield np.isnan(column).astype(np.float64)[:, None]
