"""Tasks: one an item, kept until it is done, claimed by one worker at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from mlscore.ports import Item, Task
from mlscore.store import Store
from tests.store.builders import NOON, SECOND

CRM = "bitrix24"
LEASE = timedelta(minutes=2)


def deal(number: int = 1) -> Item:
    return Item(kind="deal", item_id=str(number))


def tell(store: Store, firm: str, *items: Item, at: datetime = NOON, why: str = "event") -> None:
    store.tasks.tell(firm, CRM, items, why=why, at=at)


def claim(store: Store, firm: str, *, by: str = "one", at: datetime = NOON, at_most: int = 10) -> list[Task]:
    return list(store.tasks.claim(firm, CRM, by=by, at=at, until=at + LEASE, at_most=at_most))


def test_what_was_told_is_claimed_the_longest_told_first(store: Store, firm: str) -> None:
    lead = Item(kind="lead", item_id="1")
    tell(store, firm, deal(2), at=NOON + SECOND, why="sweep")
    tell(store, firm, deal(1), lead)
    found = claim(store, firm, at=NOON + SECOND)
    assert [task.item for task in found] == [deal(1), lead, deal(2)]
    assert found[2] == Task(item=deal(2), number=1, why="sweep", told_at=NOON + SECOND)


def test_an_item_told_of_ten_times_is_one_task(store: Store, firm: str) -> None:
    for _ in range(5):
        tell(store, firm, deal(), deal())
    [task] = claim(store, firm)
    assert (task.number, task.told_at) == (5, NOON)
    store.tasks.done(firm, CRM, [task], by="one")
    assert claim(store, firm, at=NOON + LEASE) == []


def test_what_one_has_claimed_nobody_else_gets_until_the_lease_is_over(store: Store, firm: str) -> None:
    tell(store, firm, deal(1), deal(2), deal(3))
    mine = claim(store, firm, at_most=2)
    assert [task.item for task in claim(store, firm, by="two")] == [deal(3)]
    assert claim(store, firm, by="two", at=NOON + LEASE - SECOND) == []
    assert [task.item for task in claim(store, firm, by="two", at=NOON + LEASE)][:2] == [task.item for task in mine]


def test_who_lost_a_claim_strikes_nothing_off_any_more(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    late = claim(store, firm)
    claim(store, firm, by="two", at=NOON + LEASE)
    store.tasks.done(firm, CRM, late, by="one")
    store.tasks.put_off(firm, CRM, late, by="one", due_at=None, fault="too late")
    assert store.tasks.set_aside(firm, CRM) == []
    assert [task.item for task in claim(store, firm, at=NOON + 2 * LEASE)] == [deal()]


def test_what_is_told_of_while_it_is_in_hand_is_looked_at_again(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    first = claim(store, firm)
    tell(store, firm, deal(), at=NOON + SECOND)
    store.tasks.done(firm, CRM, first, by="one")
    [again] = claim(store, firm, at=NOON + SECOND)
    assert (again.number, again.told_at, again.tries) == (2, NOON + SECOND, 0)
    store.tasks.done(firm, CRM, [again], by="one")
    assert claim(store, firm, at=NOON + LEASE) == []


def test_a_task_put_off_is_due_when_it_was_said_to_be(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    store.tasks.put_off(firm, CRM, claim(store, firm), by="one", due_at=NOON + LEASE)
    assert claim(store, firm, at=NOON + LEASE - SECOND) == []
    [task] = claim(store, firm, at=NOON + LEASE)
    assert (task.tries, task.fault) == (0, None)


def test_each_fault_is_a_try_and_the_last_one_waits_for_a_person(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    store.tasks.put_off(firm, CRM, claim(store, firm), by="one", due_at=NOON, fault="no such currency")
    [again] = claim(store, firm)
    assert (again.tries, again.fault) == (1, "no such currency")
    store.tasks.put_off(firm, CRM, [again], by="one", due_at=None, fault="still none")
    assert claim(store, firm, at=NOON + 10 * LEASE) == []
    [aside] = store.tasks.set_aside(firm, CRM)
    assert (aside.item, aside.tries, aside.fault) == (deal(), 2, "still none")


def test_a_task_set_aside_begins_anew_when_its_item_is_told_of(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    store.tasks.put_off(firm, CRM, claim(store, firm), by="one", due_at=None, fault="broken")
    tell(store, firm, deal(), at=NOON + LEASE, why="person")
    assert store.tasks.set_aside(firm, CRM) == []
    [task] = claim(store, firm, at=NOON + LEASE)
    assert (task.tries, task.fault, task.told_at) == (0, None, NOON + LEASE)


def test_one_told_of_while_it_failed_is_due_at_once_and_never_set_aside(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    first = claim(store, firm)
    tell(store, firm, deal(), at=NOON + SECOND)
    store.tasks.put_off(firm, CRM, first, by="one", due_at=None, fault="broken")
    [task] = claim(store, firm, at=NOON + SECOND)
    assert (task.tries, task.fault) == (1, "broken")


def test_news_of_an_item_that_rests_makes_it_due(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    store.tasks.put_off(firm, CRM, claim(store, firm), by="one", due_at=NOON + 9 * LEASE, fault="broken")
    tell(store, firm, deal(), at=NOON + SECOND)
    [task] = claim(store, firm, at=NOON + SECOND)
    assert (task.tries, task.told_at) == (1, NOON)


def test_firms_and_crms_do_not_meet(store: Store, firm: str) -> None:
    tell(store, firm, deal())
    store.tasks.tell(firm, "another", [deal()], why="event", at=NOON)
    assert claim(store, f"not {firm}") == []
    [task] = claim(store, firm)
    store.tasks.done(firm, CRM, [task], by="one")
    assert len(store.tasks.claim(firm, "another", by="one", at=NOON, until=NOON + LEASE, at_most=9)) == 1


@pytest.mark.parametrize("workers", [4])
def test_many_workers_share_what_there_is_and_nobody_gets_what_another_has(
    store: Store, firm: str, workers: int
) -> None:
    items = [deal(number) for number in range(60)]
    tell(store, firm, *items)

    def work(name: str) -> list[Item]:
        got: list[Item] = []
        while found := claim(store, firm, by=name, at_most=7):
            got += [task.item for task in found]
        return got

    with ThreadPoolExecutor(workers) as pool:
        shares = list(pool.map(work, [f"worker {number}" for number in range(workers)]))
    assert sorted(item for share in shares for item in share) == sorted(items)
