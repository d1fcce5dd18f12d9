"""Where exceptions stand, what they brought back, and who has too many."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from mlscore.ports import Approval, ExceptedDeal, WonDeal
from mlscore.scoring.errors import FaultyInputError, NotFoundError
from mlscore.service.judging import Excepting
from tests.builders import NOON, roubles
from tests.fakes import FakeClock

DAY = timedelta(days=1)


@dataclass
class Kept:
    """The deals and decisions given."""

    deals: list[ExceptedDeal] = field(default_factory=list)
    decided: dict[str, Approval] = field(default_factory=dict)
    won: list[WonDeal] = field(default_factory=list)
    first: dict[str, datetime] = field(default_factory=dict)

    def excepted(self, firm, *, sellers):
        return self.deals

    def newest(self, firm):
        return self.decided

    def first_approved(self, firm):
        return {one.deal_id: one.at for one in self.decided.values() if one.approved} | self.first

    def won_by(self, firm, company_ids):
        return [one for one in self.won if one.company_id in company_ids]

    def decide(self, firm, approval, *, known):
        self.decided[approval.deal_id] = approval
        return approval


def a_deal(deal_id="D-1", **said):
    usual = {"company_id": "C-1", "seller_id": "S-1", "kind": "trial", "profit_if_won": roubles(3_000)}
    ends = {"status": None, "realised_profit": None, "at": NOON}
    return ExceptedDeal(**{"deal_id": deal_id, **usual, **ends, **said})


def an_approval(deal_id="D-1", **said):
    return Approval(**{"deal_id": deal_id, "approved": True, "why": "They grow", "by": "Анна", "at": NOON, **said})


def won(deal_id, *, days, profit=10_000, company_id="C-1"):
    return WonDeal(deal_id=deal_id, company_id=company_id, closed_at=NOON + days * DAY, realised_profit=roubles(profit))


def excepting(kept, *, days=10.0, allowed=2):
    return Excepting(kept, FakeClock(NOON + days * DAY), allowed)


def state(deal, approval=None, *won_deals, days=10.0):
    kept = Kept([deal], {} if approval is None else {deal.deal_id: approval}, list(won_deals))
    [one] = excepting(kept, days=days).ledger("main", sellers=None)
    return one.state


def test_an_exception_waits_for_a_decision_and_then_has_one():
    assert state(a_deal()) == "waiting"
    assert state(a_deal(), an_approval(approved=False)) == "declined"
    assert state(a_deal(), an_approval()) == "approved"
    assert state(a_deal(status="lost")) == "moot"
    assert state(a_deal(status="lost"), an_approval()) == "moot"


def test_an_approval_runs_out_while_its_deal_is_open():
    approval = an_approval(expires_at=NOON + 5 * DAY)
    assert state(a_deal(), approval, days=4.9) == "approved"
    assert state(a_deal(), approval, days=5) == "lapsed"
    assert state(a_deal(status="won", closed_at=NOON + 4 * DAY), approval, days=6) == "settled"
    assert state(a_deal(status="won", closed_at=NOON + 6 * DAY), approval, days=7) == "unapproved"


def test_what_was_won_though_nobody_approved_it_is_said():
    assert state(a_deal(status="won")) == "unapproved"
    assert state(a_deal(status="won"), an_approval(approved=False)) == "unapproved"


def test_an_approval_given_again_forgets_nothing_that_has_come_back():
    again = an_approval(promised=roubles(5_000), at=NOON + 5 * DAY)
    kept = Kept([a_deal(status="won")], {"D-1": again}, [won("D-2", days=2)], {"D-1": NOON})
    [one] = excepting(kept).ledger("main", sellers=None)
    assert (one.returned, one.state) == (roubles(10_000), "settled")


def test_a_closed_deal_is_not_decided_of():
    kept = Kept([a_deal(status="won")])
    with pytest.raises(FaultyInputError):
        excepting(kept, days=0).decide("main", an_approval(), known=0)
    assert kept.decided == {}


def test_a_promise_is_kept_by_what_the_clients_later_deals_brought():
    deal, approval = a_deal(status="won"), an_approval(promised=roubles(15_000), promised_by=NOON + 30 * DAY)
    assert state(deal, approval, won("D-2", days=2)) == "owing"
    assert state(deal, approval, won("D-2", days=2), won("D-3", days=3)) == "settled"
    assert state(deal, approval, won("D-2", days=2), days=31) == "overdue"


def test_what_came_before_the_approval_or_from_the_deal_itself_or_from_others_pays_nothing_back():
    kept = Kept(
        [a_deal(status="won")],
        {"D-1": an_approval(promised=roubles(1))},
        [won("D-0", days=-1), won("D-1", days=2), won("D-9", days=2, company_id="C-2"), won("D-2", days=3, profit=700)],
    )
    [one] = excepting(kept).ledger("main", sellers=None)
    assert one.returned == roubles(700)


def test_a_seller_may_have_so_many_that_have_not_settled():
    deals = [a_deal(f"D-{n}", seller_id="S-1" if n < 3 else "S-2", status="won" if n == 4 else None) for n in range(5)]
    kept = Kept(deals, {one.deal_id: an_approval(one.deal_id) for one in deals})
    service = excepting(kept)
    first, second = service.quotas(service.ledger("main", sellers=None))
    assert (first.seller_id, first.used, first.allowed, first.is_over) == ("S-1", 3, 2, True)
    assert (second.seller_id, second.used, second.is_over) == ("S-2", 1, False)


def test_a_decision_needs_an_excused_deal_a_reason_and_a_day_to_come():
    kept = Kept([a_deal()])
    service = excepting(kept, days=0)
    with pytest.raises(NotFoundError):
        service.decide("main", an_approval("D-9"), known=0)
    for said in ({"why": ""}, {"why": "x" * 501}, {"expires_at": NOON}, {"promised_by": NOON - DAY}):
        with pytest.raises(FaultyInputError):
            service.decide("main", an_approval(**said), known=0)
    assert kept.decided == {}
    service.decide("main", an_approval(expires_at=NOON + DAY), known=0)
    assert kept.decided["D-1"].why == "They grow"
