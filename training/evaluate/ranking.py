"""How the service ranks deals: by money, what it cannot tell below, and what it abstains on last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlscore.scoring import comparison
from mlscore.scoring.deal import Floats
from training.contest import Round
from training.dataset import Rows, Table


def rank_of(expected: Floats, chance: Floats, abstained: NDArray[np.bool_]) -> Floats:
    """Return the service's rank of every deal, high is good: 0, 1, ... by place, ties alike.

    By `expected` profit, deals of which it is unknown below the rest; where it is unknown of all, by `chance` (any
    unit). Deals the model abstains on come last, in the same order among themselves.
    """
    by = chance if np.isnan(expected).all() else expected
    _, place = np.unique(np.where(np.isnan(by), -np.inf, by), return_inverse=True)
    return np.asarray(place - abstained * len(by), dtype=np.float64)


def money_rank(table: Table, one: Round, *, even_abstaining: bool = False) -> Floats:
    """Return the service's rank of every row: by expected profit where profit is recorded, else by probability.

    `even_abstaining` ranks by every number, as the gates judge them: also those the model would not vouch for.
    """
    expected = one.expected_profit if table.has_profit else np.full(len(table), np.nan)
    return rank_of(expected, one.service, one.abstained & (not even_abstaining))


def worked_of(table: Table, rows: Rows) -> int:
    """Return how many of these deals are worked where rankings are held against each other."""
    return comparison.deals_the_team_can_work(table.as_of[rows], deals_a_month=table.policy.economics.deals_worked)


def is_all_workable(table: Table, rows: Rows) -> bool:
    """Tell whether the team could have worked every one of these deals, so that half of them stand for its capacity."""
    return comparison.team_can_work_all(table.as_of[rows], deals_a_month=table.policy.economics.deals_worked)


def capacity_line(table: Table, rows: Rows, one: Round) -> float | None:
    """Return what the last of these deals that the team can work was expected to bring, out of time; minor units.

    None where no profit is recorded, no deal is dated, the team can work them all, or its capacity reaches down to
    deals on which the model abstained or of which nothing was expected.
    """
    able = comparison.capacity_short_of(table.as_of[rows], deals_a_month=table.policy.economics.deals_worked)
    if not table.has_profit or not able:
        return None
    last = rows[np.argsort(-money_rank(table, one)[rows], kind="stable")[able - 1]]
    expected = float(one.expected_profit[last])
    return None if one.abstained[last] or np.isnan(expected) else expected
