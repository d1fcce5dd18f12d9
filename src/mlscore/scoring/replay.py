"""Replays a history under another policy: what it would have answered, and what became of the deals it moves."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from mlscore.scoring import tri
from mlscore.scoring.comparison import Interval, Labels, bootstrap
from mlscore.scoring.deal import Deals, Floats
from mlscore.scoring.decision import rule_yes
from mlscore.scoring.policy import Policy
from mlscore.scoring.receipt import Verdict
from mlscore.scoring.verdict import VERDICTS, Verdicts, judge

ROUNDS = 200
_YES = np.array([rule_yes(verdict) is True for verdict in VERDICTS])


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Deals as they were known when scored, one entry a deal: whether each has closed and was won, and its profit.

    `profit` is realised, in minor units: 0 where lost, NaN where not recorded or still open.
    """

    deals: Deals
    closed: Labels
    won: Labels
    profit: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Deals whose answer a change moves; money in minor units, with 90 % bootstrap intervals over deals.

    `profit` is what the `closed` of them brought, `after_work` the same less what working them costs. The others have
    no outcome: they are counted, never priced.
    """

    deals: int
    closed: int
    won: int
    profit: Interval
    after_work: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """How many deals had something before and after a change, those that gain it and those that lose it."""

    before: int
    after: int
    gained: Concerned
    lost: Concerned


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How many deals get another verdict than before."""

    before: Verdict
    after: Verdict
    deals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The same deals under two policies: which are Fire, which the rules would work, and whose verdict moves."""

    deals: int
    fire: Switch
    worked: Switch
    verdicts: tuple[Moved, ...]


def replay(history: History, before: Policy, after: Policy, *, seed: int = 0) -> Replay:
    """Judge every deal under both policies, from what was known when it was scored."""
    old, new = judge(history.deals, before), judge(history.deals, after)
    fire = _switch(history, tri.yes(old.lead.fire), tri.yes(new.lead.fire), after, seed)
    worked = _switch(history, _YES[old.verdict], _YES[new.verdict], after, seed)
    return Replay(
        deals=len(history.deals),
        fire=fire,
        worked=worked,
        verdicts=_moved(old, new),
    )


def _switch(history: History, was: Labels, is_now: Labels, policy: Policy, seed: int) -> Switch:
    return Switch(
        before=int(was.sum()),
        after=int(is_now.sum()),
        gained=_concerned(history, is_now & ~was, policy, seed),
        lost=_concerned(history, was & ~is_now, policy, seed),
    )


def _concerned(history: History, which: Labels, policy: Policy, seed: int) -> Concerned:
    closed = which & history.closed
    known = history.profit[closed & ~np.isnan(history.profit)]
    cost = policy.economics.cost_per_worked_deal
    return Concerned(
        deals=int(which.sum()),
        closed=int(closed.sum()),
        won=int((closed & history.won).sum()),
        profit=bootstrap(lambda drawn: float(known[drawn].sum()), len(known), rounds=ROUNDS, seed=seed),
        after_work=bootstrap(lambda drawn: float((known[drawn] - cost).sum()), len(known), rounds=ROUNDS, seed=seed),
    )


def _moved(old: Verdicts, new: Verdicts) -> tuple[Moved, ...]:
    pairs = Counter(zip(old.verdict.tolist(), new.verdict.tolist(), strict=True))
    return tuple(
        Moved(before=VERDICTS[before], after=VERDICTS[after], deals=deals)
        for (before, after), deals in pairs.most_common()
        if before != after
    )
