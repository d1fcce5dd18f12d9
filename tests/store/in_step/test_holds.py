"""Holds: one worker at a time has a CRM, the others wait, and one follows once nothing is heard of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from mlscore.ports import Hold, Item
from mlscore.store import Store
from tests.store.builders import NOON, SECOND

CRM = "bitrix24"
LASTS = timedelta(seconds=8)


def take(store: Store, firm: str, by: str, at: datetime = NOON) -> Hold:
    return store.holds.take(firm, CRM, by=by, at=at, until=at + LASTS)


def test_the_first_holds_and_the_others_are_known_to_wait(store: Store, firm: str) -> None:
    assert take(store, firm, "one").by == "one"
    assert take(store, firm, "two").by == "one"
    found = store.holds.look(firm, CRM, at=NOON)
    assert found == Hold(by="one", until=NOON + LASTS, waiting={"two": NOON + LASTS})


def test_who_says_that_he_lives_holds_on(store: Store, firm: str) -> None:
    take(store, firm, "one")
    take(store, firm, "one", NOON + LASTS - SECOND)
    assert take(store, firm, "two", NOON + LASTS).by == "one"
    assert take(store, firm, "two", NOON + 2 * LASTS - SECOND).by == "two"


def test_who_came_back_too_late_waits(store: Store, firm: str) -> None:
    take(store, firm, "one")
    assert take(store, firm, "two", NOON + LASTS).by == "two"
    assert take(store, firm, "one", NOON + LASTS).by == "two"


def test_who_waits_and_dies_is_forgotten(store: Store, firm: str) -> None:
    take(store, firm, "one")
    take(store, firm, "two")
    take(store, firm, "three", NOON + LASTS - SECOND)
    take(store, firm, "one", NOON + LASTS - SECOND)
    found = store.holds.look(firm, CRM, at=NOON + LASTS)
    assert found is not None
    assert list(found.waiting) == ["three"]


def test_who_waits_on_goes_on_being_known_to(store: Store, firm: str) -> None:
    for second in range(0, 30, 2):
        take(store, firm, "one", NOON + second * SECOND)
        assert list(take(store, firm, "two", NOON + second * SECOND).waiting) == ["two"]
    found = store.holds.look(firm, CRM, at=NOON + 29 * SECOND)
    assert found is not None
    assert list(found.waiting) == ["two"]


def test_who_leaves_is_followed_at_once(store: Store, firm: str) -> None:
    take(store, firm, "one")
    take(store, firm, "two")
    store.holds.leave(firm, CRM, by="one")
    assert store.holds.look(firm, CRM, at=NOON) is None
    assert take(store, firm, "two").by == "two"


def test_who_leaves_while_he_waits_takes_nothing_from_the_holder(store: Store, firm: str) -> None:
    take(store, firm, "one")
    take(store, firm, "two")
    store.holds.leave(firm, CRM, by="two")
    assert store.holds.look(firm, CRM, at=NOON) == Hold(by="one", until=NOON + LASTS)
    store.holds.leave(firm, "another", by="two")


def test_what_a_dead_holder_had_in_hand_is_free_for_the_next(store: Store, firm: str) -> None:
    mine, others = Item(kind="deal", item_id="1"), Item(kind="deal", item_id="2")
    take(store, firm, "one")
    for item, by in ((mine, "one"), (others, "a person's")):
        store.tasks.tell(firm, CRM, [item], why="event", at=NOON)
        store.tasks.claim(firm, CRM, by=by, at=NOON, until=NOON + 100 * LASTS, at_most=1)
    later = NOON + LASTS
    assert store.tasks.claim(firm, CRM, by="two", at=later, until=later + LASTS, at_most=9) == ()
    take(store, firm, "two", later)
    found = store.tasks.claim(firm, CRM, by="two", at=later, until=later + LASTS, at_most=9)
    assert [task.item for task in found] == [mine]


def test_of_many_who_come_at_once_one_holds(store: Store, firm: str) -> None:
    names = [f"worker {number}" for number in range(12)]
    with ThreadPoolExecutor(max_workers=4) as pool:
        found = list(pool.map(lambda name: take(store, firm, name).by, names))
    assert len(set(found)) == 1
    hold = store.holds.look(firm, CRM, at=NOON)
    assert hold is not None
    assert {hold.by, *hold.waiting} == set(names)


def test_firms_and_crms_are_held_apart(store: Store, firm: str) -> None:
    take(store, firm, "one")
    assert store.holds.take(firm, "another", by="two", at=NOON, until=NOON + LASTS).by == "two"
    assert take(store, f"{firm}-2", "three").by == "three"
