"""Receipts in brief say what the receipts say, whatever came when; and forget what is forgotten."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from mlscore.ports import Backtest, BriefsAsked
from mlscore.scoring.deal import Status
from mlscore.scoring.receipt import Grade
from mlscore.store.briefs import SqlBriefs
from mlscore.store.tables import briefs_due
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_model_answer, a_receipt, an_answer, an_outcome

EVERYBODY = BriefsAsked(sellers=None)


def kept(store, firm, deal_id="D-1", *, days=0, **facts: Any):
    receipt = a_receipt(a_deal(deal_id, as_of=NOON + days * DAY, **facts))
    store.receipts.keep(firm, [receipt])
    return receipt


def listed(store, firm, **asked: Any):
    store.briefs.catch_up(firm)
    return store.briefs.read(firm, replace(EVERYBODY, **asked), first=0, at_most=100)


def ids(store, firm, **asked: Any):
    return [one.deal_id for one in listed(store, firm, **asked)]


def test_a_brief_says_what_its_receipt_says(store, firm):
    deal = a_deal(company_id="C-1", seller_id="S-1", amount=4_000_000, industry="dairy", source="site")
    receipt = a_receipt(deal, answer=an_answer(model=a_model_answer(), grade=Grade.AAA))
    store.receipts.keep(firm, [receipt])
    [brief] = listed(store, firm)
    model = receipt.answer.model
    assert (brief.receipt_id, brief.company_id, brief.seller_id) == (receipt.receipt_id, "C-1", "S-1")
    assert (brief.amount, brief.industry, brief.source) == (4_000_000, "dairy", "site")
    assert (brief.probability, brief.low, brief.high) == (model.probability, *model.interval)
    assert (brief.expected_profit, brief.abstained) == (model.expected_profit, False)
    assert (brief.grade, brief.action, brief.passes) == ("AAA", "accept", True)
    assert brief.profit_if_won == receipt.answer.rule.economics.profit_if_won
    assert brief.next_fact == "budget_allocated"
    assert brief.status is None


def test_a_deal_is_listed_once_by_its_newest_receipt_whichever_came_first(store, firm):
    newer = kept(store, firm, days=2)
    assert [one.receipt_id for one in listed(store, firm)] == [newer.receipt_id]
    kept(store, firm, days=1)
    newest = kept(store, firm, days=3)
    assert [one.receipt_id for one in listed(store, firm)] == [newest.receipt_id]
    assert store.briefs.count(firm, EVERYBODY) == 1
    assert [one.at for one in store.briefs.of_deal(firm, "D-1", sellers=None)] == [NOON + n * DAY for n in (3, 2, 1)]


def test_of_two_receipts_of_a_moment_the_one_scored_later_is_newest(store, firm):
    first = a_receipt(a_deal())
    second = a_receipt(a_deal(), scored_at=NOON + SECOND)
    store.receipts.keep(firm, [second, first])
    assert [one.receipt_id for one in listed(store, firm)] == [second.receipt_id]


@pytest.mark.parametrize("is_outcome_first", [False, True])
def test_how_a_deal_ended_is_in_brief_whichever_came_first(store, firm, is_outcome_first):
    steps = [
        lambda: kept(store, firm),
        lambda: store.outcomes.record(firm, [an_outcome()], at=NOON),
    ]
    for step in reversed(steps) if is_outcome_first else steps:
        step()
        store.briefs.catch_up(firm)
    [brief] = listed(store, firm)
    assert (brief.status, brief.closed_at, brief.realised_profit) == ("won", NOON, 1_200_000)


def test_a_corrected_outcome_corrects_the_brief(store, firm):
    kept(store, firm)
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    listed(store, firm)
    store.outcomes.record(firm, [an_outcome(realised_profit=5)], at=NOON + DAY)
    assert [one.realised_profit for one in listed(store, firm)] == [5]


def test_a_long_backlog_comes_into_brief_in_parts(store, firm):
    receipts = [a_receipt(a_deal(f"D-{number}")) for number in range(2500)]
    store.receipts.keep(firm, receipts)
    assert store.briefs.catch_up(firm) == 500
    assert store.briefs.count(firm, EVERYBODY) == 2000
    assert store.briefs.catch_up(firm) == 0
    assert store.briefs.count(firm, EVERYBODY) == 2500


def test_firms_do_not_see_each_other(store, firm):
    kept(store, firm)
    assert ids(store, f"{firm}-other") == []
    assert store.briefs.of_deal(f"{firm}-other", "D-1", sellers=None) == []


def test_a_seller_sees_deals_whose_newest_receipt_names_that_seller(store, firm):
    kept(store, firm, "D-1", seller_id="S-1")
    kept(store, firm, "D-1", days=1, seller_id="S-2")
    kept(store, firm, "D-2", seller_id="S-1")
    kept(store, firm, "D-3")
    mine = frozenset({"S-1"})
    assert ids(store, firm, sellers=mine) == ["D-2"]
    assert ids(store, firm, sellers=frozenset()) == []
    assert store.briefs.of_deal(firm, "D-1", sellers=mine) == []
    assert len(store.briefs.of_deal(firm, "D-1", sellers=frozenset({"S-2"}))) == 2
    assert store.briefs.values(firm, "seller_id", sellers=mine) == ["S-1"]
    assert set(store.briefs.values(firm, "seller_id", sellers=None)) == {"S-1", "S-2"}


def test_the_newest_of_a_deal_is_the_one_it_is_listed_by_though_an_undated_one_came_later(store, firm):
    dated = kept(store, firm, seller_id="S-1")
    later = a_receipt(a_deal(as_of=None, seller_id="S-2"), scored_at=NOON + DAY)
    store.receipts.keep(firm, [later])
    [listed_by] = listed(store, firm)
    told = store.briefs.of_deal(firm, "D-1", sellers=frozenset({"S-1"}))
    assert [one.receipt_id for one in told] == [listed_by.receipt_id, later.receipt_id]
    assert listed_by.receipt_id == dated.receipt_id
    assert store.briefs.of_deal(firm, "D-1", sellers=frozenset({"S-2"})) == []


def test_what_is_unknown_comes_last_in_either_direction(store, firm):
    for deal_id, amount in (("D-1", 5), ("D-2", None), ("D-3", 7)):
        kept(store, firm, deal_id, amount=amount)
    assert ids(store, firm, sort="amount", descending=True) == ["D-3", "D-1", "D-2"]
    assert ids(store, firm, sort="amount", descending=False) == ["D-1", "D-3", "D-2"]


def test_search_takes_its_text_as_it_is(store, firm):
    kept(store, firm, "D-10", company_id="ACME_1")
    kept(store, firm, "D-2", company_id="ACMEX1")
    assert ids(store, firm, search="d-1") == ["D-10"]
    assert ids(store, firm, search="acme_") == ["D-10"]
    assert ids(store, firm, search="%") == []


def test_open_deals_are_those_without_an_outcome(store, firm):
    kept(store, firm, "D-1")
    kept(store, firm, "D-2")
    store.outcomes.record(firm, [an_outcome("D-2")], at=NOON)
    assert ids(store, firm, equal={"status": [""]}) == ["D-1"]
    assert ids(store, firm, equal={"status": ["won"]}) == ["D-2"]
    assert set(ids(store, firm, equal={"status": ["", "won"]})) == {"D-1", "D-2"}


def test_a_deal_that_is_open_again_is_listed_as_open_until_it_ends_anew(store, firm):
    kept(store, firm)
    store.outcomes.record(firm, [an_outcome()], at=NOON)
    assert ids(store, firm, equal={"status": ["won"]}) == ["D-1"]
    back = an_outcome(status=Status.REOPENED, closed_at=None, realised_profit=None)
    store.outcomes.record(firm, [back], at=NOON + DAY)
    [brief] = listed(store, firm, equal={"status": [""]})
    assert (brief.status, brief.closed_at, brief.realised_profit) == (None, None, None)
    store.outcomes.record(firm, [an_outcome(status=Status.LOST)], at=NOON + 2 * DAY)
    assert ids(store, firm, equal={"status": ["lost"]}) == ["D-1"]


def test_pages_follow_each_other(store, firm):
    for number in range(5):
        kept(store, firm, f"D-{number}", days=number)
    store.briefs.catch_up(firm)
    read = [store.briefs.read(firm, EVERYBODY, first=first, at_most=2) for first in (0, 2, 4)]
    assert [[one.deal_id for one in page] for page in read] == [["D-4", "D-3"], ["D-2", "D-1"], ["D-0"]]


def test_a_backtest_stands_beside_the_receipt_it_is_of(store, firm):
    receipt = kept(store, firm)
    test = Backtest(receipt_id=receipt.receipt_id, probability=0.4, expected_profit=1.0, model_version="3")
    store.backtests.keep(firm, [test])
    store.briefs.catch_up(firm)
    [brief] = store.briefs.of_deal(firm, "D-1", sellers=None)
    assert (brief.backtest, brief.probability) == (test, None)


def test_what_nobody_noted_is_found_by_the_next_process(store, firm):
    kept(store, firm)
    with store.database.writing() as connection:
        connection.execute(delete(briefs_due).where(briefs_due.c.firm == firm))
    assert SqlBriefs(store.database).catch_up(firm) == 0
    assert ids(store, firm) == ["D-1"]


def test_no_page_shows_a_sandbox(store, firm):
    store.receipts.keep(firm, [a_receipt(a_deal(), origin="sandbox")])
    assert ids(store, firm) == []


def test_of_a_forgotten_deal_no_fact_is_left_in_brief(store, firm):
    kept(store, firm, seller_id="S-1", industry="dairy", amount=7)
    assert listed(store, firm)[0].seller_id == "S-1"
    store.forgetting.forget(firm, "D-1", at=NOON)
    [brief] = listed(store, firm)
    assert (brief.seller_id, brief.industry, brief.amount) == (None, None, None)
    assert brief.verdict == "accept"


def money(store, firm, deal_id, expected, **said: Any):
    answer = an_answer(model=a_model_answer(expected_profit=expected))
    deal = a_deal(deal_id, as_of=NOON + said.pop("days", 0) * DAY, **said)
    store.receipts.keep(firm, [a_receipt(deal, answer=answer)])


def test_deals_are_tallied_by_a_column_with_what_they_are_expected_to_bring(store, firm):
    money(store, firm, "D-1", 100.0, seller_id="S-1")
    money(store, firm, "D-2", 50.0, seller_id="S-1")
    money(store, firm, "D-3", None, seller_id="S-2")
    money(store, firm, "D-4", 7.0)
    store.briefs.catch_up(firm)
    tallies = store.briefs.tally(firm, EVERYBODY, "seller_id")
    assert tallies == {"S-1": (2, 150.0), "S-2": (1, 0.0), "": (1, 7.0)}
    own = replace(EVERYBODY, sellers=frozenset({"S-2"}))
    assert store.briefs.tally(firm, own, "seller_id") == {"S-2": (1, 0.0)}


def test_the_first_deals_are_counted_and_added_up_in_the_order_asked_for(store, firm):
    for number, expected in enumerate((10.0, 30.0, None, 20.0)):
        money(store, firm, f"D-{number}", expected)
    store.briefs.catch_up(firm)
    asked = replace(EVERYBODY, sort="expected_profit")
    assert [store.briefs.first_of(firm, asked, n) for n in (0, 2, 4, 9)] == [(0, 0.0), (2, 50.0), (4, 60.0), (4, 60.0)]


def test_of_the_first_deals_those_of_some_sellers_are_counted_alone(store, firm):
    for number, expected in enumerate((10.0, 30.0, None, 20.0)):
        money(store, firm, f"D-{number}", expected, seller_id=f"S-{number % 2}")
    store.briefs.catch_up(firm)
    asked = replace(EVERYBODY, sort="expected_profit")
    own = replace(EVERYBODY, sellers=frozenset({"S-1"}))
    counted = [store.briefs.first_of(firm, asked, n, among=own) for n in (0, 1, 2, 3, 4)]
    assert counted == [(0, 0.0), (1, 30.0), (2, 50.0), (2, 50.0), (2, 50.0)]
    others = replace(EVERYBODY, sellers=frozenset({"S-0"}))
    assert [store.briefs.first_of(firm, asked, n, among=others) for n in (2, 3, 4)] == [(0, 0.0), (1, 10.0), (2, 10.0)]


def test_deals_that_no_model_priced_come_last_by_what_they_bring_if_won(store, firm):
    money(store, firm, "D-0", 1.0)
    for number, profit in enumerate((20, 30, 10), 1):
        answer = replace(an_answer(), model=None)
        economics = replace(answer.rule.economics, profit_if_won=profit)
        answer = replace(answer, rule=replace(answer.rule, economics=economics))
        store.receipts.keep(firm, [a_receipt(a_deal(f"D-{number}"), answer=answer)])
    assert ids(store, firm, sort="expected_profit") == ["D-0", "D-2", "D-1", "D-3"]


def test_a_deal_is_known_since_its_first_receipt(store, firm):
    for days in (3, 1, 2):
        money(store, firm, "D-1", 1.0, days=days)
    money(store, firm, "D-2", 1.0, days=5)
    store.briefs.catch_up(firm)
    assert store.briefs.since(firm, ["D-1", "D-2", "D-9"]) == {"D-1": NOON + DAY, "D-2": NOON + 5 * DAY}
