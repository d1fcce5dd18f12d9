"""Planted leaks of every sort are caught, honest facts are not, and a shuffled history teaches nothing."""

import os
from dataclasses import replace

import numpy as np
import pytest

from mlscore.scoring.deal import Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.policy import default_policy
from tests.builders import a_policy, roubles
from tests.training.histories import (
    START,
    a_closed_deal,
    a_history,
    a_simulated_history,
    a_table,
    is_good,
    undated,
    with_fact,
    with_outcomes_shuffled,
)
from training.bench import SETS
from training.leaks import check_vouched, find_leaks
from training.leaks.hearing import hearing_of
from training.retrain import Terms, investigate

DATASETS = os.environ.get("MLSCORE_DATASETS")
HISTORY = a_simulated_history(900)
GOOD = np.array(is_good(HISTORY))


def leaks(table, **options):
    return find_leaks(table, **{"seed": 20, "threads": 1} | options)


def about(fact, found):
    return next((leak for leak in found if leak.fact == fact), None)


def answers(*, right: float, good=GOOD, seed: int = 1):
    """Return yes / no answers that tell the outcome rightly so often."""
    wrong = np.random.default_rng(seed).random(len(good)) >= right
    return [bool(answer) for answer in good ^ wrong]


@pytest.mark.parametrize(("deals", "seed"), [(200, 20), (900, 20), (900, 5), (2500, 7)])
def test_an_honest_history_is_not_refused(deals, seed) -> None:
    assert [leak for leak in leaks(a_table(a_simulated_history(deals, seed=seed))) if leak.severity == "refuse"] == []


def test_a_copy_of_the_outcome_is_refused_with_its_figure() -> None:
    leak = about("note", leaks(with_fact(HISTORY, "note", answers(right=1.0))))
    assert (leak.severity, leak.way) == ("refuse", "too_good")
    assert leak.figure == pytest.approx(1.0)
    assert "AUC of 1.000" in leak.sentence


def test_a_copy_of_the_win_is_refused_where_only_some_won_deals_are_good() -> None:
    won = np.array([closed.outcome.status is Status.WON for closed in HISTORY])
    assert 0.1 < GOOD[won].mean() < 0.9
    leak = about("note", leaks(with_fact(HISTORY, "note", won.tolist())))
    assert (leak.severity, leak.way, leak.figure) == ("refuse", "too_good", pytest.approx(1.0))
    assert "won deals from lost ones with an AUC of 1.000" in leak.sentence
    assert about("note", leaks(with_fact(HISTORY, "note", won.tolist()), vouched=("note",))) is None


def test_two_copies_do_not_excuse_each_other() -> None:
    found = leaks(with_fact(HISTORY, "first", answers(right=1.0), also={"second": answers(right=0.97)}))
    assert [about(name, found).severity for name in ("first", "second")] == ["refuse", "refuse"]


@pytest.mark.parametrize("seed", range(4))
def test_a_copy_with_15_percent_noise_is_never_passed_over(seed) -> None:
    assert about("note", leaks(with_fact(HISTORY, "note", answers(right=0.85, seed=seed)))) is not None


def test_a_copy_with_15_percent_noise_is_refused_where_it_is_out_of_line_with_every_other_fact() -> None:
    faint = a_history(400, seed=3, signal=0.3)
    good = np.array(is_good(faint))
    leak = about("note", leaks(with_fact(faint, "note", answers(right=0.85, good=good))))
    assert (leak.severity, leak.way) == ("refuse", "too_good")


def test_a_figure_written_down_in_the_end_is_refused() -> None:
    told = np.where(GOOD, 900.0, 0.0) + np.random.default_rng(2).normal(0, 150, len(GOOD))
    assert about("sum", leaks(with_fact(HISTORY, "sum", told.tolist(), kind="number"))).severity == "refuse"


def test_a_long_list_of_things_may_tell_much_and_is_only_warned_of() -> None:
    rng = np.random.default_rng(3)
    things = [f"thing {2 * int(rng.integers(8)) + int(good ^ (rng.random() < 0.1))}" for good in GOOD]
    table = with_fact(HISTORY, "thing", things, kind="category", levels=tuple(sorted(set(things))))
    assert about("thing", leaks(table)).severity == "warn"


