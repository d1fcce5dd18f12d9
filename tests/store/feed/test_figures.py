"""What came of telling webhooks is counted as it happens, and so is what they are still to be told."""

from dataclasses import replace

from mlscore.ports import TellingFigures
from mlscore.store import Store
from tests.store.builders import DAY, NOON, SECOND, a_receipt

LATER = NOON + DAY


def hook(store: Store, firm: str, name: str = "crm", url: str | None = "https://crm.example/") -> str:
    return store.webhooks.create(firm, name, url=url, secret="s", at=NOON).webhook_id


def scored(store: Store, firm: str, *names: str) -> None:
    """Score a deal a second after the one before."""
    made = [replace(a_receipt(receipt_id=one), scored_at=NOON + at * SECOND) for at, one in enumerate(names)]
    store.receipts.keep(firm, made)


def claim(store: Store, firm: str, webhook_id: str):
    store.deliveries.note(firm, webhook_id, at=NOON, at_most=100)
    return store.deliveries.claim(firm, webhook_id, at=NOON, until=LATER, at_most=100)


def figures(webhook_id: str, **counts: object) -> TellingFigures:
    nothing = {"delivered": 0, "failed": 0, "waiting": 0, "dead": 0, "oldest_at": None}
    return TellingFigures(webhook_id=webhook_id, **{**nothing, **counts})


def test_scores_wait_before_anybody_has_made_deliveries_of_them(store: Store, firm: str) -> None:
    made = hook(store, firm)
    assert store.deliveries.figures(firm) == [figures(made)]
    scored(store, firm, "a", "b")
    assert store.deliveries.figures(firm) == [figures(made, waiting=2, oldest_at=NOON)]
    store.feed.newest(firm)
    assert store.deliveries.figures(firm) == [figures(made, waiting=2, oldest_at=NOON)]
    store.deliveries.note(firm, made, at=NOON, at_most=1)
    assert store.deliveries.figures(firm) == [figures(made, waiting=2, oldest_at=NOON)]


def test_what_was_told_failed_and_died_is_counted(store: Store, firm: str) -> None:
    made = hook(store, firm)
    scored(store, firm, "a", "b", "c", "d")
    first, second, third, _ = claim(store, firm, made)
    store.deliveries.told(firm, first)
    store.deliveries.put_off(firm, second, due_at=LATER, fault="answered 500")
    store.deliveries.put_off(firm, third, due_at=None, fault="answered 500")
    expected = figures(made, delivered=1, failed=2, waiting=2, dead=1, oldest_at=NOON + SECOND)
    assert store.deliveries.figures(firm) == [expected]


def test_what_is_struck_off_twice_or_given_back_untried_counts_once_or_not_at_all(store: Store, firm: str) -> None:
    made = hook(store, firm)
    scored(store, firm, "a", "b")
    first, second = claim(store, firm, made)
    store.deliveries.told(firm, first)
    store.deliveries.told(firm, first)
    store.deliveries.put_off(firm, second, due_at=NOON)
    [found] = store.deliveries.figures(firm)
    assert (found.delivered, found.failed) == (1, 0)


def test_only_webhooks_that_are_told_and_have_not_ended_are_shown_each_by_itself(store: Store, firm: str) -> None:
    one, other, ended = hook(store, firm), hook(store, firm, "other"), hook(store, firm, "ended")
    hook(store, firm, "a door", url=None)
    store.webhooks.end(firm, ended, at=NOON)
    scored(store, firm, "a")
    [delivery] = claim(store, firm, one)
    store.deliveries.told(firm, delivery)
    found = {each.webhook_id: (each.delivered, each.waiting) for each in store.deliveries.figures(firm)}
    assert found == {one: (1, 0), other: (0, 1)}
    assert store.deliveries.figures(f"{firm}-2") == ()
