"""A history judged again under another policy: who gains what, and what became of them."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.deal import Deals
from mlscore.scoring.policy import Policy, default_policy
from mlscore.scoring.receipt import Verdict
from mlscore.scoring.replay import History, replay
from tests.builders import a_good_deal, roubles

POLICY = default_policy()
COST = POLICY.economics.cost_per_worked_deal


def with_floor(floor: int) -> Policy:
    return replace(POLICY, economics=replace(POLICY.economics, floor=roubles(floor)))


def a_history(*profits: float | None, opened: int = 0) -> History:
    """Return deals that would bring 6 000 each by their sellers, and brought what is given; the last are open."""
    count = len(profits) + opened
    deals = [a_good_deal(deal_id=f"D-{n}", profit_if_won=roubles(6_000)) for n in range(count)]
    ends = [*profits, *[None] * opened]
    return History(
        deals=Deals(deals),
        closed=np.arange(count) < len(profits),
        won=np.array([bool(one) for one in ends]),
        profit=np.array([np.nan if one is None else float(roubles(one)) for one in ends]),
    )


def test_a_higher_floor_takes_deals_out_of_work_and_leaves_fire_alone() -> None:
    found = replay(a_history(9_000, 0), POLICY, with_floor(7_000))
    assert (found.fire.before, found.fire.after, found.fire.gained.deals, found.fire.lost.deals) == (2, 2, 0, 0)
    assert (found.worked.before, found.worked.after) == (2, 0)
    lost = found.worked.lost
    assert (lost.deals, lost.closed, lost.won, lost.profit.value) == (2, 2, 1, roubles(9_000))
    assert lost.after_work.value == roubles(9_000) - 2 * COST
    [moved] = found.verdicts
    assert (moved.before, moved.after, moved.deals) == (Verdict.ACCEPT, Verdict.REFUSE, 2)


def test_what_has_no_outcome_is_counted_and_never_priced() -> None:
    lost = replay(a_history(9_000, opened=3), POLICY, with_floor(7_000)).worked.lost
    assert (lost.deals, lost.closed, lost.profit.value) == (4, 1, roubles(9_000))
    only_open = replay(a_history(opened=2), POLICY, with_floor(7_000)).worked.lost
    assert (only_open.deals, only_open.closed) == (2, 0)
    assert np.isnan(only_open.profit.value)


def test_the_way_back_gains_what_the_way_there_lost() -> None:
    history = a_history(*range(1_000, 21_000, 1_000))
    there, back = replay(history, POLICY, with_floor(7_000)), replay(history, with_floor(7_000), POLICY)
    assert there.worked.lost.profit == back.worked.gained.profit
    assert (there.worked.before, there.worked.after) == (back.worked.after, back.worked.before)


def test_the_same_policy_moves_nothing() -> None:
    found = replay(a_history(9_000, 0), POLICY, POLICY)
    assert (found.verdicts, found.worked.gained.deals, found.worked.lost.deals) == ((), 0, 0)


def test_an_interval_holds_its_figure() -> None:
    profit = replay(a_history(*range(1_000, 41_000, 1_000)), POLICY, with_floor(7_000)).worked.lost.profit
    assert profit.low < profit.value < profit.high
    assert profit.value == pytest.approx(float(roubles(820_000)))
