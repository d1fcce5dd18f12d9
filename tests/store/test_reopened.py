"""A deal that is open again counts as open wherever outcomes are read, whatever was said of its end before."""

from mlscore.ports import HistoryFacts
from mlscore.scoring.deal import Status
from mlscore.scoring.policy import default_policy
from mlscore.scoring.receipt import Verdict
from mlscore.store import Store
from tests.store.builders import DAY, NOON, a_deal, a_receipt, an_outcome

END = NOON + DAY
AGAIN = NOON + 2 * DAY


def reopened(store: Store, firm: str, deal_id: str = "D-1") -> None:
    back = an_outcome(deal_id, status=Status.REOPENED, closed_at=None, realised_profit=None)
    store.outcomes.record(firm, [back], at=AGAIN)


def a_won_deal(store: Store, firm: str, deal_id: str = "D-1", **facts: object) -> None:
    store.receipts.keep(firm, [a_receipt(a_deal(deal_id, **facts))])
    store.outcomes.record(firm, [an_outcome(deal_id, closed_at=END)], at=END)


def test_it_is_closed_no_more(store: Store, firm: str) -> None:
    a_won_deal(store, firm)
    a_won_deal(store, firm, "D-2")
    reopened(store, firm)
    assert [one.deal.deal_id for one in store.closed.closed_deals(firm)] == ["D-2"]
    assert [one.deal.deal_id for one in store.closed.in_brief(firm)] == ["D-2"]
    assert store.closed.without_outcome(firm) == {Verdict.ACCEPT: 1}


def test_it_is_open_and_its_row_has_no_outcome(store: Store, firm: str) -> None:
    a_won_deal(store, firm)
    reopened(store, firm)
    assert [(one.deal.deal_id, one.outcome) for one in store.asked.open_deals(firm)] == [("D-1", None)]
    [row] = store.asked.deals(firm)
    assert (row.outcome, row.first_known_at) == (None, None)


def test_what_was_known_before_is_still_what_was_known_then(store: Store, firm: str) -> None:
    a_won_deal(store, firm)
    reopened(store, firm)
    assert len(store.closed.closed_deals(firm, known_by=END)) == 1
    assert store.closed.closed_deals(firm, known_by=AGAIN) == []


def test_its_second_end_is_learned_when_it_comes_not_when_the_first_did(store: Store, firm: str) -> None:
    a_won_deal(store, firm)
    reopened(store, firm)
    store.outcomes.record(firm, [an_outcome(closed_at=AGAIN + DAY, known_at=AGAIN + DAY)], at=AGAIN + DAY)
    [closed] = store.closed.closed_deals(firm)
    assert (closed.outcome.closed_at, closed.first_known_at) == (AGAIN + DAY, AGAIN + DAY)
    assert store.closed.without_outcome(firm) == {}
    assert store.asked.open_deals(firm) == []


def test_the_company_has_not_won_it(store: Store, firm: str) -> None:
    store.receipts.keep(firm, [a_receipt(a_deal("D-old", as_of=NOON - 900 * DAY))])
    a_won_deal(store, firm, company_id="C-1")
    asking = a_deal("D-9", company_id="C-1", as_of=AGAIN)
    [before] = store.receipts.history(firm, [a_deal("D-9", company_id="C-1", as_of=END)], policy=default_policy())
    reopened(store, firm)
    [after] = store.receipts.history(firm, [asking], policy=default_policy())
    assert before == HistoryFacts(
        won_deals_24m=1, median_profit_24m=1_200_000, small_exceptions_6m=0, trial_exceptions=0
    )
    assert after.won_deals_24m == 0


def test_the_track_record_forgets_it_at_the_next_look(store: Store, firm: str) -> None:
    policy = default_policy()
    a_won_deal(store, firm, company_id="C-1")
    a_won_deal(store, firm, "D-2", company_id="C-1")
    before = store.track_records.of(firm, policy)
    reopened(store, firm)
    after = store.track_records.of(firm, policy)
    assert before is not None
    assert after is not None
    assert (len(before), len(after)) == (2, 1)


def test_the_newest_outcome_says_that_it_is_open_again(store: Store, firm: str) -> None:
    a_won_deal(store, firm)
    a_won_deal(store, firm, "D-2")
    reopened(store, firm)
    newest = store.outcomes.newest(firm, ["D-1", "D-2", "D-3"])
    assert {deal_id: (one.version, one.outcome.status) for deal_id, one in newest.items()} == {
        "D-1": (2, Status.REOPENED),
        "D-2": (1, Status.WON),
    }
