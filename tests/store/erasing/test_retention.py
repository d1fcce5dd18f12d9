"""Request texts go once they are old, and nothing else does."""

from datetime import timedelta

from mlscore.scoring.deal import Deal
from mlscore.store import Store
from tests.store.builders import DAY, NOON, a_deal, a_receipt


def keep(store: Store, firm: str, *deals: Deal) -> None:
    store.receipts.keep(firm, [a_receipt(deal=deal, as_of=deal.as_of) for deal in deals])


def text_of(store: Store, firm: str, deal_id: str) -> str | None:
    return store.receipts.of_deal(firm, deal_id)[0].deal.request_text


def test_an_old_text_goes_and_a_young_one_stays(store: Store, firm: str) -> None:
    old = a_deal("old", request_text="звоните Ивану", region="Урал", as_of=NOON - 2 * DAY)
    keep(store, firm, old, a_deal("young", request_text="звоните Петру", as_of=NOON))
    assert store.retention.count(firm, before=NOON - DAY) == 1
    assert store.retention.drop(firm, before=NOON - DAY) == 1
    assert (text_of(store, firm, "old"), text_of(store, firm, "young")) == (None, "звоните Петру")
    assert store.retention.count(firm, before=NOON - DAY) == 0


def test_every_other_fact_reads_as_before(store: Store, firm: str) -> None:
    extra = {"boiler_age": 12.0, "since": (NOON - DAY).date()}
    known = a_deal("D-1", request_text="текст", region='say "request_text":', amount=1_000, extra=extra)
    keep(store, firm, known)
    store.retention.drop(firm, before=NOON + DAY)
    left = store.receipts.of_deal(firm, "D-1")[0].deal
    assert (left.region, left.amount, dict(left.extra)) == ('say "request_text":', 1_000, extra)


def test_it_ends_where_another_fact_only_looks_like_a_text(store: Store, firm: str) -> None:
    keep(store, firm, a_deal("D-1", region='"request_text":'))
    assert store.retention.drop(firm, before=NOON + DAY) == 0


def test_an_undated_deal_is_as_old_as_its_receipt(store: Store, firm: str) -> None:
    receipt = a_receipt(deal=a_deal("D-1", request_text="текст", as_of=None), as_of=None)
    store.receipts.keep(firm, [receipt])
    assert store.retention.drop(firm, before=receipt.scored_at) == 0
    assert store.retention.drop(firm, before=receipt.scored_at + timedelta(seconds=1)) == 1


def test_another_firm_keeps_its_texts(store: Store, firm: str) -> None:
    keep(store, f"not {firm}", a_deal("D-1", request_text="текст"))
    assert store.retention.drop(firm, before=NOON + DAY) == 0


def test_more_than_one_chunk_is_dropped(store: Store, firm: str) -> None:
    keep(store, firm, *(a_deal(f"D-{n}", request_text="текст") for n in range(1_001)))
    assert store.retention.drop(firm, before=NOON + DAY) == 1_001
