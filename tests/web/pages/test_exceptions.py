"""Exceptions are decided of by a person, and kept account of."""

import csv
from datetime import timedelta

import pytest

from mlscore.ports import Approval
from mlscore.scoring.deal import Outcome, Status
from tests.builders import NOON, a_good_deal, roubles
from tests.web.visiting import a_stage, said

REGULAR = {
    "won_deals_24m": 4,
    "median_profit_24m": roubles(12_000),
    "small_exceptions_6m": 0,
    "profit_if_won": roubles(3_000),
}
DAY = timedelta(days=1)


@pytest.fixture
def own(tmp_path):
    """Give pages with three deals below the floor, of two sellers."""
    with a_stage(tmp_path, has_deals=False) as opened:
        deals = [
            a_good_deal(
                deal_id=f"E-{n}", stage="deal", seller_id=f"S-{n % 2}", company_id=f"C-{n}", as_of=NOON, **REGULAR
            )
            for n in range(3)
        ]
        opened.application.scoring.score(opened.firm, deals)
        yield opened


def decided(browser, deal_id="E-0", **given):
    usual = {"approved": "yes", "why": "They grow.", "known": "0"}
    return browser.send(f"/deals/{deal_id}/exception", **{**usual, **given})


def test_what_waits_for_a_decision_is_said_first(own):
    text = said(own.signed_in("looks", "manager").get("/exceptions").text)
    assert "Deals that wait for a decision: 3" in text
    assert "a regular client's small order" in text


def test_a_manager_approves_with_a_promise_and_the_ledger_keeps_account(own):
    manager = own.signed_in("approves", "manager")
    sent = decided(
        manager, promised="50 000,00 ₽", promised_by="2099-12-31", expires="2099-01-31", prospects="Two boilers"
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/deals/E-0#exception")
    told = said(manager.get("/deals/E-0").text)
    assert "approved approves They grow. Promised: RUB 50,000 until 31 Dec 2099 Two boilers" in told
    assert "The approval is good until 31 Jan 2099" in told
    text = said(manager.get("/exceptions").text)
    assert "Deals that wait for a decision: 2" in text
    assert "RUB 50,000 until 31 Dec 2099. Two boilers" in text
    assert "approved until 31 Jan 2099" in text
    assert "a client gets one small order below the floor in 182 days" in text
    assert "S-0 1 of 3" in text
    outcome = Outcome(deal_id="E-0", status=Status.WON, closed_at=NOON, realised_profit=roubles(3_000))
    own.application.outcomes.record(own.firm, [outcome])
    assert "accepted for RUB 50,000 of promised profit; RUB 0 of it has come so far" in said(
        manager.get("/exceptions").text
    )
    log = said(own.signed_in("audits", "admin").get("/audit").text)
    assert "exception approved" in log
    for one in (
        "promised: RUB 50,000",
        "prospects: Two boilers",
        "good until: 31 Jan 2099",
        "promised by: 31 Dec 2099",
    ):
        assert one in log


def test_figures_lead_to_the_deals_behind_them(own):
    manager = own.signed_in("follows", "manager")
    decided(manager)
    outcome = Outcome(deal_id="E-1", status=Status.WON, closed_at=NOON, realised_profit=roubles(3_000))
    own.application.outcomes.record(own.firm, [outcome])
    page = manager.get("/exceptions").text
    assert "won without approval: 1" in said(page)
    for part, deals in (
        ("state=0+waiting", ["E-2"]),
        ("state=5+unapproved", ["E-1"]),
        ("seller_id=S-0", ["E-0", "E-2"]),
    ):
        assert f'href="/exceptions?{part.replace("+", "%20")}"' in page
        rows = csv.reader(manager.get(f"/exceptions?{part}&format=csv").text.lstrip("\ufeff").splitlines())
        assert sorted(row[0] for row in list(rows)[1:]) == deals


def test_an_approval_that_ran_out_is_said_and_decided_again(own):
    manager, now = own.signed_in("is late", "manager"), own.application.clock()
    given = Approval(deal_id="E-0", approved=True, why="Once", by="x", at=now - 9 * DAY, expires_at=now - DAY)
    own.office.excepting.approvals.decide(own.firm, given, known=0)
    text = said(manager.get("/exceptions").text)
    assert "Deals that wait for a decision: 3" in text
    assert "approval ran out: 1" in text
    assert "The approval ran out while the deal was open" in said(manager.get("/deals/E-0").text)
    assert decided(manager, known="1").status_code == 303
    assert "approval ran out: 1" not in said(manager.get("/exceptions").text)


def test_a_closed_deal_is_not_decided_of(own):
    outcome = Outcome(deal_id="E-0", status=Status.LOST, closed_at=NOON, realised_profit=None)
    own.application.outcomes.record(own.firm, [outcome])
    answer = decided(own.signed_in("is too late", "manager"))
    assert (answer.status_code, "closed already" in said(answer.text)) == (422, True)


def test_what_will_not_do_is_told_and_nothing_typed_is_lost(own):
    manager = own.signed_in("errs", "manager")
    for given, told in (
        ({"approved": ""}, "Approve or decline."),
        ({"why": " "}, "Give a reason"),
        ({"promised": "much"}, "“much” is no number"),
        ({"promised": "-1"}, "at least 0"),
        ({"expires": "2020-01-01"}, "over already"),
        ({"expires": "soon"}, "“soon” is no day"),
    ):
        answer = decided(manager, **given)
        assert (answer.status_code, told in said(answer.text)) == (422, True), told
    assert "They grow." in decided(manager, promised="much").text
    assert own.office.excepting.approvals.of_deal(own.firm, "E-0") == []


def test_of_two_who_decide_at_once_the_second_is_told(own):
    manager = own.signed_in("is first", "manager")
    decided(manager)
    late = decided(own.signed_in("is second", "manager"), approved="no")
    assert (late.status_code, "Somebody else decided meanwhile" in said(late.text)) == (422, True)


def test_a_seller_sees_his_own_and_decides_of_none(own):
    seller = own.signed_in("sells", "seller", "S-1")
    rows = list(csv.reader(seller.get("/exceptions?format=csv").text.lstrip("\ufeff").splitlines()))[1:]
    assert [row[0] for row in rows] == ["E-1"]
    assert 'name="approved"' not in seller.get("/deals/E-1").text
    assert decided(seller, "E-1").status_code == 403


def test_where_nothing_is_excused_it_says_so(bare):
    assert "No exceptions" in said(bare.signed_in("is new", "viewer").get("/exceptions").text)
