"""What the gates look at, and what each of them says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import FittedModel
from training.dataset import Rows, Table
from training.leaks import Leak


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate, passed or not: what was asked and what was found, as a sentence, with its figures.

    Pages say what was found in the reader's language: `said` names the sentence, `figures` and `names` fill it.
    """

    code: str
    passed: bool
    sentence: str
    said: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the gates look at: answers for `rows` by a challenger that had not seen them, and the model itself.

    Log-odds and ranks have one entry a row of `rows`. `champion` is None where there is none, why it cannot be read, or
    its log-odds and when its own history ended. `check` loads the bundle in a fresh process and returns why it must not
    serve, None if it may. `leaks` are the facts suspected of being known only after a deal closes.
    """

    table: Table
    rows: Rows
    challenger: Floats
    rules: Floats
    challenger_rank: Floats
    model: FittedModel
    champion: tuple[Floats, float | None] | str | None = None
    check: Callable[[], str | None] = lambda: None
    leaks: Sequence[Leak] = ()
    seed: int = 0

    @property
    def y(self) -> Floats:
        """What became of the rows: 1 or 0."""
        return self.table.y[self.rows].astype(np.float64)
