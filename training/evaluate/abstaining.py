"""What abstaining is worth: the deals whose number was given with a warning, against the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS
from training.contest import Round
from training.dataset import Rows, Table
from training.evaluate.money import expected_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the judged deals: log loss NaN without deals, money in whole units, None where not known."""

    deals: int
    positives: int
    log_loss: float
    expected: float | None
    realised: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstaining:
    """The deals the model vouched for and those it abstained on; `saves` is in log loss a deal.

    `saves` is what its answers lose on all deals, less what they lose on those it kept: below 0 it abstained where it
    was right.
    """

    kept: Part
    abstained: Part
    saves: float

    @property
    def share(self) -> float:
        """The share of deals it abstained on."""
        return self.abstained.deals / max(self.kept.deals + self.abstained.deals, 1)


def abstaining_of(table: Table, rows: Rows, one: Round) -> Abstaining | None:
    """Part the judged deals by whether the model, as it then was, abstained; None without deals."""
    if not len(rows):
        return None
    abstained = one.abstained[rows]
    kept = _part(table, rows, one, ~abstained)
    whole = _part(table, rows, one, np.ones(len(rows), dtype=np.bool_))
    return Abstaining(
        kept=kept,
        abstained=_part(table, rows, one, abstained),
        saves=whole.log_loss - kept.log_loss if kept.deals else 0.0,
    )


def _part(table: Table, rows: Rows, one: Round, among: NDArray[np.bool_]) -> Part:
    y, expected = table.y[rows[among]], expected_of(table, rows, one)
    return Part(
        deals=int(among.sum()),
        positives=int(y.sum()),
        log_loss=comparison.log_loss(y, one.probability()[rows[among]]),
        expected=None if expected is None else float(expected[among].sum()),
        realised=None if expected is None else float(table.profit[rows[among]].sum()) / MINOR_UNITS,
    )
