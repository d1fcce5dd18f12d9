"""What the service was asked, in brief: one row a deal, without the whole answer."""

import pytest

from mlscore.ports import AskedDeal, Backtest
from mlscore.scoring.deal import Deal, Status
from mlscore.scoring.errors import FaultyInputError
from mlscore.scoring.receipt import Receipt, Verdict
from mlscore.store import Store
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_model_answer, a_receipt, an_answer, an_outcome


def keep(store: Store, firm: str, *deals: Deal, **said: object) -> list[Receipt]:
    kept = [a_receipt(deal, **said) for deal in deals]
    store.receipts.keep(firm, kept)
    return kept


def ids_of(asked: list[AskedDeal]) -> list[str]:
    return [one.receipt_id for one in asked]


def test_a_row_says_in_brief_what_was_known_and_who_answered(store: Store, firm: str) -> None:
    answer = an_answer(model=a_model_answer(probability=0.63, model_version="7"), verdict=Verdict.REVIEW)
    [kept] = keep(store, firm, a_deal(region="77", extra={"halal": True}), answer=answer)
    [one] = store.asked.deals(firm)
    assert (one.receipt_id, one.deal, one.scored_at) == (kept.receipt_id, kept.deal, kept.scored_at)
    assert (one.policy_version, one.verdict) == (answer.rule.policy_version, Verdict.REVIEW)
    assert (one.model_version, one.probability) == ("7", 0.63)
    assert (one.outcome, one.first_known_at, one.backtest) == (None, None, None)


def test_where_no_model_answered_there_is_no_probability(store: Store, firm: str) -> None:
    keep(store, firm, a_deal())
    [one] = store.asked.deals(firm)
    assert (one.model_version, one.probability) == (None, None)


def test_a_closed_row_has_its_newest_outcome_when_it_was_first_known_and_its_backtest(store: Store, firm: str) -> None:
    [kept] = keep(store, firm, a_deal())
    tested = Backtest(receipt_id=kept.receipt_id, probability=0.4, expected_profit=None, model_version="3")
    store.backtests.keep(firm, [tested])
    store.outcomes.record(firm, [an_outcome(status=Status.LOST, realised_profit=None)], at=NOON + DAY)
    store.outcomes.record(firm, [an_outcome()], at=NOON + 2 * DAY)
    [one] = store.asked.deals(firm)
    assert (one.outcome, one.first_known_at) == (an_outcome(known_at=NOON + 2 * DAY), NOON + DAY)
    assert one.backtest == tested


def test_open_and_closed_deals_come_alike_in_the_order_of_as_of_and_undated_ones_last(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("B", as_of=None), a_deal("A", as_of=None), a_deal("late", as_of=NOON + DAY), a_deal("D"))
    store.outcomes.record(firm, [an_outcome("D"), an_outcome("A")], at=NOON)
    assert [one.deal.deal_id for one in store.asked.deals(firm)] == ["D", "late", "A", "B"]


def test_a_deal_is_one_row_its_first_receipt_at_stage_deal(store: Store, firm: str) -> None:
    stages = enumerate(["lead", "deal", "deal", None])
    kept = keep(store, firm, *(a_deal(stage=stage, as_of=NOON + n * DAY) for n, stage in stages))
    assert ids_of(store.asked.deals(firm)) == [kept[1].receipt_id]


def test_or_its_last_before_closing(store: Store, firm: str) -> None:
    closed = keep(store, firm, *(a_deal(as_of=NOON + n * DAY) for n in range(4)))
    still_open = keep(store, firm, *(a_deal("D-2", as_of=NOON + n * DAY) for n in range(4)))
    store.outcomes.record(firm, [an_outcome(closed_at=NOON + 2 * DAY)], at=NOON + 9 * DAY)
    asked = store.asked.deals(firm, snapshot="last_before_close")
    assert ids_of(asked) == [closed[1].receipt_id, still_open[3].receipt_id]


def test_an_unknown_snapshot_is_refused(store: Store, firm: str) -> None:
    with pytest.raises(FaultyInputError, match="first or last_before_close"):
        store.asked.deals(firm, snapshot="last")


def test_a_deal_scored_only_as_a_lead_was_not_asked_about_as_a_deal_and_is_open_all_the_same(
    store: Store, firm: str
) -> None:
    [kept] = keep(store, firm, a_deal(stage="lead"))
    assert store.asked.deals(firm) == []
    assert ids_of(store.asked.open_deals(firm)) == [kept.receipt_id]


def test_an_open_deal_is_its_newest_receipt(store: Store, firm: str) -> None:
    kept = keep(store, firm, a_deal(as_of=NOON + DAY), a_deal(as_of=NOON), a_deal(as_of=None))
    assert ids_of(store.asked.open_deals(firm)) == [kept[0].receipt_id]
    [again] = keep(store, firm, a_deal(as_of=NOON + DAY), scored_at=NOON + DAY + SECOND)
    assert ids_of(store.asked.open_deals(firm)) == [again.receipt_id]


def test_a_deal_with_an_outcome_is_no_longer_open(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("D-1"), a_deal("D-2"))
    store.outcomes.record(firm, [an_outcome("D-1")], at=NOON)
    assert [one.deal.deal_id for one in store.asked.open_deals(firm)] == ["D-2"]


def test_firms_are_asked_each_about_their_own(store: Store, firm: str) -> None:
    keep(store, firm, a_deal())
    store.outcomes.record(f"not {firm}", [an_outcome()], at=NOON)
    assert len(store.asked.open_deals(firm)) == 1
    assert store.asked.deals(f"not {firm}") == store.asked.open_deals(f"not {firm}") == []


def test_more_deals_than_one_statement_may_name_are_all_read(store: Store, firm: str) -> None:
    deals = [a_deal(f"D-{n:04}") for n in range(1203)]
    keep(store, firm, *deals)
    asked = store.asked.deals(firm)
    assert [one.deal for one in asked] == deals
    assert store.asked.open_deals(firm) == asked
