"""Who was right where rules and model parted, and whether people knew better."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mlscore.ports import Side
from mlscore.service.looking_back.disagreeing import board_of
from tests.builders import a_good_deal, a_policy, roubles
from tests.service.looking_back.builders import a_past

COST = roubles(2_500)
BAD, GOOD = float(roubles(500)), float(roubles(30_000))


def parted(profits, *, model_yes, rule_yes, **more):
    """Return a past of deals on which each said what is given."""
    deals = [
        a_good_deal(deal_id=f"D-{n}", profit_if_won=roubles(20_000 if yes else 1_000)) for n, yes in enumerate(rule_yes)
    ]
    expected = np.array([GOOD if yes else BAD for yes in model_yes])
    return a_past(profits, deals=deals, expected_profit=expected, **more)


def a_side(past, row, side, *, days=-1):
    at = datetime.fromtimestamp(past.closed_at[row], UTC).timestamp() + days * 24 * 3600
    taken = datetime.fromtimestamp(at, UTC)
    return {past.deal_ids[row]: Side(deal_id=past.deal_ids[row], side=side, why="x", by="Анна", at=taken)}


def test_only_deals_on_which_they_part_are_scored():
    past = parted([9_000] * 4, rule_yes=[True, True, False, False], model_yes=[True, False, True, False])
    assert board_of(past, {}).rows.tolist() == [1, 2]


def test_who_was_right_is_counted_and_paid_less_the_cost_of_working():
    past = parted([9_000, 0, 7_000], rule_yes=[True, True, False], model_yes=[False, False, True])
    rules, model = board_of(past, {}).every
    assert (rules.who, rules.deals, rules.right, rules.money) == ("rules", 3, 1, roubles(9_000) - 2 * COST)
    assert (model.who, model.deals, model.right, model.money) == ("model", 3, 2, roubles(7_000) - COST)


def test_people_are_scored_on_the_deals_of_which_they_took_a_side():
    past = parted([9_000, 0, 7_000], rule_yes=[True, True, False], model_yes=[False, False, True])
    board = board_of(past, a_side(past, 1, "model") | a_side(past, 2, "rules"))
    people, rules, model = board.of_people
    assert [one.who for one in board.of_people] == ["people", "rules", "model"]
    assert (people.deals, people.right, people.money) == (2, 1, 0.0)
    assert (rules.right, rules.money) == (0, -COST)
    assert (model.right, model.money) == (2, roubles(7_000) - COST)
    assert board.with_model.tolist() == [True, False]


def test_a_side_taken_once_the_deal_had_closed_counts_nothing():
    past = parted([9_000], rule_yes=[True], model_yes=[False])
    assert len(board_of(past, a_side(past, 0, "model", days=0)).sided) == 0
    assert len(board_of(past, a_side(past, 0, "model", days=-1)).sided) == 1


@pytest.mark.parametrize(
    ("decide_by", "overrides", "gained"), [("rule", 1, COST), ("model", 1, -COST), ("both", None, 0)]
)
def test_an_override_goes_against_who_decides_and_is_worth_what_it_saved_or_cost(decide_by, overrides, gained):
    policy = a_policy(deciding={"decide_by": decide_by})
    past = parted([0, 0], rule_yes=[True, True], model_yes=[False, False], policy=policy)
    board = board_of(past, a_side(past, 0, "model") | a_side(past, 1, "rules"))
    assert (board.overrides, board.gained if overrides else 0) == (overrides, gained)


def test_every_deal_they_part_on_has_who_was_right_and_whose_side_was_taken():
    past = parted([9_000, 0, 7_000, 0], rule_yes=[True, True, False, True], model_yes=[False, False, True, True])
    board = board_of(past, a_side(past, 1, "model"))
    assert board.right.tolist() == ["rules", "model", "model", None]
    assert board.side.tolist() == ["nobody", "model", "nobody", None]
