"""When a fact is dated may give it away."""

from datetime import timedelta

import numpy as np
import pytest

from tests.training.histories import START, a_closed_deal, a_history, a_table, undated, with_fact
from training.leaks.timing import leaks_by_timing

HISTORY = a_history(200)
CLOSES = [c.outcome.closed_at.date() for c in HISTORY]


def the_leak(table):
    found = list(leaks_by_timing(table))
    return found[0] if found else None


def shifted(days):
    """Return dates so many days after the close of each deal."""
    return [close + timedelta(days=int(by)) for close, by in zip(CLOSES, days, strict=True)]


def drawn(low, high):
    return np.random.default_rng(1).integers(low, high, len(CLOSES))


@pytest.mark.parametrize("days", [drawn(0, 1), drawn(-1, 2)], ids=["on the day", "a day off"])
def test_a_date_that_lies_on_the_close_is_refused_with_its_share(days) -> None:
    leak = the_leak(with_fact(HISTORY, "visit_on", shifted(days), kind="date"))
    assert (leak.severity, leak.fact) == ("refuse", "visit_on")
    assert leak.figure > 0.95
    assert f"{leak.figure:.0%} of 200 deals" in leak.sentence


def test_a_date_told_only_of_won_deals_is_refused() -> None:
    won = [day if c.outcome.realised_profit else None for c, day in zip(HISTORY, CLOSES, strict=True)]
    assert the_leak(with_fact(HISTORY, "visit_on", won, kind="date")).figure == 1.0


def test_a_date_that_often_lies_on_the_close_is_warned_of() -> None:
    some = np.where(drawn(0, 10) < 3, 0, drawn(40, 90))
    assert the_leak(with_fact(HISTORY, "visit_on", shifted(some), kind="date")).severity == "warn"


HONEST = {
    "a date about the close": shifted(drawn(-20, 20)),
    "a date before the deal was scored": [(c.receipt.as_of - timedelta(days=3)).date() for c in HISTORY],
    "the day it was scored": [c.receipt.as_of.date() for c in HISTORY],
    "a date of too few deals": [day if n < 19 else None for n, day in enumerate(CLOSES)],
}


@pytest.mark.parametrize("days", HONEST.values(), ids=HONEST)
def test_an_honest_date_is_not_suspected(days) -> None:
    assert the_leak(with_fact(HISTORY, "visit_on", days, kind="date")) is None


def test_a_date_is_not_suspected_where_every_deal_takes_as_long() -> None:
    history = [a_closed_deal(f"D-{n}", day=3 * n, days_to_close=30) for n in range(60)]
    month_later = [c.outcome.closed_at.date() for c in history]
    assert the_leak(with_fact(history, "due_on", month_later, kind="date")) is None


def test_a_date_is_not_suspected_where_everything_falls_on_the_last_of_the_month() -> None:
    history = [a_closed_deal(f"D-{n}", day=n, days_to_close=30 - n % 30) for n in range(120)]
    month_end = [c.outcome.closed_at.date() for c in history]
    assert the_leak(with_fact(history, "needed_on", month_end, kind="date")) is None


@pytest.mark.parametrize(
    ("days", "late", "severity"), [(-5, 200, None), (0.5, 200, None), (3, 200, "refuse"), (3, 4, "warn"), (3, 1, None)]
)
def test_a_deal_opened_after_it_was_scored_is_refused(days, late, severity) -> None:
    history = [
        a_closed_deal(f"D-{n}", day=n, created_at=START + timedelta(days=n + (days if n < late else -5)))
        for n in range(200)
    ]
    leak = the_leak(a_table(history))
    assert (leak.severity if leak else None) == severity


def test_an_undated_history_has_no_dates_to_look_at() -> None:
    assert the_leak(with_fact(undated(HISTORY), "visit_on", CLOSES, kind="date")) is None
