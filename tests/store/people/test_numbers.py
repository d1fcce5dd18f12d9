"""Numbers of deals: one after another, each given once, whoever asks at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mlscore.ports import DeedsAsked
from tests.store.builders import DAY, NOON, a_deal, a_receipt


def give(store, firm, draft, at=NOON):
    return store.numbers.give(firm, draft, by="Оля", at=at)


def test_numbers_follow_one_another_and_begin_anew_with_the_year_and_the_firm(store, firm):
    year = NOON.year
    assert [give(store, firm, draft) for draft in "ab"] == [f"DESK-{year}-000001", f"DESK-{year}-000002"]
    assert give(store, firm, "c", at=NOON + 366 * DAY) == f"DESK-{year + 1}-000001"
    assert give(store, firm, "d") == f"DESK-{year}-000003"
    assert give(store, f"{firm}-2", "a") == f"DESK-{year}-000001"


def test_a_draft_that_comes_again_has_its_number_already(store, firm):
    first = give(store, firm, "a")
    give(store, firm, "b")
    assert give(store, firm, "a", at=NOON + DAY) == first
    assert store.audit.count(firm, DeedsAsked()) == 2


def test_a_draft_of_somebody_else_gets_a_number_of_its_own(store, firm):
    assert give(store, firm, "a") != store.numbers.give(firm, "a", by="Пётр", at=NOON)


def test_who_gave_it_a_number_stands_in_the_log(store, firm):
    deal_id = give(store, firm, "a")
    [line] = store.audit.read(firm, DeedsAsked(), first=0, at_most=9)
    assert (line.who, line.what, line.subject, line.at) == ("Оля", "desk.numbered", deal_id, NOON)


def test_a_number_a_crm_has_given_already_is_passed_over(store, firm):
    taken = [a_receipt(a_deal(f"DESK-{NOON.year}-{number:06}"), receipt_id=f"R-{number}") for number in (1, 2)]
    store.receipts.keep(firm, [replace(one) for one in taken])
    assert give(store, firm, "a") == f"DESK-{NOON.year}-000003"


def test_many_who_ask_at_once_get_as_many_numbers(store, firm):
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda number: give(store, firm, f"draft {number}"), range(12)))
    assert sorted(given) == [f"DESK-{NOON.year}-{number:06}" for number in range(1, 13)]
