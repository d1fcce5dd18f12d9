"""Logistic regression on standardised features, with indicators of the unknown and one column a level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Linear, Member
from mlscore.scoring.model.calibration import logit
from training.estimators.candidate import Lesson
from training.estimators.columns import LEVEL_ROWS_MIN, NAME_WORTH, in_view
from training.estimators.rates import rates_of
from training.estimators.stages import in_stages

REACH = 5.0
"""Standard deviations: a number beyond says no more than one there."""

_ROUNDS = 200
_STRONGEST, _WEAKEST, _WEAKEST_AT_ROWS = 0.03, 0.1, 2500
_BENDS, _BENT_FROM_ROWS, _BENT_VALUES_MIN = 6, 2500, 9


@dataclass(frozen=True, slots=True)
class Logistic:
    """L2-penalised, the less the more rows there are; a number may only pull the way its feature points.

    From 2 500 rows on a number's line bends at six quantiles: what is good in the small need not be in the large.
    """

    is_tracked: bool = False
    name: str = "logistic"

    def fit(self, lesson: Lesson) -> Member:
        """Fit with scikit-learn, in stages; return plain arrays that answer exactly as it would."""
        return in_stages(lesson, self.fit_whole)

    def fit_whole(self, lesson: Lesson) -> Member:
        """Fit the one question at once."""
        if lesson.is_thin:
            return rates_of(lesson)
        X = lesson.table.inputs.matrix[lesson.rows]
        share = min(len(lesson.rows) / _WEAKEST_AT_ROWS, 1.0)
        bends = _BENDS if len(lesson.rows) >= _BENT_FROM_ROWS else 0
        encoder = Encoder.learn(lesson, X, is_tracked=self.is_tracked, bends=bends)
        if not encoder.columns:
            return rates_of(lesson)
        design = encoder.encode(X)
        strength = _STRONGEST + share * (_WEAKEST - _STRONGEST)
        weights, intercept = _fit(design, lesson, encoder, strength=strength)
        return encoder.member(weights, intercept)


def _fit(design: Floats, lesson: Lesson, encoder: Encoder, *, strength: float) -> tuple[Floats, float]:
    """Fit, leave out the columns that go against their direction, and fit again until none does."""
    directions = np.array([column.direction for column in encoder.columns])
    kept = np.ones(design.shape[1], dtype=np.bool_)
    while kept.any():
        fitted = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=_ROUNDS)
        fitted.fit(design[:, kept], lesson.y, sample_weight=lesson.weights)
        weight = np.zeros(design.shape[1])
        weight[kept] = fitted.coef_[0]
        astray = weight * directions < 0
        if not astray.any():
            return weight, float(fitted.intercept_[0])
        kept &= ~astray
    share = np.average(lesson.y, weights=lesson.weights, keepdims=True)
    return np.zeros(len(directions)), float(logit(share)[0])


class Column(NamedTuple):
    """One column of the design: a feature's number, a level of it, a bend at a knot, or that it is unknown."""

    position: int
    kind: str
    at: float = 0.0
    direction: int = 0
    worth: float = 1.0


@dataclass(frozen=True, slots=True)
class Encoder:
    """Which columns the design has, and how every number is standardised."""

    center: Floats
    scale: Floats
    levels: tuple[int, ...]
    columns: tuple[Column, ...]

    @classmethod
    def learn(cls, lesson: Lesson, X: Floats, *, is_tracked: bool, bends: int) -> Encoder:
        """Take means and spreads of the known values of every feature in view that varies."""
        features = lesson.table.features
        center, scale = np.zeros(len(features)), np.ones(len(features))
        worth = float(np.sqrt(NAME_WORTH)) if is_tracked else 1.0
        columns: list[Column] = []
        for position in in_view(features, is_tracked=is_tracked):
            feature = features[position]
            known = X[~np.isnan(X[:, position]), position]
            if not len(known):
                continue
            if feature.levels is not None:
                columns += _levels(position, known, worth)
            elif known.min() < known.max():
                center[position], scale[position] = known.mean(), known.std()
                standard = (known - center[position]) / scale[position]
                # A bent line is free to turn: its direction is the trees' to keep.
                is_bent = bool(bends) and not feature.direction and len(np.unique(known)) >= _BENT_VALUES_MIN
                columns.append(Column(position, "number", direction=feature.direction))
                columns += [Column(position, "bend", at=knot) for knot in _knots(standard, bends * is_bent)]
            if len(known) < len(X):
                columns.append(Column(position, "unknown"))
        return cls(center, scale, tuple(len(f.levels or ()) for f in features), tuple(columns))

    def encode(self, X: Floats) -> Floats:
        """Return the design matrix, deals x columns."""
        design = np.empty((len(X), len(self.columns)))
        for place, column in enumerate(self._encoded(X)):
            design[:, place] = column
        return design

    def member(self, weights: Floats, intercept: float) -> Linear:
        """Lay the fitted weights out as a Linear does."""
        count, widest = len(self.levels), max(1, *self.levels)
        most = max((sum(c.kind == "bend" for c in self._of(p)) for p in range(count)), default=0)
        weight, unknown, by_level = np.zeros(count), np.zeros(count), np.zeros((count, widest))
        knots, bends = np.full((count, most), np.inf), np.zeros((count, most))
        taken: NDArray[np.intp] = np.zeros(count, dtype=np.intp)
        for column, fitted in zip(self.columns, weights * [c.worth for c in self.columns], strict=True):
            position = column.position
            match column.kind:
                case "number":
                    weight[position] = fitted
                case "unknown":
                    unknown[position] = fitted
                case "level":
                    by_level[position, int(column.at)] = fitted
                case _:
                    knots[position, taken[position]], bends[position, taken[position]] = column.at, fitted
                    taken[position] += 1
        return Linear(
            intercept=intercept,
            center=self.center,
            scale=self.scale,
            weight=weight,
            unknown_weight=unknown,
            level_weights=by_level,
            knots=knots,
            bends=bends,
            reach=REACH,
        )

    def _of(self, position: int) -> list[Column]:
        return [column for column in self.columns if column.position == position]

    def _encoded(self, X: Floats) -> Iterator[Floats]:
        for column in self.columns:
            values = X[:, column.position]
            if column.kind == "level":
                yield (values == column.at) * column.worth
            elif column.kind == "unknown":
                yield np.isnan(values).astype(np.float64)
            else:
                center, scale = self.center[column.position], self.scale[column.position]
                standard = np.clip((values - center) / scale, -REACH, REACH)
                bent = np.maximum(standard - column.at, 0.0) if column.kind == "bend" else standard
                yield np.nan_to_num(bent, nan=0.0)


def _levels(position: int, known: Floats, worth: float) -> Iterator[Column]:
    codes, counts = np.unique(known, return_counts=True)
    for code in codes[counts >= LEVEL_ROWS_MIN].tolist():
        yield Column(position, "level", at=code, worth=worth)


def _knots(standard: Floats, bends: int) -> list[float]:
    inner = np.quantile(standard, np.linspace(0.0, 1.0, bends + 2)[1:-1]) if bends else np.zeros(0)
    return [knot for knot in np.unique(inner).tolist() if standard.min() < knot < standard.max()]
