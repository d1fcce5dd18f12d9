"""A closed deal is the receipt of what was known, met by what became of it."""

from dataclasses import replace
from datetime import datetime

import pytest

from mlscore.ports import Backtest
from mlscore.scoring.deal import Deal, Outcome, Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.receipt import Receipt, Verdict
from mlscore.store import Store
from mlscore.store.tables import facts
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_model_answer, a_receipt, an_answer, an_outcome


def keep(store: Store, firm: str, *deals: Deal, **said: object) -> list[Receipt]:
    kept = [a_receipt(deal, **said) for deal in deals]
    store.receipts.keep(firm, kept)
    return kept


def test_a_deal_without_an_outcome_or_without_a_receipt_is_not_closed(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("D-open"))
    store.outcomes.record(firm, [an_outcome("D-never-scored")], at=NOON)
    assert store.closed.closed_deals(firm) == []


def test_a_closed_deal_is_a_whole_receipt_and_its_outcome(store: Store, firm: str) -> None:
    answer = an_answer(model=a_model_answer())
    [kept] = keep(store, firm, a_deal(region="77", extra={"halal": True}), answer=answer)
    store.outcomes.record(firm, [an_outcome()], at=NOON + DAY)
    [closed] = store.closed.closed_deals(firm)
    assert closed.receipt == kept
    assert closed.outcome == an_outcome(known_at=NOON + DAY)
    assert closed.backtest is None


def test_the_first_receipt_at_stage_deal_is_the_row(store: Store, firm: str) -> None:
    moments = [a_deal(stage=stage, as_of=NOON + n * DAY) for n, stage in enumerate(["lead", "deal", "deal", None])]
    kept = keep(store, firm, *moments)
    store.outcomes.record(firm, [an_outcome(closed_at=NOON + 9 * DAY)], at=NOON + 9 * DAY)
    [closed] = store.closed.closed_deals(firm)
    assert closed.receipt == kept[1]


def test_a_deal_scored_only_as_a_lead_is_no_row(store: Store, firm: str) -> None:
    keep(store, firm, a_deal(stage="lead"))
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert store.closed.closed_deals(firm) == []


def test_a_receipt_without_a_stage_counts_as_one_at_stage_deal(store: Store, firm: str) -> None:
    [kept] = keep(store, firm, a_deal(stage=None))
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert [closed.receipt for closed in store.closed.closed_deals(firm)] == [kept]


@pytest.mark.parametrize(("closed_at", "place"), [(NOON + 2 * DAY, 1), (NOON + 2 * DAY + SECOND, 2), (NOON, None)])
def test_the_last_receipt_before_closing_may_be_the_row(store: Store, firm: str, closed_at, place) -> None:
    kept = keep(store, firm, *(a_deal(as_of=NOON + n * DAY) for n in range(5)))
    store.outcomes.record(firm, [an_outcome(closed_at=closed_at)], at=NOON + 9 * DAY)
    found = store.closed.closed_deals(firm, snapshot="last_before_close")
    assert [closed.receipt for closed in found] == ([] if place is None else [kept[place]])


def test_where_nobody_said_when_it_closed_the_last_receipt_is_the_one_before_that_was_known(
    store: Store, firm: str
) -> None:
    kept = keep(store, firm, *(a_deal(as_of=NOON + n * DAY) for n in range(3)))
    store.outcomes.record(firm, [an_outcome(closed_at=None)], at=NOON + 2 * DAY)
    [closed] = store.closed.closed_deals(firm, snapshot="last_before_close")
    assert closed.receipt == kept[1]


@pytest.mark.parametrize("snapshot", ["first", "last_before_close"])
def test_an_undated_receipt_is_a_row_where_the_deal_has_no_dated_one(store: Store, firm: str, snapshot: str) -> None:
    undated, _, dated = keep(store, firm, a_deal("D-1", as_of=None), a_deal("D-2", as_of=None), a_deal("D-2"))
    ended = [an_outcome("D-1", closed_at=None), an_outcome("D-2", closed_at=NOON + DAY)]
    store.outcomes.record(firm, ended, at=NOON + DAY)
    found = store.closed.closed_deals(firm, snapshot=snapshot)
    assert [closed.receipt for closed in found] == [dated, undated]


def test_an_unknown_snapshot_is_refused(store: Store, firm: str) -> None:
    with pytest.raises(FaultyInputError, match="first or last_before_close"):
        store.closed.closed_deals(firm, snapshot="last")


def test_the_rows_come_in_the_order_of_as_of_and_the_undated_ones_last_by_deal(store: Store, firm: str) -> None:
    undated = [a_deal(name, as_of=None) for name in ("Б-2", "a", "B")]
    dated = [a_deal(f"D-{n}", as_of=NOON - n * DAY) for n in range(3)]
    keep(store, firm, *undated, *dated)
    store.outcomes.record(firm, [an_outcome(d.deal_id) for d in (*undated, *dated)], at=NOON)
    found = [closed.receipt.deal.deal_id for closed in store.closed.closed_deals(firm)]
    assert found == ["D-2", "D-1", "D-0", "B", "a", "Б-2"]


