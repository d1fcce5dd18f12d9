"""Mirrors keep what was seen and written last, and say which scores are older than what made them."""

from datetime import timedelta
from typing import Any

import pytest

from mlscore.ports import Current, Freshness, Item, Mirror
from mlscore.store import Store
from tests.store.builders import DAY, NOON

CRM = "bitrix24"
NOW = Current(policy_version="p1", model_version="7", at=NOON)


def a_mirror(number: int = 1, **said: Any) -> Mirror:
    """Give the mirror of an open deal whose score is fresh."""
    fresh = {
        "item": Item(kind="deal", item_id=str(number)),
        "deal_id": f"D_{number}",
        "is_open": True,
        "seen_at": NOON + timedelta(seconds=number),
        "policy_version": "p1",
        "model_version": "7",
        "fresh_until": NOON + DAY,
    }
    return Mirror(**{**fresh, **said})


def test_a_mirror_is_found_again_as_it_was_kept(store: Store, firm: str) -> None:
    whole = a_mirror(
        changed_at=NOON - DAY,
        facts_digest="abc",
        scores=3,
        receipt_id="R-1",
        written={"UF_CRM_SCORE_GRADE": "AAA", "UF_CRM_SCORE_REASON": "Клиент целевой\n«да»"},
        fault="UF_CRM_SCORE_AT",
    )
    lead = a_mirror(1, item=Item(kind="lead", item_id="1"), deal_id="L_1")
    store.mirrors.keep(firm, CRM, [whole, lead])
    asked = [whole.item, lead.item, Item(kind="deal", item_id="2")]
    assert store.mirrors.of(firm, CRM, asked) == {whole.item: whole, lead.item: lead}
    assert store.mirrors.of(f"not {firm}", CRM, asked) == {}


def test_a_later_mirror_takes_the_place_of_an_earlier_one(store: Store, firm: str) -> None:
    store.mirrors.keep(firm, CRM, [a_mirror(written={"A": "1"}, fault="x")])
    later = a_mirror(is_open=False, scores=9)
    store.mirrors.keep(firm, CRM, [later])
    assert store.mirrors.of(firm, CRM, [later.item]) == {later.item: later}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"policy_version": "p0"}, "policy"),
        ({"policy_version": None, "model_version": None, "fresh_until": None}, "policy"),
        ({"model_version": "6"}, "champion"),
        ({"model_version": None}, "champion"),
        ({"fresh_until": NOON}, "days"),
        ({"policy_version": "p0", "fresh_until": NOON}, "policy"),
    ],
)
def test_a_score_older_than_what_it_was_made_of_is_stale(
    store: Store, firm: str, said: dict[str, Any], why: str
) -> None:
    store.mirrors.keep(firm, CRM, [a_mirror(1), a_mirror(2, **said), a_mirror(3, is_open=False, **said)])
    assert store.mirrors.stale(firm, CRM, NOW, at_most=9) == {why: [Item(kind="deal", item_id="2")]}


def test_where_no_model_answers_none_is_missed(store: Store, firm: str) -> None:
    store.mirrors.keep(firm, CRM, [a_mirror(1, model_version=None), a_mirror(2)])
    without = Current(policy_version="p1", model_version=None, at=NOON)
    assert store.mirrors.stale(firm, CRM, without, at_most=9) == {"champion": [Item(kind="deal", item_id="2")]}


def test_stale_items_come_a_few_at_a_time_and_none_that_a_task_is_for(store: Store, firm: str) -> None:
    mirrors = [a_mirror(number, policy_version="p0") for number in range(1, 6)]
    store.mirrors.keep(firm, CRM, mirrors)
    store.tasks.tell(firm, CRM, [mirrors[0].item], why="event", at=NOON)
    assert store.mirrors.stale(firm, CRM, NOW, at_most=2) == {"policy": [mirrors[1].item, mirrors[2].item]}


def test_every_open_item_is_told_that_no_task_is_for(store: Store, firm: str) -> None:
    mirrors = [a_mirror(1), a_mirror(2), a_mirror(3, is_open=False)]
    store.mirrors.keep(firm, CRM, mirrors)
    store.tasks.tell(firm, CRM, [mirrors[0].item], why="event", at=NOON)
    assert store.mirrors.open_items(firm, CRM) == [mirrors[1].item]


def test_of_nothing_nothing_is_stale(store: Store, firm: str) -> None:
    nothing = Freshness(open=0, stale=0, by_why={}, waiting=0, set_aside=0, oldest_task_at=None)
    assert store.mirrors.freshness(firm, CRM, NOW) == nothing


def test_freshness_counts_each_stale_item_once_and_every_reason(store: Store, firm: str) -> None:
    mirrors = [
        a_mirror(1),
        a_mirror(2, policy_version="p0", fresh_until=NOON),
        a_mirror(3, model_version="6"),
        a_mirror(4),
        a_mirror(5, policy_version="p0"),
        a_mirror(6, is_open=False, policy_version="p0"),
    ]
    store.mirrors.keep(firm, CRM, mirrors)
    store.tasks.tell(firm, CRM, [mirrors[3].item, mirrors[4].item], why="event", at=NOON - DAY)
    store.tasks.tell(firm, CRM, [Item(kind="deal", item_id="new")], why="sweep", at=NOON)
    found = store.mirrors.freshness(firm, CRM, NOW)
    assert (found.open, found.stale) == (6, 5)
    assert found.by_why == {"policy": 2, "days": 1, "champion": 1, "event": 2, "sweep": 1}
    assert (found.waiting, found.set_aside, found.oldest_task_at) == (3, 0, NOON - DAY)


def test_a_task_that_waits_for_a_person_keeps_its_item_stale(store: Store, firm: str) -> None:
    mirror = a_mirror()
    store.mirrors.keep(firm, CRM, [mirror])
    store.tasks.tell(firm, CRM, [mirror.item], why="event", at=NOON)
    claimed = store.tasks.claim(firm, CRM, by="one", at=NOON, until=NOON + DAY, at_most=9)
    store.tasks.put_off(firm, CRM, claimed, by="one", due_at=None, fault="broken")
    found = store.mirrors.freshness(firm, CRM, NOW)
    assert (found.stale, found.waiting, found.set_aside, found.oldest_task_at) == (1, 0, 1, None)


def test_how_far_a_search_has_come_is_remembered_by_firm_and_name(store: Store, firm: str) -> None:
    assert store.cursors.value(firm, "sweep") is None
    for value in ("1", "2"):
        store.cursors.keep(firm, "sweep", value)
    store.cursors.keep(firm, "full", "9")
    assert (store.cursors.value(firm, "sweep"), store.cursors.value(firm, "full")) == ("2", "9")
    assert store.cursors.value(f"not {firm}", "sweep") is None
