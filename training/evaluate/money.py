"""What the judged deals were expected to bring against what they brought, and what each ranking finds of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from mlscore.scoring import comparison
from mlscore.scoring.comparison import Interval
from mlscore.scoring.deal import MINOR_UNITS, Floats
from training.contest import Round
from training.dataset import Rows, Table
from training.evaluate.ranking import is_all_workable, money_rank, worked_of

TOLD_DEALS_MIN = 30
"""Resamples of fewer deals tell nothing of chance: of one deal they are all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Expected and realised profit of the judged deals, in whole units.

    `surplus` is realised less expected, with its 90 % bootstrap interval over deals. `rank_correlation` is Spearman's,
    deal by deal; NaN where either is the same for all.
    """

    deals: int
    expected: float
    realised: float
    surplus: Interval
    rank_correlation: float

    @property
    def is_told(self) -> bool:
        """Whether there are deals enough to tell a surplus from chance."""
        return self.deals >= TOLD_DEALS_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """The profit of the `worked` deals the team can work, in whole units, by who chooses them.

    Where it could work them all (`all_workable`), half of them.
    """

    worked: int
    all_workable: bool
    oracle: float
    service: float
    rules: float
    chance: float


def expected_of(table: Table, rows: Rows, one: Round) -> Floats | None:
    """Return what each row was expected to bring, in whole units; None where that or what they brought is unknown."""
    expected = one.expected_profit[rows]
    if not len(rows) or not table.has_profit or np.isnan(expected).any():
        return None
    return expected / MINOR_UNITS


def worth_of(table: Table, rows: Rows, one: Round, *, seed: int = 0) -> Worth | None:
    """Hold what was expected against what came; None where either is unknown."""
    expected, realised = expected_of(table, rows, one), table.profit[rows] / MINOR_UNITS
    if expected is None:
        return None
    above = realised - expected
    is_same = np.ptp(expected) == 0 or np.ptp(realised) == 0
    return Worth(
        deals=len(rows),
        expected=float(expected.sum()),
        realised=float(realised.sum()),
        surplus=comparison.bootstrap(lambda drawn: float(above[drawn].sum()), len(rows), seed=seed),
        rank_correlation=np.nan if is_same else float(spearmanr(expected, realised).statistic),
    )


def captured_of(table: Table, rows: Rows, one: Round) -> Captured | None:
    """Return what working as many deals as the team can would have brought; None where no profit is recorded."""
    if not len(rows) or not table.has_profit:
        return None
    worked, profit = worked_of(table, rows), table.profit[rows] / MINOR_UNITS
    ranks = {"service": money_rank(table, one)[rows], "rules": table.judged.rank[rows]}
    found = {name: comparison.profit_captured(rank, profit, worked=worked) for name, rank in ranks.items()}
    return Captured(
        worked=worked,
        all_workable=is_all_workable(table, rows),
        # An oracle works no deal that brings a loss.
        oracle=comparison.profit_captured(profit, np.maximum(profit, 0.0), worked=worked),
        chance=float(profit.mean()) * worked,
        **found,
    )