def test_the_outcome_is_the_newest_known_by_then(store: Store, firm: str) -> None:
    keep(store, firm, a_deal())
    lost = an_outcome(status=Status.LOST, realised_profit=None)
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    store.outcomes.record(firm, [lost], at=NOON + DAY)
    moments = (NOON - SECOND, NOON, NOON + DAY - SECOND, NOON + DAY, None)
    found = [store.closed.closed_deals(firm, known_by=moment) for moment in moments]
    statuses = [[closed.outcome.status for closed in rows] for rows in found]
    assert statuses == [[], [Status.WON], [Status.WON], [Status.LOST], [Status.LOST]]


def first_known(store: Store, firm: str, *told: Outcome) -> datetime | None:
    keep(store, firm, a_deal())
    for day, outcome in enumerate(told):
        store.outcomes.record(firm, [outcome], at=NOON + day * DAY)
    [closed] = store.closed.closed_deals(firm)
    assert closed.outcome.known_at == NOON + (len(told) - 1) * DAY
    return closed.first_known_at


LOST = an_outcome(status=Status.LOST, realised_profit=None)
WITHOUT_PROFIT = an_outcome(realised_profit=None)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ([an_outcome()], 0),
        ([an_outcome(), LOST], 0),
        ([LOST, an_outcome(), an_outcome(realised_profit=1)], 0),
        ([WITHOUT_PROFIT, an_outcome()], 1),
        ([WITHOUT_PROFIT, an_outcome(), an_outcome(realised_profit=1)], 1),
        ([LOST, WITHOUT_PROFIT], 0),
    ],
    ids=["told once", "corrected", "corrected twice", "profit later", "profit later, corrected", "no profit at all"],
)
def test_a_correction_leaves_it_known_when_the_firm_could_first_learn_from_it(
    store: Store, firm: str, told: list[Outcome], day: int
) -> None:
    assert first_known(store, firm, *told) == NOON + day * DAY


def test_firms_have_closed_deals_of_their_own(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("D-1"), a_deal("D-2"))
    store.outcomes.record(f"not {firm}", [an_outcome("D-1")], at=NOON)
    store.outcomes.record(firm, [an_outcome("D-2")], at=NOON)
    assert [closed.receipt.deal.deal_id for closed in store.closed.closed_deals(firm)] == ["D-2"]
    assert store.closed.closed_deals(f"not {firm}") == []


def test_a_backtest_comes_with_its_receipt_and_a_later_one_takes_its_place(store: Store, firm: str) -> None:
    tested, bare = keep(store, firm, a_deal("D-1"), a_deal("D-2"))
    store.outcomes.record(firm, [an_outcome("D-1"), an_outcome("D-2")], at=NOON)
    first = Backtest(receipt_id=tested.receipt_id, probability=0.1 + 0.2, expected_profit=None, model_version="1")
    later = replace(first, probability=0.7, expected_profit=1e6 / 3, model_version="2")
    for backtest in (first, later):
        store.backtests.keep(firm, [backtest])
        with_it, without = store.closed.closed_deals(firm)
        assert (with_it.receipt, with_it.backtest) == (tested, backtest)
        assert (without.receipt, without.backtest) == (bare, None)


def test_deals_without_an_outcome_are_counted_by_their_latest_verdict(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("D-1"), a_deal("D-2"), a_deal("D-3"), verdict=Verdict.ACCEPT)
    keep(store, firm, a_deal("D-1", as_of=NOON + DAY), verdict=Verdict.REFUSE)
    store.outcomes.record(firm, [an_outcome("D-3")], at=NOON + DAY)
    assert store.closed.without_outcome(firm) == {Verdict.ACCEPT: 1, Verdict.REFUSE: 1}
    assert store.closed.without_outcome("another") == {}


@pytest.mark.parametrize("snapshot", ["first", "last_before_close"])
def test_in_brief_the_same_deals_come_in_the_same_order_without_what_was_said(
    store: Store, firm: str, snapshot: str
) -> None:
    keep(store, firm, a_deal("B", as_of=None), a_deal("A", as_of=None), a_deal("late", as_of=NOON + DAY), a_deal("D"))
    keep(store, firm, a_deal("D", as_of=NOON + SECOND, extra={"halal": True}), a_deal("open"))
    told = [an_outcome(name, closed_at=NOON + 9 * DAY) for name in ("A", "B", "D", "late")]
    store.outcomes.record(firm, told, at=NOON + 9 * DAY)
    store.outcomes.record(firm, [an_outcome("D", status=Status.LOST)], at=NOON + 10 * DAY)
    for known_by in (None, NOON + 9 * DAY, NOON):
        whole = store.closed.closed_deals(firm, known_by=known_by, snapshot=snapshot)
        brief = store.closed.in_brief(firm, known_by=known_by, snapshot=snapshot)
        assert [(c.receipt_id, c.deal, c.as_of, c.outcome, c.first_known_at) for c in whole] == [
            (c.receipt_id, c.deal, c.as_of, c.outcome, c.first_known_at) for c in brief
        ]
    with pytest.raises(FaultyInputError, match="first or last_before_close"):
        store.closed.in_brief(firm, snapshot="last")


def test_in_brief_a_deal_whose_facts_were_erased_keeps_what_lies_with_its_receipt(store: Store, firm: str) -> None:
    keep(store, firm, a_deal(company_id="C-1", region="77"))
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    with store.database.writing() as connection:
        connection.execute(facts.delete().where(facts.c.firm == firm))
    [closed] = store.closed.in_brief(firm)
    assert closed.deal == a_deal(company_id="C-1")
