"""Replays a firm's history under another policy: which deals would have been Fire, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlscore.ports import AskedDeal
from mlscore.scoring import replay as scoring
from mlscore.scoring.comparison import Interval
from mlscore.scoring.deal import MINOR_UNITS, Deals, Status
from mlscore.scoring.economics import realised
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import Policy
from mlscore.scoring.replay import Concerned, Moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The same deals under two policies: how many are Fire, those that become so, and those that no longer are.

    Money is in whole units.
    """

    deals: int
    fire_before: int
    fire_after: int
    gained: Concerned
    lost: Concerned
    verdicts: tuple[Moved, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One value of a threshold: how many deals are Fire, and what those it adds or drops brought less their work."""

    value: float
    fire: int
    gained: int
    gained_after_work: Interval
    lost: int
    lost_after_work: Interval


def with_threshold(policy: Policy, criterion: str, value: float) -> Policy:
    """Return a policy in which one criterion compares with another number: to try, not to apply.

    Its texts still name the old number. Raises FaultyInputError where there is no such criterion on a number.
    """
    numeric = [c.code for c in policy.criteria if isinstance(c.value, int | float) and not isinstance(c.value, bool)]
    if criterion not in numeric:
        raise FaultyInputError(f"The policy has no criterion {criterion!r} on a number. It has: {', '.join(numeric)}.")
    changed = tuple(replace(c, value=value) if c.code == criterion else c for c in policy.criteria)
    return replace(policy, criteria=changed)


def replay(asked: Sequence[AskedDeal], before: Policy, after: Policy, *, seed: int = 0) -> Replay:
    """Judge every deal under both policies, from what was known when it was scored."""
    found = scoring.replay(_history(asked), before, after, seed=seed)
    return Replay(
        deals=found.deals,
        fire_before=found.fire.before,
        fire_after=found.fire.after,
        gained=_in_whole_units(found.fire.gained),
        lost=_in_whole_units(found.fire.lost),
        verdicts=found.verdicts,
    )


def try_thresholds(
    asked: Sequence[AskedDeal], policy: Policy, criterion: str, values: Sequence[float]
) -> tuple[Tried, ...]:
    """Replay the history once for each value of a criterion; raises as `with_threshold` does."""
    found = [(value, replay(asked, policy, with_threshold(policy, criterion, value))) for value in values]
    return tuple(
        Tried(
            value=value,
            fire=one.fire_after,
            gained=one.gained.deals,
            gained_after_work=one.gained.after_work,
            lost=one.lost.deals,
            lost_after_work=one.lost.after_work,
        )
        for value, one in found
    )


def _history(asked: Sequence[AskedDeal]) -> scoring.History:
    ends = [one.outcome for one in asked]
    return scoring.History(
        deals=Deals([one.deal for one in asked]),
        closed=np.array([end is not None for end in ends], dtype=np.bool_),
        won=np.array([end is not None and end.status is Status.WON for end in ends], dtype=np.bool_),
        profit=np.array([np.nan if end is None else realised(end) for end in ends], dtype=np.float64),
    )


def _in_whole_units(found: Concerned) -> Concerned:
    return replace(found, profit=_whole(found.profit), after_work=_whole(found.after_work))


def _whole(minor: Interval) -> Interval:
    return Interval(minor.value / MINOR_UNITS, minor.low / MINOR_UNITS, minor.high / MINOR_UNITS)