@pytest.mark.parametrize(
    ("of_good", "of_bad", "severity"), [(0.85, 0.0, "refuse"), (0.9, 0.5, "warn"), (0.5, 0.5, None)]
)
def test_a_fact_that_tells_by_being_known_is_caught(of_good, of_bad, severity) -> None:
    chance = np.random.default_rng(4).random(len(GOOD))
    known = [True if c < share else None for c, share in zip(chance, np.where(GOOD, of_good, of_bad), strict=True)]
    leak = about("note", leaks(with_fact(HISTORY, "note", known)))
    assert (leak.severity if leak else None) == severity
    assert leak is None or leak.way == "unknowns"


def test_a_fact_asked_for_only_after_a_yes_is_not_suspected_for_that() -> None:
    budget = [c.receipt.deal.budget_allocated for c in a_history(300)]
    assert leaks(a_table(a_history(300))) == ()
    assert sum(budget) < len(budget)


def test_the_worst_of_several_suspicions_of_one_fact_is_told_and_the_refused_come_first() -> None:
    days = [c.outcome.closed_at.date() if good else None for c, good in zip(HISTORY, GOOD, strict=True)]
    both = with_fact(HISTORY, "visit_on", days, kind="date", text_ru="дата закрытия")
    [leak, *others] = leaks(both)
    assert (leak.fact, leak.severity, leak.way) == ("visit_on", "refuse", "timing")
    assert all(other.severity == "warn" for other in others)


def test_a_fact_that_a_person_vouches_for_is_only_told() -> None:
    table = with_fact(HISTORY, "close_date", answers(right=1.0))
    assert about("close_date", leaks(table)).severity == "refuse"
    leak = about("close_date", leaks(table, vouched=["close_date"]))
    assert leak.severity == "warn"
    assert "vouches" in leak.sentence


def test_nobody_can_vouch_for_what_is_no_fact() -> None:
    with pytest.raises(FaultyInputError, match="shoe_size"):
        check_vouched(["amount", "shoe_size"], default_policy())
    check_vouched(["amount", "close_date"], a_policy(custom_facts=[{"name": "close_date", "kind": "date"}]))


def test_an_undated_history_is_heard_in_folds() -> None:
    without_dates = undated(HISTORY)
    assert about("note", leaks(with_fact(without_dates, "note", answers(right=0.98)))).severity == "refuse"


@pytest.mark.parametrize("deals", [1, 9, 30])
def test_of_too_few_deals_only_names_and_dates_are_looked_at(deals) -> None:
    history = a_history(deals)
    table = with_fact(history, "close_date", is_good(history))
    assert hearing_of(table, seed=1, threads=1) is None
    assert [leak.way for leak in leaks(table)] == ["name"]


def test_a_shuffled_history_teaches_nothing_through_the_whole_pipeline() -> None:
    """The negative control: what tells noise from noise has seen the answer somewhere."""
    shuffled = a_table(with_outcomes_shuffled(HISTORY, seed=1))
    findings = investigate("main", shuffled, Terms(seed=3), at=START)
    y = shuffled.y[findings.rows]
    noise = np.sqrt(len(y) / (12 * y.sum() * (~y).sum()))
    for figures in findings.figures:
        assert abs(figures.auc - 0.5) < 3 * noise, figures.scorer
    assert findings.leaks == ()
    assert "tells_deals_apart" in {gate.code for gate in findings.gates if not gate.passed}


@pytest.mark.skipif(DATASETS is None, reason="MLSCORE_DATASETS names no folder of public data sets")
@pytest.mark.parametrize("name", ["salvirt", "adventureworks"])
def test_honest_public_data_is_not_refused(name) -> None:
    [history] = SETS[name].histories()
    found = leaks(history.table)
    assert [leak.sentence for leak in found if leak.severity == "refuse"] == []


def test_where_everything_was_won_the_floor_decides_and_an_amount_is_no_leak() -> None:
    rng = np.random.default_rng(2)
    amounts = [float(rng.integers(10_000, 50_000)) for _ in range(400)]
    won = [
        a_closed_deal(
            f"D-{n}", day=n, profit=round(amount * 0.2, 2), amount=roubles(amount), employees=float(rng.integers(5, 50))
        )
        for n, amount in enumerate(amounts)
    ]
    assert leaks(a_table(won)) == ()
    some_lost = [
        replace(one, outcome=replace(one.outcome, status=Status.LOST, realised_profit=None)) if n % 40 == 0 else one
        for n, one in enumerate(won)
    ]
    assert about("amount", leaks(a_table(some_lost))) is not None
