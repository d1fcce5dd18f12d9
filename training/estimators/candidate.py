"""What every candidate of the contest can do: learn from rows and become a member of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring.deal import SECONDS_A_DAY, Floats
from mlscore.scoring.model import Member
from training.dataset import Rows, Table

LEARNING_ROWS_MIN = 20
CLASS_ROWS_MIN = 5
"""With fewer rows, or fewer of one class, a candidate answers with the rule rates: there is nothing to fit."""

Truth = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a candidate learns from: rows of a table, what became of every row of the table, and what each row weighs.

    `truth` has one entry a row of the table, `weights` one a row of `rows`.
    """

    table: Table
    rows: Rows
    truth: Truth
    weights: Floats

    @classmethod
    def of(cls, table: Table, rows: Rows, *, half_life_days: float | None = None) -> Lesson:
        """Teach the table's own label; with a half-life, what was known that long before the newest weighs half."""
        weights = np.ones(len(rows))
        if half_life_days is not None and table.is_dated and len(rows):
            known_at = table.known_at[rows]
            weights = 0.5 ** ((known_at.max() - known_at) / SECONDS_A_DAY / half_life_days)
            # Of mean 1: fading must not shrink every member as fewer rows would.
            weights = weights / weights.mean()
        return cls(table, rows, table.y, weights)

    @property
    def y(self) -> Floats:
        """What became of the rows: 1 or 0."""
        return self.truth[self.rows].astype(np.float64)

    @property
    def is_thin(self) -> bool:
        """Whether there are too few rows, or too few of one class, to fit anything but rates."""
        positives = int(self.truth[self.rows].sum())
        return len(self.rows) < LEARNING_ROWS_MIN or min(positives, len(self.rows) - positives) < CLASS_ROWS_MIN

    def about(self, truth: Truth, among: Truth | None = None) -> Lesson:
        """Return a lesson of the same rows, or those of them that `among` names, on another question."""
        kept = np.ones(len(self.rows), dtype=np.bool_) if among is None else among[self.rows]
        return Lesson(self.table, self.rows[kept], truth, self.weights[kept])


class Candidate(Protocol):
    """One family of models."""

    @property
    def name(self) -> str:
        """How runs and tables name it."""
        ...

    def fit(self, lesson: Lesson) -> Member:
        """Learn from a lesson."""
        ...
