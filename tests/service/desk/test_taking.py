"""Deals on the phone: what was told lies over the newest that is known, and nothing else is touched."""

from dataclasses import dataclass, field, replace

import pytest

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import FactError, FaultyInputError, NotFoundError
from mlscore.service.desk import Desk, Paper
from mlscore.service.outcomes import OutcomeService
from tests.builders import NOON, a_good_deal, roubles
from tests.fakes import FakeClock, InMemoryOutcomes, InMemoryReceipts
from tests.service.test_scoring import a_service


@dataclass
class Numbered:
    """Numbers deals, and keeps what was written down."""

    given: list[str] = field(default_factory=list)
    lines: list[tuple[str, object]] = field(default_factory=list)

    def give(self, firm, draft, *, by, at):
        self.given.append(draft)
        return f"DESK-{at.year}-{len(self.given):06}"

    def note(self, firm, *, at, who, what, subject, before=None, after=None):
        self.lines.append((what, after))


def a_desk(receipts=None, *, office=None, clock=None):
    receipts, office, clock = receipts or InMemoryReceipts(), office or Numbered(), clock or FakeClock()
    outcomes = OutcomeService(outcomes=InMemoryOutcomes(), receipts=receipts, clock=clock)
    scoring = a_service(receipts, clock=clock)
    return Desk(scoring=scoring, outcomes=outcomes, receipts=receipts, numbers=office, audit=office, clock=clock)


def kept(receipts, **facts):
    [receipt] = a_service(receipts).score("main", [a_good_deal(seller_id="S-1", **facts)])
    return receipt


def test_an_answer_is_kept_nowhere_and_takes_no_number():
    receipts, office = InMemoryReceipts(), Numbered()
    receipt = a_desk(receipts, office=office).answer("main", Paper(), {"steam_tph": 1.0})
    assert receipt.answer.rule.fire is False
    assert (receipts.of_deal("main", receipt.deal.deal_id), office.given, office.lines) == ([], [], [])


def test_a_deal_that_begins_is_kept_under_its_number_as_of_now_with_who_told_what():
    receipts, office = InMemoryReceipts(), Numbered()
    told = {"steam_tph": 5.0, "asap": None, "seller_id": "S-1"}
    receipt = a_desk(receipts, office=office).keep("main", Paper(), told, draft="d", by="Оля")
    assert receipts.of_deal("main", f"DESK-{NOON.year}-000001") == [receipt]
    assert (receipt.deal.created_at, receipt.deal.as_of, receipt.deal.seller_id) == (NOON, NOON, "S-1")
    assert office.lines == [("desk.kept", {"facts": ["asap", "seller_id", "steam_tph"]})]


@pytest.mark.parametrize("told", [{}, {"seller_id": "S-1"}, {"asap": None}])
def test_of_a_deal_of_which_nothing_was_told_nothing_is_kept(told):
    office = Numbered()
    with pytest.raises(FaultyInputError) as refused:
        a_desk(office=office).keep("main", Paper(), told, draft="d", by="Оля")
    assert (refused.value.code, office.given) == ("web.desk.nothing_told", [])


def test_a_fact_the_policy_does_not_know_is_refused_before_a_number_is_given():
    office = Numbered()
    with pytest.raises(FactError):
        a_desk(office=office).keep("main", Paper(), {"boiler_age": 5.0}, draft="d", by="Оля")
    assert office.given == []


def test_what_is_told_lies_over_the_newest_receipt_whichever_the_form_was_filled_from():
    receipts, clock = InMemoryReceipts(), FakeClock()
    first = kept(receipts, amount=roubles(10))
    [second] = a_service(receipts, clock=clock).score(
        "main", [replace(first.deal, as_of=NOON, amount=roubles(20), steam_tph=9.0)], receipt_ids=["R-later"]
    )
    clock.wait(60)
    desk = a_desk(receipts, clock=clock)
    paper = desk.open("main", first.deal.deal_id, shown=first.receipt_id)
    assert paper.newest == max((first, second), key=lambda one: (one.as_of, one.scored_at, one.receipt_id))
    assert paper.shown == first
    deal = desk.answer("main", paper, {"asap": True, "amount": None}).deal
    assert (deal.asap, deal.amount, deal.steam_tph) == (True, None, paper.newest.deal.steam_tph)
    assert deal.as_of == clock()


def test_another_seller_s_deal_is_not_opened():
    receipts = InMemoryReceipts()
    deal_id = kept(receipts).deal.deal_id
    assert a_desk(receipts).open("main", deal_id, sellers={"S-1"}).deal_id == deal_id
    for sellers, asked in (({"S-2"}, deal_id), (None, "D-404")):
        with pytest.raises(NotFoundError):
            a_desk(receipts).open("main", asked, sellers=sellers)


def test_the_client_s_history_is_counted_anew_where_the_store_can_count_it():
    receipts = InMemoryReceipts()
    receipt = kept(receipts, company_id="C-1", won_deals_24m=1.0, median_profit_24m=roubles(7))
    receipts.facts = {"C-1": HistoryFacts(won_deals_24m=4)}
    deal = a_desk(receipts).answer("main", Paper(shown=receipt, newest=receipt), {}).deal
    assert (deal.won_deals_24m, deal.median_profit_24m) == (4, roubles(7))


def test_a_won_deal_is_told_with_its_profit_and_as_ended_now_unless_said_otherwise():
    receipts = InMemoryReceipts()
    receipt = kept(receipts)
    desk, paper = a_desk(receipts), Paper(shown=receipt, newest=receipt)
    for status, code in (("won", "web.desk.end.no_profit"), ("reopened", "web.desk.end.choose")):
        with pytest.raises(FaultyInputError) as refused:
            desk.end("main", paper, status, profit=None, closed_at=None, by="Оля")
        assert refused.value.code == code
    assert desk.ended("main", receipt.deal.deal_id) is None
    desk.end("main", paper, "won", profit=roubles(9), closed_at=None, by="Оля")
    ended = desk.ended("main", receipt.deal.deal_id)
    assert (ended.status, ended.realised_profit, ended.closed_at) == (Status.WON, roubles(9), NOON)
