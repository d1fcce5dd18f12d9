"""How answers and money held up, calendar quarter by calendar quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlscore.scoring import comparison
from mlscore.scoring.deal import MINOR_UNITS, Floats
from mlscore.scoring.model.calibration import sigmoid
from training.dataset import Rows, Table
from training.split import quarters

QUARTER_ROWS_MIN = 20
"""Of fewer deals a quarter says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """One quarter's judged deals; AUC is NaN where all ended alike, money in whole units, None where not known."""

    quarter: str
    deals: int
    positives: int
    log_loss: float
    auc: float
    expected: float | None = None
    realised: float | None = None

    def numbers(self) -> dict[str, float]:
        """Return the finite figures, as runs name them."""
        told = {
            "log_loss": self.log_loss,
            "auc": self.auc,
            "expected_profit": self.expected,
            "realised_profit": self.realised,
        }
        return {name: value for name, value in told.items() if value is not None and np.isfinite(value)}


def by_quarter(table: Table, rows: Rows, log_odds: Floats, *, expected: Floats | None = None) -> tuple[Quarter, ...]:
    """Return the quarters of 20 judged deals or more; none where nothing is dated.

    `log_odds` has one entry a row of the table; `expected` one an entry of `rows`, in whole units.
    """
    if not table.is_dated:
        return ()
    names = np.array(quarters(table.as_of[rows]))
    found = []
    for name in np.unique(names).tolist():
        among = np.flatnonzero(names == name)
        if len(among) < QUARTER_ROWS_MIN:
            continue
        y, z = table.y[rows[among]], log_odds[rows[among]]
        found.append(
            Quarter(
                quarter=name,
                deals=len(among),
                positives=int(y.sum()),
                log_loss=comparison.log_loss(y, sigmoid(z)),
                auc=comparison.auc(y, z),
                expected=None if expected is None else float(expected[among].sum()),
                realised=None if expected is None else float(table.profit[rows[among]].sum()) / MINOR_UNITS,
            )
        )
    return tuple(found)
