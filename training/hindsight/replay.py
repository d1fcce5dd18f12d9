"""Replays a firm's history under another policy: which deals would have been Fire, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlscore.ports import AskedDeal
from mlscore.scoring import tri
from mlscore.scoring.comparison import Interval, bootstrap
from mlscore.scoring.deal import MINOR_UNITS, Deals, Status
from mlscore.scoring.economics import realised
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Verdict
from mlscore.scoring.verdict import VERDICTS, Verdicts, judge
from training.readings import Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Deals whose answer a change moves; money in whole units, with 90 % bootstrap intervals over deals.

    `profit` is what the `closed` of them brought, `after_work` the same less what working them costs. The others have
    no outcome: they are counted, never priced.
    """

    deals: int
    closed: int
    won: int
    profit: Interval
    after_work: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many deals get another verdict than before."""

    before: Verdict
    after: Verdict
    deals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The same deals under two policies: how many are Fire, those that become so, and those that no longer are."""

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
    deals = Deals([one.deal for one in asked])
    old, new = judge(deals, before), judge(deals, after)
    was, is_now = (tri.yes(judged.lead.fire) for judged in (old, new))
    return Replay(
        deals=len(asked),
        fire_before=int(was.sum()),
        fire_after=int(is_now.sum()),
        gained=_concerned(asked, is_now & ~was, after, seed),
        lost=_concerned(asked, was & ~is_now, after, seed),
        verdicts=_moved(old, new),
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


def _concerned(asked: Sequence[AskedDeal], which: Mask, policy: Policy, seed: int) -> Concerned:
    chosen = [asked[place] for place in np.flatnonzero(which).tolist()]
    ended = [one.outcome for one in chosen if one.outcome is not None]
    profit = np.array([realised(outcome) for outcome in ended]) / MINOR_UNITS
    known = profit[~np.isnan(profit)]
    cost = policy.economics.cost_per_worked_deal / MINOR_UNITS
    return Concerned(
        deals=len(chosen),
        closed=len(ended),
        won=sum(outcome.status is Status.WON for outcome in ended),
        profit=bootstrap(lambda drawn: float(known[drawn].sum()), len(known), seed=seed),
        after_work=bootstrap(lambda drawn: float((known[drawn] - cost).sum()), len(known), seed=seed),
    )


def _moved(old: Verdicts, new: Verdicts) -> tuple[Moved, ...]:
    pairs = Counter(zip(old.verdict.tolist(), new.verdict.tolist(), strict=True))
    return tuple(
        Moved(before=VERDICTS[before], after=VERDICTS[after], deals=deals)
        for (before, after), deals in pairs.most_common()
        if before != after
    )
