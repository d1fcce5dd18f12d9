"""Pages of an import: kept until it is whole, given back as they were, and let go of when a deal is forgotten."""

from datetime import UTC, date, datetime

from mlscore.ports import Page, PastItem
from mlscore.scoring.deal import Outcome, Status
from mlscore.store import Store
from tests.builders import NOON, a_good_deal, roubles


def a_page(last: int, **facts: object) -> Page:
    won = Outcome(deal_id=f"D_{last}", status=Status.WON, closed_at=NOON, realised_profit=roubles(9), known_at=NOON)
    return Page(
        deals=[
            PastItem(deal=a_good_deal(deal_id=f"D_{last}", created_at=NOON, **facts), outcome=won),
            PastItem(deal=a_good_deal(deal_id="D_0"), outcome=None),
        ],
        left_out={"7": "gone"},
        as_made={f"D_{last}": "ACCESS_DENIED"},
        last=last,
    )


def test_pages_come_back_as_they_were_in_the_order_of_their_numbers(store: Store, firm: str) -> None:
    extra = {"asked_on": date(2026, 1, 2), "asked_at": datetime(2026, 1, 2, tzinfo=UTC), "colour": "красный"}
    pages = [a_page(9), a_page(10, extra=extra), a_page(1_000)]
    for page in reversed(pages):
        store.pages.keep(firm, "an import", page)
    assert list(store.pages.of(firm, "an import")) == pages


def test_a_page_kept_again_takes_the_place_of_the_first(store: Store, firm: str) -> None:
    store.pages.keep(firm, "an import", a_page(9))
    store.pages.keep(firm, "an import", a_page(9, amount=roubles(7)))
    assert list(store.pages.of(firm, "an import")) == [a_page(9, amount=roubles(7))]


def test_imports_and_firms_do_not_meet(store: Store, firm: str) -> None:
    store.pages.keep(firm, "an import", a_page(9))
    store.pages.keep(f"{firm}-2", "an import", a_page(9))
    store.cursors.keep(firm, "swept", "today")
    assert list(store.pages.of(firm, "an")) == []
    assert list(store.pages.of(firm, "an_import")) == []
    store.pages.drop(firm)
    assert list(store.pages.of(firm, "an import")) == []
    assert list(store.pages.of(f"{firm}-2", "an import")) == [a_page(9)]
    assert store.cursors.value(firm, "swept") == "today"


def test_whoever_forgets_a_deal_lets_go_of_what_an_import_had_read(store: Store, firm: str) -> None:
    store.pages.keep(firm, "an import", a_page(9))
    store.forgetting.forget(firm, "D_9", at=NOON)
    assert list(store.pages.of(firm, "an import")) == []
