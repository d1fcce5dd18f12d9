"""What every candidate of the contest can do: learn from rows and become a member of a model."""

from __future__ import annotations

from typing import Protocol

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import Member
from training.dataset import Rows, Table

LEARNING_ROWS_MIN = 40
CLASS_ROWS_MIN = 8
"""With fewer rows, or fewer of one class, a candidate answers with the rule rates: there is nothing to fit."""


class Candidate(Protocol):
    """One family of models."""

    @property
    def name(self) -> str:
        """How runs and tables name it."""
        ...

    def fit(self, table: Table, rows: Rows, *, weights: Floats | None = None) -> Member:
        """Learn from these rows, each weighing 1 unless `weights` (one a row) say otherwise."""
        ...


def is_thin(table: Table, rows: Rows) -> bool:
    """Tell whether there are too few rows, or too few of one class, to fit anything but rates."""
    positives = int(table.y[rows].sum())
    return len(rows) < LEARNING_ROWS_MIN or min(positives, len(rows) - positives) < CLASS_ROWS_MIN
