"""A score becomes a delivery of each webhook once, and stays one until it was told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from mlscore.store import Store
from tests.store.builders import DAY, NOON, SECOND, a_receipt

LATER = NOON + DAY


def scored(store: Store, firm: str, *names: str) -> None:
    store.receipts.keep(firm, [a_receipt(receipt_id=name) for name in names])


@pytest.fixture
def hook(store: Store, firm: str) -> str:
    """Name a webhook made when one score was there already."""
    scored(store, firm, "before")
    return store.webhooks.create(firm, "crm", url="https://crm.example/", secret="s", at=NOON).webhook_id


def note(store: Store, firm: str, hook: str, at_most: int = 100) -> int:
    return store.deliveries.note(firm, hook, at=NOON, at_most=at_most)


def claim(store: Store, firm: str, hook: str, at=NOON, until=LATER, at_most: int = 100):
    return store.deliveries.claim(firm, hook, at=at, until=until, at_most=at_most)


def names_of(claimed) -> list[str]:
    return [one.receipt.receipt_id for one in claimed]


def test_a_webhook_is_told_of_scores_that_come_after_it_each_once(store: Store, firm: str, hook: str) -> None:
    assert note(store, firm, hook) == 0
    scored(store, firm, "a", "b")
    assert note(store, firm, hook) == 2
    assert note(store, firm, hook) == 0
    assert names_of(claim(store, firm, hook)) == ["a", "b"]


def test_many_are_noted_in_parts(store: Store, firm: str, hook: str) -> None:
    scored(store, firm, *"abc")
    assert [note(store, firm, hook, at_most=2) for _ in range(3)] == [2, 1, 0]


def test_what_is_claimed_is_nobody_elses_until_its_moment_has_passed(store: Store, firm: str, hook: str) -> None:
    scored(store, firm, "a")
    note(store, firm, hook)
    assert names_of(claim(store, firm, hook)) == ["a"]
    assert claim(store, firm, hook, at=LATER - SECOND) == []
    assert names_of(claim(store, firm, hook, at=LATER)) == ["a"]


def test_what_was_told_is_struck_off_and_not_noted_again(store: Store, firm: str, hook: str) -> None:
    scored(store, firm, "a", "b")
    note(store, firm, hook)
    first, _ = claim(store, firm, hook)
    store.deliveries.told(firm, first)
    assert note(store, firm, hook) == 0
    assert names_of(claim(store, firm, hook, at=LATER)) == ["b"]


def test_a_try_that_went_wrong_counts_and_one_given_back_untried_does_not(store: Store, firm: str, hook: str) -> None:
    scored(store, firm, "a")
    note(store, firm, hook)
    [one] = claim(store, firm, hook)
    store.deliveries.put_off(firm, one, due_at=NOON + SECOND, fault="answered 500")
    assert claim(store, firm, hook) == []
    [again] = claim(store, firm, hook, at=NOON + SECOND)
    assert (again.tries, again.receipt.receipt_id) == (1, "a")
    store.deliveries.put_off(firm, again, due_at=NOON)
    assert claim(store, firm, hook)[0].tries == 1


def test_a_dead_letter_waits_for_a_person_who_may_have_it_tried_anew(store: Store, firm: str, hook: str) -> None:
    scored(store, firm, "a", "b")
    note(store, firm, hook)
    one, other = claim(store, firm, hook)
    store.deliveries.put_off(firm, one, due_at=None, fault="answered 404")
    [dead] = store.deliveries.dead(firm)
    assert (dead.webhook_id, dead.receipt_id, dead.tries, dead.fault) == (hook, "a", 1, "answered 404")
    assert store.deliveries.waiting(firm) == {hook: 1}
    assert store.deliveries.retry(firm, "another", at=LATER) == 0
    assert store.deliveries.retry(firm, None, at=LATER) == 1
    assert store.deliveries.dead(firm) == []
    assert [(c.receipt.receipt_id, c.tries) for c in claim(store, firm, hook, at=LATER)] == [("a", 0), ("b", 0)]
    assert other.receipt.receipt_id == "b"


def test_many_workers_share_out_what_is_due(store: Store, firm: str, hook: str) -> None:
    names = [f"{n:03d}" for n in range(40)]
    scored(store, firm, *names)
    with ThreadPoolExecutor(6) as pool:
        noted = list(pool.map(lambda _: note(store, firm, hook, at_most=7), range(12)))
        claimed = list(pool.map(lambda _: claim(store, firm, hook, at_most=5), range(12)))
    assert sum(noted) == 40
    assert sorted(name for some in claimed for name in names_of(some)) == names
