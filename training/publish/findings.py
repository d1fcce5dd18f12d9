"""Everything one training found out, as publishing and the command line tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.model import FittedModel
from training.contest import BLEND, Contest, Round
from training.dataset import Rows, Table
from training.evaluate import Figures
from training.gates import Gate
from training.leaks import Leak
from training.split import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """One training: its table, contest, figures, gates and model. `at` is when it was held, `terms` how."""

    firm: str
    at: datetime
    table: Table
    plan: Plan
    rows: Rows
    contest: Contest
    figures: tuple[Figures, ...]
    gates: tuple[Gate, ...]
    leaks: tuple[Leak, ...]
    model: FittedModel
    seed: int
    settings: Mapping[str, str]
    terms: Mapping[str, object]

    @property
    def passed(self) -> bool:
        """Whether every gate was passed."""
        return all(gate.passed for gate in self.gates)

    @property
    def winner(self) -> str:
        """What is served: the blend."""
        return BLEND

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The answers given out of time, a round a repeat."""
        return self.contest.rounds

    @property
    def probability(self) -> Floats:
        """The service's out-of-time probabilities over the whole table, NaN where none."""
        return self.rounds[0].probability()

    @property
    def money(self) -> tuple[float, float] | None:
        """What the judged deals were expected to bring and what they brought, in whole units; None where unknown."""
        expected, realised = (m[self.rows] for m in (self.rounds[0].expected_profit, self.table.profit))
        if not len(self.rows) or not self.table.has_profit or np.isnan(expected).any():
            return None
        return float(expected.sum()) / MINOR_UNITS, float(realised.sum()) / MINOR_UNITS
