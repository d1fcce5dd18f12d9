"""The members a model is made of: each turns the feature matrix into log-odds and says what moved them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import Floats
from mlscore.scoring.features import within
from mlscore.scoring.model.calibration import logit

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a member reads: the matrix (deals x features, NaN unknown) and each deal's rule cell.

    `origin` is there where the rows are deals as they would be: the inputs they were changed from, and whose each row
    was. Where there is a `memo`, what members work out of these inputs is worked out once.
    """

    matrix: Floats
    cells: NDArray[np.intp]
    origin: tuple[Inputs, NDArray[np.intp]] | None = field(default=None, repr=False, compare=False)
    memo: dict[tuple[int, str], tuple[object, Any]] | None = field(default=None, repr=False, compare=False)

    def once(self, owner: object, what: str, work: Callable[[], Value]) -> Value:
        """Return what an owner makes of these inputs, from memory where it was made before."""
        if self.memo is None:
            return work()
        key = (id(owner), what)
        if key not in self.memo:
            self.memo[key] = owner, work()  # the owner is held, so that no other gets its id
        known: Value = self.memo[key][1]
        return known

    def changed(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return of every figure that differs from the origin's its row and its feature, row by row."""
        return self.once(None, "changed", self._changed)

    def _changed(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        if self.origin is None:
            return np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
        before, whose = self.origin
        was = before.matrix[whose]
        row, place = np.nonzero((was != self.matrix) & ~(np.isnan(was) & np.isnan(self.matrix)))
        return row, place


class Member(Protocol):
    """One fitted part of a model."""

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return one raw log-odds a deal."""
        ...

    def contributions(self, inputs: Inputs) -> Floats:
        """Return deals x (features + 2): a share of the log-odds per feature, then the rules', then the rest.

        Each row sums to its `log_odds`, exactly up to rounding.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Smoothed rate of the rule cell: (positives + worth x base) / (deals + worth)."""

    deals: Floats
    positives: Floats
    base: float
    worth: float

    def probability(self, cells: NDArray[np.intp]) -> Floats:
        """Return each deal's rate."""
        return (self.positives[cells] + self.worth * self.base) / (self.deals[cells] + self.worth)

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return the log-odds of the rate."""
        return logit(self.probability(inputs.cells))

    def contributions(self, inputs: Inputs) -> Floats:
        """Put the whole difference from the base rate down to the rules."""
        parts = np.zeros((len(inputs.cells), inputs.matrix.shape[1] + 2))
        base = float(logit(np.array([self.base]))[0])
        parts[:, -2] = self.log_odds(inputs) - base
        parts[:, -1] = base
        return parts


_ROWS_AT_ONCE = 256
"""So many rows of working columns stay near the processor."""


def _nothing() -> Floats:
    return np.zeros((0, 0))


@dataclass(frozen=True, slots=True)
class Linear:
    """Logistic regression on standardised numbers, indicators of the unknown, and one column a level.

    Shapes: `center`, `scale`, `weight`, `unknown_weight` have one entry a feature (weight 0 for categories);
    `level_weights` one row a feature, padded to the longest list of levels. Where there are `knots` (one row a feature,
    standardised, padded with infinity) a number's line bends at each by the `bends` of the same shape. A number lies no
    further than `reach` standard deviations from the middle.
    """

    intercept: float
    center: Floats
    scale: Floats
    weight: Floats
    unknown_weight: Floats
    level_weights: Floats
    knots: Floats = field(default_factory=_nothing)
    bends: Floats = field(default_factory=_nothing)
    reach: float = np.inf

    def log_odds(self, inputs: Inputs) -> Floats:
        """Return intercept + the sum of the parts."""
        return self._parts(inputs).sum(axis=1) + self.intercept

    def contributions(self, inputs: Inputs) -> Floats:
        """Return the parts themselves; the intercept stands last."""
        parts = self._parts(inputs)
        tail = np.zeros((len(parts), 2))
        tail[:, 1] = self.intercept
        return np.hstack([parts, tail])

    def _parts(self, inputs: Inputs) -> Floats:
        return inputs.once(self, "parts", lambda: self._worked_out(inputs))

    def _worked_out(self, inputs: Inputs) -> Floats:
        if inputs.origin is None:
            made = np.empty(inputs.matrix.shape)
            for first in range(0, len(made), _ROWS_AT_ONCE):
                some = slice(first, first + _ROWS_AT_ONCE)
                made[some] = self._of(inputs.matrix[some], slice(None))
            return made
        before, whose = inputs.origin
        row, place = inputs.changed()
        made = self._parts(before)[whose]
        made[row, place] = self._of(inputs.matrix[row, place], place)
        return made

    def _of(self, values: Floats, which: NDArray[np.intp] | slice) -> Floats:
        """Return the parts of figures, each of the feature `which`."""
        unknown, center = np.isnan(values), self.center[which]
        known = np.where(unknown, center, values)
        standard = within((known - center) / self.scale[which], -self.reach, self.reach)
        numeric = standard * self.weight[which]
        for knot, bend in zip(self.knots.T, self.bends.T, strict=True):
            numeric = numeric + bend[which] * np.maximum(standard - knot[which], 0.0)
        levels = self.level_weights.shape[1]
        level = np.minimum(np.maximum(np.where(unknown, 0, known).astype(np.intp), 0), levels - 1)
        level += (np.arange(len(self.center)) * levels)[which]
        return np.where(unknown, self.unknown_weight[which], numeric + self.level_weights.take(level))
