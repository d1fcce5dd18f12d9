"""Everything one training found out, as publishing and the command line tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from mlscore.scoring.deal import Floats
from mlscore.scoring.model import FittedModel
from training.contest import BLEND, Contest, Round
from training.dataset import Rows, Table
from training.evaluate import (
    Abstaining,
    Captured,
    Cell,
    Figures,
    Group,
    LearningPoint,
    Moves,
    Quarter,
    Worth,
    abstaining_of,
    by_quarter,
    calibration_groups,
    captured_of,
    expected_of,
    interval_groups,
    learning_curve,
    matrix_of,
    moves_of,
    worth_of,
)
from training.gates import Gate
from training.leaks import Leak
from training.split import Plan


@dataclass(frozen=True, kw_only=True)
class Findings:
    """One training: its table, contest, figures, gates and model. `at` is when it was held, `terms` how.

    What is told of the judged `rows` is worked out when first asked for, from the first round's answers.
    """

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

    @cached_property
    def calibration(self) -> tuple[Group, ...]:
        """Said against seen, in ten groups of like probability."""
        return calibration_groups(self.table.y[self.rows], self.probability[self.rows])

    @cached_property
    def intervals(self) -> tuple[Group, ...]:
        """Groups of 100 deals and the intervals given for them."""
        first, rows = self.rounds[0], self.rows
        return interval_groups(self.table.y[rows], self.probability[rows], low=first.low[rows], high=first.high[rows])

    @cached_property
    def abstaining(self) -> Abstaining | None:
        """The deals the model kept and those it abstained on."""
        return abstaining_of(self.table, self.rows, self.rounds[0])

    @cached_property
    def expected(self) -> Floats | None:
        """What each judged deal was expected to bring, in whole units; None where money is not known."""
        return expected_of(self.table, self.rows, self.rounds[0])

    @cached_property
    def worth(self) -> Worth | None:
        """What the judged deals were expected to bring against what they brought."""
        return worth_of(self.table, self.rows, self.rounds[0], seed=self.seed)

    @cached_property
    def captured(self) -> Captured | None:
        """What the team would have earned, by who chooses its deals."""
        return captured_of(self.table, self.rows, self.rounds[0])

    @cached_property
    def matrix(self) -> tuple[Cell, ...]:
        """The judged deals by what rules and model say to them."""
        return matrix_of(self.table, self.rows, self.rounds[0])

    @cached_property
    def moves(self) -> Moves:
        """What each fact does to the probability of the judged deals, by the model to be served."""
        return moves_of(self.model, self.table, self.rows)

    @cached_property
    def learning(self) -> tuple[LearningPoint, ...]:
        """The learning curve; the one thing here that takes time, for it learns again."""
        return learning_curve(self.table, self.plan, self.contest.setting)

    def quarters(self, scorer: str | None = None) -> tuple[Quarter, ...]:
        """Return the quarters of a candidate, or of the service with its money."""
        first = self.rounds[0]
        if scorer is not None:
            return by_quarter(self.table, self.rows, first.log_odds[scorer])
        return by_quarter(self.table, self.rows, first.service, expected=self.expected)
