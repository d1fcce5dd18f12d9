"""What moves the model's answers, fact by fact and value by value."""

from dataclasses import replace

import numpy as np
import pytest

from tests.models import a_planted_model
from tests.training.histories import a_history, a_table
from training.evaluate import Moves, influences, insights, moves_of
from training.evaluate.influence import MOVED_ROWS_MAX, OTHERS, UNKNOWN

TABLE = a_table(a_history(200))
ROWS = np.arange(200)
BY_BUDGET = moves_of(a_planted_model(budget_allocated=2.0), TABLE, ROWS)


def planted(**points):
    """Return moves in which these facts moved every deal by so much."""
    return Moves(tuple(points), np.column_stack([np.broadcast_to(p, 200) for p in points.values()]), TABLE.judged)


def test_a_model_that_goes_by_one_fact_is_moved_by_it_alone() -> None:
    [only] = influences(BY_BUDGET)
    assert only.fact == "budget_allocated"
    assert only.points == pytest.approx(np.abs(BY_BUDGET.points).sum(axis=1).mean())


def test_each_value_tells_its_own_effect_and_how_many_deals_have_it() -> None:
    no, yes = insights(BY_BUDGET)
    budget = TABLE.deals.numbers("budget_allocated")
    assert (no.value, no.deals, no.points) == ("no", (budget == 0).sum(), 0.0)
    assert (yes.value, yes.deals) == ("yes", (budget == 1).sum())
    assert yes.points == pytest.approx(1 / (1 + np.exp(-2)) - 0.5, abs=1e-6)


def test_the_strongest_fact_comes_first_whichever_way_it_moves() -> None:
    moves = planted(asap=0.1, amount=-0.3, season=0.0, region=0.2)
    assert [(one.fact, one.points) for one in influences(moves)] == [
        ("amount", pytest.approx(0.3)),
        ("region", pytest.approx(0.2)),
        ("asap", pytest.approx(0.1)),
    ]


def test_only_the_strongest_facts_are_told_value_by_value() -> None:
    moves = planted(asap=0.1, amount=-0.3, source=0.2)
    assert {one.fact for one in insights(moves, facts=2)} == {"amount", "source"}


def test_a_fact_without_values_of_its_own_gives_its_place_to_the_next() -> None:
    moves = planted(market=0.5, company_id=0.4, asap=0.1)
    assert {one.fact for one in insights(moves, facts=1)} == {"asap"}


def test_numbers_are_told_in_ranges_and_the_unknown_apart() -> None:
    found = [one for one in insights(planted(amount=0.1, role_user=0.05)) if one.fact == "amount"]
    assert [one.deals for one in found] == pytest.approx([50, 50, 50, 50], abs=8)
    assert found[0].value.startswith("up to ")
    assert found[-1].value.startswith("above ")
    last = insights(planted(role_user=0.05))[-1]
    assert (last.value, last.deals) == (UNKNOWN, np.isnan(TABLE.deals.numbers("role_user")).sum())


def test_a_name_that_few_deals_have_stands_among_the_others() -> None:
    history = a_history(200)
    names = np.where(ROWS < 4, "Acme", "site").tolist()
    table = a_table([_from(one, name) for one, name in zip(history, names, strict=True)])
    found = insights(Moves(("source",), np.ones((200, 1)), table.judged))
    assert [(one.value, one.deals) for one in found] == [("site", 196), (OTHERS, 4)]


def _from(one, source):
    return replace(one, receipt=replace(one.receipt, deal=replace(one.receipt.deal, source=source)))


def test_of_very_many_deals_the_newest_are_looked_at() -> None:
    rows = np.tile(ROWS, 26)
    assert len(rows) > MOVED_ROWS_MAX
    moves = moves_of(a_planted_model(asap=1.0), TABLE, rows)
    assert len(moves.points) == MOVED_ROWS_MAX
    assert influences(moves_of(a_planted_model(asap=1.0), TABLE, ROWS[:0])) == ()
