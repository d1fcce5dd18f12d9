"""A history judged again under another policy."""

from dataclasses import replace

import numpy as np
import pytest

from mlscore.ports import AskedDeal
from mlscore.scoring.deal import Outcome, Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Verdict
from tests.builders import NOON, a_good_deal, roubles
from training.hindsight import replay, try_thresholds, with_threshold

POLICY = default_policy()
LOOSER = with_threshold(POLICY, "steam", 2.0)


def asked(deal_id="D-1", *, profit=None, is_open=False, **facts):
    """Return a deal that lost, or was won and brought so much (in roubles), or is still open."""
    outcome = Outcome(
        deal_id=deal_id,
        status=Status.LOST if profit is None else Status.WON,
        realised_profit=None if profit is None else roubles(profit),
    )
    return AskedDeal(
        receipt_id=f"R-{deal_id}",
        deal=replace(a_good_deal(**facts), deal_id=deal_id),
        scored_at=NOON,
        policy_version="p",
        verdict=Verdict.ACCEPT,
        outcome=None if is_open else outcome,
    )


def test_a_lower_threshold_makes_fire_of_the_deals_between_and_prices_those_that_closed() -> None:
    found = replay(
        [
            asked("far above", profit=50_000, steam_tph=5.0),
            asked("between", profit=9_000, steam_tph=2.5),
            asked("between, lost", steam_tph=2.5),
            asked("between, open", is_open=True, steam_tph=3.0),
            asked("at the edge", profit=70_000, steam_tph=2.0),
        ],
        POLICY,
        LOOSER,
    )
    assert (found.deals, found.fire_before, found.fire_after) == (5, 1, 4)
    gained = found.gained
    assert (gained.deals, gained.closed, gained.won) == (3, 2, 1)
    assert gained.profit.value == 9_000
    assert gained.after_work.value == 9_000 - 2 * 2_500
    assert gained.profit.low <= gained.profit.value <= gained.profit.high
    assert (found.lost.deals, found.lost.closed) == (0, 0)
    assert np.isnan(found.lost.profit.value)


def test_the_way_back_loses_what_the_way_there_gained() -> None:
    history = [asked(f"D-{n}", profit=1_000.0 * n, steam_tph=1.0 + 0.1 * n) for n in range(40)]
    there, back = replay(history, POLICY, LOOSER), replay(history, LOOSER, POLICY)
    assert there.gained == back.lost
    assert (there.fire_before, there.fire_after) == (back.fire_after, back.fire_before)


def test_verdicts_that_change_are_counted_and_the_rest_left_out() -> None:
    found = replay([asked("A", steam_tph=2.5), asked("B", steam_tph=2.5), asked("C", steam_tph=9.0)], POLICY, LOOSER)
    [only] = found.verdicts
    assert (only.before, only.after, only.deals) == (Verdict.REVIEW, Verdict.ACCEPT, 2)


def test_a_won_deal_whose_profit_was_not_recorded_is_counted_and_not_priced() -> None:
    unknown = asked("A", steam_tph=2.5)
    won = replace(unknown, outcome=replace(unknown.outcome, status=Status.WON))
    found = replay([won, asked("B", profit=6_000, steam_tph=2.5)], POLICY, LOOSER).gained
    assert (found.closed, found.won, found.profit.value) == (2, 2, 6_000)


def test_each_value_of_a_threshold_is_held_against_the_policy_in_force() -> None:
    history = [asked(f"D-{n}", profit=10_000, steam_tph=0.5 + n) for n in range(6)]
    lower, same, higher = try_thresholds(history, POLICY, "steam", [1.0, 3.0, 5.0])
    assert (lower.value, lower.fire, lower.gained, lower.lost) == (1.0, 5, 2, 0)
    assert (same.fire, same.gained, same.lost) == (3, 0, 0)
    assert (higher.fire, higher.gained, higher.lost) == (1, 0, 2)
    assert higher.lost_after_work.value == 2 * (10_000 - 2_500)


@pytest.mark.parametrize("criterion", ["industry", "shoe_size"])
def test_only_a_criterion_on_a_number_has_a_threshold(criterion: str) -> None:
    with pytest.raises(FaultyInputError, match="It has: steam, turnover"):
        with_threshold(POLICY, criterion, 1.0)
    assert LOOSER.criteria[0].value == 2.0
    assert POLICY.criteria[0].value == 3
