"""Receipts come back exactly as they were kept, and never change."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import DBAPIError

from mlscore.scoring.deal import FACTS, Deal, Kind
from mlscore.store import Store
from mlscore.store.codec import read_answer, write_answer
from mlscore.store.tables import facts, receipts
from tests.store.builders import DAY, NOON, SECOND, a_deal, a_model_answer, a_receipt, an_answer

MOSCOW = timezone(timedelta(hours=3))
SAMPLE = {
    Kind.TEXT: "Паровой котёл, 5 т/ч; «срочно»",
    Kind.NUMBER: 0.1 + 0.2,
    Kind.MONEY: 12_345_678_901_234_567,
    Kind.TRI: False,
    Kind.DATE: date(2026, 2, 28),
    Kind.MOMENT: datetime(2026, 3, 2, 12, 0, 0, 123_457, tzinfo=MOSCOW),
}


def a_full_deal() -> Deal:
    extra = {
        "whole": 3,
        "share": 3.0,
        "yes": True,
        "text": "2026-02-28",
        "day": date(2026, 2, 28),
        "moment": datetime(2026, 2, 28, 1, 2, 3, 4, tzinfo=UTC),
        "unknown": None,
    }
    return Deal(deal_id="D-1", extra=extra, **{name: SAMPLE[fact.kind] for name, fact in FACTS.items()})


def test_a_receipt_comes_back_exactly_as_it_was_kept(store: Store, firm: str) -> None:
    deal = a_full_deal()
    kept = a_receipt(deal, answer=an_answer(model=a_model_answer()), origin="import")
    store.receipts.keep(firm, [kept])
    found = store.receipts.find(firm, kept.receipt_id)
    assert found == kept
    assert {n: type(v) for n, v in found.deal.extra.items()} == {n: type(v) for n, v in deal.extra.items()}
    assert type(found.answer.rule.reasons[0].params["above"]) is int


def test_a_challengers_answer_is_kept_beside_the_models(store: Store, firm: str) -> None:
    answer = an_answer(model=a_model_answer(), challenger=a_model_answer(model_version="8", reasons=()))
    store.receipts.keep(firm, [kept := a_receipt(a_deal(), answer=answer)])
    assert store.receipts.find(firm, kept.receipt_id) == kept


def test_an_answer_kept_before_there_were_challengers_is_read_without_one() -> None:
    answer = an_answer(model=a_model_answer())
    before = json.loads(write_answer(answer))
    assert before.pop("challenger") is None
    assert read_answer(json.dumps(before)) == answer


def test_facts_that_were_not_known_stay_unknown(store: Store, firm: str) -> None:
    kept = a_receipt(Deal(deal_id="D-1"))
    store.receipts.keep(firm, [kept])
    found = store.receipts.find(firm, kept.receipt_id)
    assert found is not None
    assert found.deal == Deal(deal_id="D-1")
    assert found.as_of is None


def test_a_number_that_is_none_does_not_make_a_receipt_unreadable(store: Store, firm: str) -> None:
    model = a_model_answer(probability=float("nan"), expected_profit=float("inf"))
    kept = a_receipt(a_deal(steam_tph=float("inf")), answer=an_answer(model=model))
    store.receipts.keep(firm, [kept])
    found = store.receipts.find(firm, kept.receipt_id)
    assert found is not None
    assert found.answer.model is not None
    assert found.answer.model.probability != found.answer.model.probability
    assert (found.answer.model.expected_profit, found.deal.steam_tph) == (float("inf"), float("inf"))


def test_a_receipt_of_another_firm_or_another_name_is_not_found(store: Store, firm: str) -> None:
    kept = a_receipt()
    store.receipts.keep(firm, [kept])
    assert store.receipts.find(f"not {firm}", kept.receipt_id) is None
    assert store.receipts.find(firm, "another") is None
    assert store.receipts.of_deal(f"not {firm}", "D-1") == []


def test_a_deals_receipts_come_newest_first(store: Store, firm: str) -> None:
    early, late = (a_receipt(scored_at=NOON + days * DAY) for days in (0, 1))
    store.receipts.keep(firm, [early, late, a_receipt(a_deal("D-2"))])
    assert store.receipts.of_deal(firm, "D-1") == [late, early]


def test_keeping_a_receipt_again_leaves_the_first_as_it_is(store: Store, firm: str) -> None:
    first = a_receipt(a_deal(region="77"))
    store.receipts.keep(firm, [first])
    store.receipts.keep(firm, [a_receipt(a_deal(region="78"), receipt_id=first.receipt_id), a_receipt(a_deal("D-2"))])
    assert store.receipts.find(firm, first.receipt_id) == first
    assert len(store.receipts.of_deal(firm, "D-2")) == 1


def test_of_two_receipts_kept_at_once_under_one_id_the_first_stays(store: Store, firm: str) -> None:
    first, second = (a_receipt(a_deal(region=region), receipt_id="same") for region in ("77", "78"))
    store.receipts.keep(firm, [first, second, a_receipt(a_deal("D-2"))])
    assert store.receipts.of_deal(firm, "D-1") == [first]
    assert len(store.receipts.of_deal(firm, "D-2")) == 1


def test_two_firms_may_name_their_receipts_alike(store: Store, firm: str) -> None:
    ours = a_receipt(a_deal(region="77"), receipt_id="same")
    theirs = a_receipt(a_deal(region="78"), receipt_id="same")
    store.receipts.keep(firm, [ours])
    store.receipts.keep(f"not {firm}", [theirs])
    assert store.receipts.find(firm, "same") == ours
    assert store.receipts.find(f"not {firm}", "same") == theirs


def test_receipts_are_kept_all_or_none(store: Store, firm: str) -> None:
    fine = [a_receipt(a_deal(f"D-{n}")) for n in range(1500)]
    timeless = a_receipt(scored_at=NOON.replace(tzinfo=None))
    with pytest.raises(Exception, match="without an offset"):
        store.receipts.keep(firm, [*fine, timeless])
    with store.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(receipts).where(receipts.c.firm == firm)) == 0


def test_the_same_receipts_kept_at_once_by_several_are_kept_once(store: Store, firm: str) -> None:
    many = [a_receipt(a_deal(f"D-{n}")) for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.receipts.keep(firm, many), range(4)))
    with store.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(receipts).where(receipts.c.firm == firm)) == len(many)
        assert connection.scalar(select(func.count()).select_from(facts).where(facts.c.firm == firm)) == len(many)


@pytest.mark.parametrize("table", ["receipts", "outcomes"])
@pytest.mark.parametrize("change", ["UPDATE {} SET deal_id = 'D-2'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_a_receipt_or_an_outcome(
    store: Store, firm: str, table: str, change: str
) -> None:
    store.receipts.keep(firm, [a_receipt()])
    with store.database.writing() as connection:
        connection.execute(
            text(
                "INSERT INTO outcomes (firm, deal_id, version, status, known_at, recorded_at) "
                "VALUES (:firm, 'D-1', 1, 'lost', 0, 0)"
            ),
            {"firm": firm},
        )
    with pytest.raises(DBAPIError, match="are never changed"), store.database.writing() as connection:
        connection.execute(text(change.format(table)))


def test_facts_may_be_erased_and_do_not_come_back_with_a_repeat(store: Store, firm: str) -> None:
    kept = a_receipt(a_deal(company_id="C-1", region="77"))
    store.receipts.keep(firm, [kept])
    with store.database.writing() as connection:
        connection.execute(delete(facts).where(facts.c.firm == firm))
    store.receipts.keep(firm, [kept])
    found = store.receipts.find(firm, kept.receipt_id)
    assert found is not None
    assert found.deal == a_deal(company_id="C-1")
    assert found.answer == kept.answer


def test_a_fact_of_a_later_version_is_passed_over(store: Store, firm: str) -> None:
    kept = a_receipt(a_deal(region="77"))
    store.receipts.keep(firm, [kept])
    with store.database.writing() as connection:
        connection.execute(facts.update().where(facts.c.firm == firm).values(facts='{"region":"77","made_up_later":1}'))
    found = store.receipts.find(firm, kept.receipt_id)
    assert found is not None
    assert found.deal.region == "77"


def test_moments_are_exact_to_the_microsecond_and_come_back_in_utc(store: Store, firm: str) -> None:
    moment = datetime(9999, 12, 31, 2, 59, 59, 999_999, tzinfo=MOSCOW)
    kept = a_receipt(a_deal(as_of=moment), scored_at=datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC) + SECOND)
    store.receipts.keep(firm, [kept])
    found = store.receipts.find(firm, kept.receipt_id)
    assert found is not None
    assert found == kept
    assert (found.scored_at.tzinfo, found.as_of.tzinfo if found.as_of else None) == (UTC, UTC)


def test_the_store_tells_which_receipts_it_has_already(store: Store, firm: str) -> None:
    first, second = a_receipt(Deal(deal_id="D-1")), a_receipt(Deal(deal_id="D-2"))
    store.receipts.keep(firm, [first])
    assert store.receipts.already_kept(firm, [first.receipt_id, second.receipt_id]) == {first.receipt_id}
    assert store.receipts.already_kept("another", [first.receipt_id]) == set()


def test_the_store_tells_which_deals_were_ever_scored(store: Store, firm: str) -> None:
    store.receipts.keep(firm, [a_receipt(Deal(deal_id="D-1")), a_receipt(Deal(deal_id="D-1"))])
    assert store.receipts.scored(firm, ["D-1", "D-2"]) == {"D-1"}
    assert store.receipts.scored("another", ["D-1"]) == set()
