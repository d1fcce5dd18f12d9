"""Said against seen: groups of deals of like probability, and how far chance alone may put the two apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from mlscore.scoring.deal import Floats
from training.contest.spread import GROUP, LEVEL

CALIBRATION_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Group:
    """Deals of like probability: what was said on average, what share turned out well, and where it should lie."""

    deals: int
    said: float
    seen: float
    low: float
    high: float

    @property
    def is_within(self) -> bool:
        """Whether the share lies where it should."""
        return self.low <= self.seen <= self.high


def calibration_groups(y: NDArray[np.bool_], said: Floats, *, groups: int = CALIBRATION_GROUPS) -> tuple[Group, ...]:
    """Return groups of equal size; nine shares in ten lie within the bounds where every probability is right."""
    found = []
    for rows in _alike(said, min(groups, len(said))):
        mean, deals = float(said[rows].mean()), len(rows)
        low, high = binom.interval(LEVEL, deals, mean)
        found.append(Group(deals, mean, float(y[rows].mean()), float(low) / deals, float(high) / deals))
    return tuple(found)


def interval_groups(
    y: NDArray[np.bool_], said: Floats, *, low: Floats, high: Floats, size: int = GROUP
) -> tuple[Group, ...]:
    """Return groups of `size` deals, the bounds being those of the intervals given; none where deals are too few.

    The interval speaks of so many deals of like probability, so it can be judged on groups alone.
    """
    return tuple(
        Group(
            len(rows),
            float(said[rows].mean()),
            float(y[rows].mean()),
            float(low[rows].mean()),
            float(high[rows].mean()),
        )
        for rows in _alike(said, len(said) // size)
    )


def share_within(groups: Sequence[Group]) -> float | None:
    """Return the share of groups that lie where they should; None without groups."""
    return sum(group.is_within for group in groups) / len(groups) if groups else None


def _alike(said: Floats, groups: int) -> list[NDArray[np.intp]]:
    return np.array_split(np.argsort(said, kind="stable"), groups) if groups else []
