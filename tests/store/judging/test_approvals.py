"""Decisions on deals below the floor are kept version by version, beside the deals they are of."""

import pytest

from mlscore.ports import Approval, DeedsAsked
from mlscore.scoring.deal import Status
from mlscore.scoring.errors import ConflictError
from mlscore.scoring.receipt import Verdict
from tests.store.builders import DAY, NOON, a_deal, a_receipt, an_outcome


def an_approval(deal_id="D-1", **said):
    return Approval(**{"deal_id": deal_id, "approved": True, "why": "They grow", "by": "Анна", "at": NOON, **said})


def excused(store, firm, deal_id="D-1", *, kind="trial", verdict=Verdict.ACCEPT_EXCEPTION, days=0, **facts):
    deal = a_deal(deal_id, as_of=NOON + days * DAY, **facts)
    store.receipts.keep(firm, [a_receipt(deal, exception=kind, verdict=verdict)])
    store.briefs.catch_up(firm)


def test_who_did_not_see_the_newest_decision_is_told(store, firm):
    first = store.approvals.decide(firm, an_approval(), known=0)
    second = store.approvals.decide(firm, an_approval(approved=False, at=NOON + DAY), known=1)
    with pytest.raises(ConflictError) as told:
        store.approvals.decide(firm, an_approval(), known=1)
    assert told.value.code == "web.exception.meanwhile"
    assert store.approvals.of_deal(firm, "D-1") == [second, first]
    assert store.approvals.newest(firm) == {"D-1": second}


def test_a_decision_keeps_its_days_and_its_promise_and_stands_in_the_log(store, firm):
    said = {
        "expires_at": NOON + DAY,
        "promised": 5_000_000,
        "promised_by": NOON + 90 * DAY,
        "prospects": "Two boilers a year",
    }
    kept = store.approvals.decide(firm, an_approval(**said), known=0)
    assert store.approvals.of_deal(firm, "D-1") == [an_approval(**said)] == [kept]
    store.approvals.decide(firm, an_approval(approved=False, why="No more"), known=1)
    newer, older = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (older.what, older.subject, older.before) == ("approval.given", "D-1", None)
    assert older.after["promised"] == 5_000_000
    assert older.after["expires_at"] == (NOON + DAY).isoformat()
    assert older.after["prospects"] == "Two boilers a year"
    assert (newer.what, newer.before, newer.after) == ("approval.refused", older.after, {"why": "No more"})


def test_the_deals_are_those_the_rules_excuse_and_those_decided_of(store, firm):
    excused(store, firm, "D-1", seller_id="S-1", company_id="C-1", days=1)
    excused(store, firm, "D-2", kind=None, verdict=Verdict.REFUSE)
    excused(store, firm, "D-3", kind=None, verdict=Verdict.ACCEPT, seller_id="S-2")
    store.approvals.decide(firm, an_approval("D-3"), known=0)
    found = store.approvals.excepted(firm, sellers=None)
    assert [(one.deal_id, one.kind) for one in found] == [("D-1", "trial"), ("D-3", None)]
    assert (found[0].company_id, found[0].seller_id, found[0].status) == ("C-1", "S-1", None)
    assert [one.deal_id for one in store.approvals.excepted(firm, sellers=frozenset({"S-2"}))] == ["D-3"]
    assert store.approvals.excepted(firm, sellers=frozenset()) == []


def test_a_deal_counts_from_when_it_was_first_approved(store, firm):
    for known, (deal_id, approved) in enumerate((("D-1", False), ("D-1", True), ("D-1", True))):
        store.approvals.decide(firm, an_approval(deal_id, approved=approved, at=NOON + known * DAY), known=known)
    store.approvals.decide(firm, an_approval("D-2", approved=False), known=0)
    assert store.approvals.first_approved(firm) == {"D-1": NOON + DAY}


def test_only_the_newest_receipt_says_whether_a_deal_is_excused(store, firm):
    excused(store, firm, "D-1")
    excused(store, firm, "D-1", kind=None, verdict=Verdict.ACCEPT, days=1)
    assert store.approvals.excepted(firm, sellers=None) == []


def test_what_clients_won_is_read(store, firm):
    for number, status in ((1, Status.WON), (2, Status.LOST), (3, Status.WON)):
        excused(store, firm, f"D-{number}", company_id="C-1" if number < 3 else "C-2")
        store.outcomes.record(firm, [an_outcome(f"D-{number}", status=status)], at=NOON)
    store.briefs.catch_up(firm)
    [won] = store.approvals.won_by(firm, {"C-1"})
    assert (won.deal_id, won.company_id, won.closed_at, won.realised_profit) == ("D-1", "C-1", NOON, 1_200_000)
    assert store.approvals.won_by(firm, set()) == []
