"""Rules x model: what became of the deals both would work, one would, neither would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlscore.scoring.deal import MINOR_UNITS
from mlscore.scoring.decision import agreement, rule_yes
from mlscore.scoring.receipt import Agreement
from mlscore.scoring.verdict import VERDICTS
from training.contest import Round
from training.dataset import Rows, Table

RuleAnswer = Literal["yes", "no", "waits"]
ModelAnswer = Literal["yes", "no", "abstains"]

RULES: tuple[RuleAnswer, ...] = ("yes", "no", "waits")
MODEL: tuple[ModelAnswer, ...] = ("yes", "no", "abstains")
_MEANT = (True, False, None)
"""What each place of both stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Deals that rules and model answered alike: how many, how many turned out well, what they brought in whole units.

    `agreement` is the name the service gives such a deal. The model says yes where it expects at least what working a
    deal costs; it abstains where it does, and where no expected profit can be told: everywhere, where none is recorded.
    """

    rules: RuleAnswer
    model: ModelAnswer
    agreement: Agreement
    deals: int
    hits: int
    realised: float | None

    @property
    def hit_rate(self) -> float:
        """The share that turned out well; NaN without deals."""
        return self.hits / self.deals if self.deals else np.nan


def matrix_of(table: Table, rows: Rows, one: Round) -> tuple[Cell, ...]:
    """Return every cell, the rules' answers in turn, each with the model's."""
    place_of = np.array([_MEANT.index(rule_yes(verdict)) for verdict in VERDICTS], dtype=np.intp)
    by_rule = place_of[table.judged.verdict[rows]]
    expected = one.expected_profit[rows]
    is_silent = one.abstained[rows] | np.isnan(expected) | (not table.has_profit)
    is_yes = expected >= table.policy.economics.cost_per_worked_deal
    by_model = np.select([is_silent, is_yes], [_MEANT.index(None), _MEANT.index(True)], _MEANT.index(False))
    return tuple(
        _cell(table, rows[(by_rule == rule) & (by_model == model)], rule, model)
        for rule in range(len(RULES))
        for model in range(len(MODEL))
    )


def _cell(table: Table, rows: Rows, rule: int, model: int) -> Cell:
    return Cell(
        rules=RULES[rule],
        model=MODEL[model],
        agreement=agreement(_MEANT[rule], _MEANT[model]),
        deals=len(rows),
        hits=int(table.y[rows].sum()),
        realised=float(table.profit[rows].sum()) / MINOR_UNITS if table.has_profit else None,
    )
