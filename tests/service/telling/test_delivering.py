"""A score reaches every webhook at least once, signed, or ends as a dead letter; never does a call lead inside."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from mlscore.outgoing import Allowed, open_caller
from mlscore.scoring.errors import StoreUnavailableError
from mlscore.service.telling import new_secret, verify
from mlscore.service.telling.delivering import PAUSES, Telling
from mlscore.store import Store, open_store
from tests.fakes import FakeClock
from tests.service.telling.receivers import Receiver, receiving
from tests.store.builders import NOON, a_receipt

FIRM = "main"
HERE = Allowed.of("127.0.0.0/8, http://127.0.0.1")


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Iterator[Store]:
    """Open one store for all tests."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('telling') / 'mlscore.db'}")
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def store(opened) -> Iterator[Store]:
    """Give the store, with no webhook left over."""
    yield opened
    for webhook in opened.webhooks.every(FIRM):
        opened.webhooks.end(FIRM, webhook.webhook_id, at=NOON)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver that listens."""
    with receiving(Receiver()) as listening:
        yield listening


@pytest.fixture
def clock() -> FakeClock:
    """Give a clock that stands still."""
    return FakeClock()


@pytest.fixture
def telling(store, clock) -> Telling:
    """Give what tells, allowed to call the loopback."""
    return a_telling(store, clock)


def a_telling(store, clock, *, allowed=HERE) -> Telling:
    return Telling(
        webhooks=store.webhooks,
        deliveries=store.deliveries,
        write=lambda firm, receipt: json.dumps({"receipt_id": receipt.receipt_id, "firm": firm}).encode(),
        call=partial(open_caller, allowed=allowed),
        clock=clock,
    )


def a_hook(store, url, *, name="crm"):
    return store.webhooks.create(FIRM, name, url=url, secret=new_secret(), at=NOON)


def scored(store, count=1) -> list[str]:
    receipts = [a_receipt(scored_at=NOON + timedelta(seconds=n)) for n in range(count)]
    store.receipts.keep(FIRM, receipts)
    return [receipt.receipt_id for receipt in receipts]


def told(receiver) -> list[str]:
    return [got.json["data"]["receipt_id"] for got in receiver.got]


def test_a_score_is_told_once_signed_in_the_form_of_standard_webhooks(telling, store, receiver, clock):
    hook = a_hook(store, f"{receiver.url}/hook?x=1")
    [receipt_id] = scored(store)
    assert [telling.go_round(FIRM), telling.go_round(FIRM)] == [1, 0]
    [got] = receiver.got
    assert (got.method, got.path, got.headers["content-type"]) == ("POST", "/hook?x=1", "application/json")
    assert verify(got.headers, got.body, [hook.secret], at=clock()) == receipt_id
    assert got.json == {
        "type": "score.created",
        "timestamp": "2026-03-02T12:00:00Z",
        "data": {"receipt_id": receipt_id, "firm": FIRM},
    }


def test_many_are_told_in_the_order_of_the_feed_to_every_webhook(telling, store, receiver):
    with receiving(Receiver()) as other:
        for name, one in (("a", receiver), ("b", other)):
            a_hook(store, one.url, name=name)
        ids = scored(store, 45)
        while telling.go_round(FIRM):
            pass
        assert told(receiver) == told(other) == ids


def test_while_a_secret_is_exchanged_both_sign(telling, store, receiver, clock):
    old = a_hook(store, receiver.url)
    new = new_secret()
    store.webhooks.rotate(FIRM, old.webhook_id, secret=new, at=clock(), grace=timedelta(days=1))
    scored(store)
    telling.go_round(FIRM)
    for secret in (old.secret, new):
        assert verify(receiver.got[0].headers, receiver.got[0].body, [secret], at=clock())


def test_what_failed_is_tried_again_under_the_same_id_after_growing_pauses(telling, store, receiver, clock):
    receiver.statuses = [500, 502, 200]
    a_hook(store, receiver.url)
    [receipt_id] = scored(store)
    for pause in (timedelta(0), *PAUSES[:2]):
        clock.now += pause - timedelta(seconds=1 if pause else 0)
        assert telling.go_round(FIRM) == 0
        clock.now += timedelta(seconds=1 if pause else 0)
        telling.go_round(FIRM)
    assert [got.headers["webhook-id"] for got in receiver.got] == [receipt_id] * 3
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 3
    assert store.deliveries.waiting(FIRM) == {}


def test_after_three_days_it_is_a_dead_letter_and_a_person_may_have_it_tried_anew(telling, store, receiver, clock):
    receiver.statuses = [404]
    hook = a_hook(store, receiver.url)
    [receipt_id] = scored(store)
    began = clock()
    for pause in (timedelta(0), *PAUSES):
        clock.now += pause
        telling.go_round(FIRM)
    assert len(receiver.got) == len(PAUSES) + 1
    assert timedelta(days=2, hours=20) < clock() - began < timedelta(days=3)
    [dead] = store.deliveries.dead(FIRM)
    assert (dead.webhook_id, dead.receipt_id, dead.fault) == (hook.webhook_id, receipt_id, "answered 404")
    clock.now += timedelta(days=30)
    assert telling.go_round(FIRM) == 0
    receiver.statuses = [200]
    store.deliveries.retry(FIRM, None, at=clock())
    assert telling.go_round(FIRM) == 1


def test_a_host_that_is_down_is_asked_with_one_score_and_the_others_lose_no_try(telling, store, receiver, clock):
    receiver.statuses = [503] * 3 + [200]
    a_hook(store, receiver.url)
    ids = scored(store, 10)
    for _ in range(60):  # the scores are due at once, and the host rests
        telling.go_round(FIRM)
        clock.wait(1)
    assert told(receiver) == ids[:1] * 2
    for _ in range(60):
        telling.go_round(FIRM)
        clock.wait(10)
    assert sorted(told(receiver)) == sorted([*ids, *ids[:2], ids[0]])
    assert store.deliveries.waiting(FIRM) == {}


def test_a_host_that_says_when_to_come_again_is_heeded(telling, store, receiver, clock):
    receiver.statuses, receiver.headers = [429, 200], {"Retry-After": "600"}
    a_hook(store, receiver.url)
    scored(store)
    telling.go_round(FIRM)
    clock.wait(599)
    assert telling.go_round(FIRM) == 0
    clock.wait(1)
    assert telling.go_round(FIRM) == 1


def test_one_refused_score_does_not_hold_up_the_others(telling, store, receiver):
    receiver.statuses = [400, 200]
    a_hook(store, receiver.url)
    ids = scored(store, 3)
    assert telling.go_round(FIRM) == 2
    assert told(receiver) == ids


def test_a_receiver_that_is_gone_is_told_no_more(telling, store, receiver):
    receiver.statuses = [410]
    hook = a_hook(store, receiver.url)
    scored(store, 2)
    telling.go_round(FIRM)
    assert store.webhooks.find(hook.webhook_id).ended_at is not None
    assert len(receiver.got) == 1
    assert store.deliveries.waiting(FIRM) == {}


def test_no_redirect_is_followed(telling, store, receiver):
    receiver.statuses, receiver.headers = [307], {"Location": "http://169.254.169.254/"}
    a_hook(store, receiver.url)
    scored(store)
    assert telling.go_round(FIRM) == 0
    assert len(receiver.got) == 1


def test_an_address_inside_is_not_called_though_it_was_saved(store, receiver, clock):
    a_hook(store, receiver.url)
    scored(store)
    telling = a_telling(store, clock, allowed=Allowed())
    assert telling.go_round(FIRM) == 0
    assert receiver.got == []
    assert store.deliveries.waiting(FIRM) != {}


def test_a_host_that_does_not_answer_does_not_keep_the_others_waiting(telling, store, receiver):
    a_hook(store, "http://127.0.0.1:1/", name="nobody there")
    a_hook(store, receiver.url)
    scored(store)
    assert telling.go_round(FIRM) == 1


def test_who_only_tells_us_of_deals_is_told_nothing(telling, store):
    a_hook(store, None)
    scored(store)
    assert telling.go_round(FIRM) == 0
    assert store.deliveries.waiting(FIRM) == {}


def test_what_was_claimed_by_one_that_was_killed_is_told_by_the_next(store, receiver, clock, telling):
    hook = a_hook(store, receiver.url)
    [receipt_id] = scored(store)
    store.deliveries.note(FIRM, hook.webhook_id, at=clock(), at_most=10)
    store.deliveries.claim(FIRM, hook.webhook_id, at=clock(), until=clock() + timedelta(minutes=10), at_most=10)
    assert telling.go_round(FIRM) == 0
    clock.wait(600)
    assert telling.go_round(FIRM) == 1
    assert told(receiver) == [receipt_id]


def test_told_to_stop_it_gives_back_what_it_has_not_sent(telling, store, receiver):
    a_hook(store, receiver.url)
    scored(store, 3)
    telling.stop.set()
    assert telling.go_round(FIRM) == 0
    assert receiver.got == []
    telling.stop.clear()
    assert telling.go_round(FIRM) == 3


def test_while_the_store_is_away_it_waits_for_it(store, clock, receiver):
    a_hook(store, receiver.url)
    scored(store)
    telling = a_telling(store, clock)
    telling.webhooks = Away(store.webhooks)
    telling.stop = StopAfter(rounds=2)
    telling.run(FIRM, idle_seconds=0)
    assert len(receiver.got) == 1


class Away:
    """Webhooks of a store that is away at first."""

    def __init__(self, webhooks):
        self.webhooks, self.asked = webhooks, 0

    def every(self, firm):
        self.asked += 1
        if self.asked == 1:
            raise StoreUnavailableError("The database does not answer.")
        return self.webhooks.every(firm)


class StopAfter:
    """A stop that is set after so many waits."""

    def __init__(self, rounds):
        self.left = rounds

    def is_set(self):
        return self.left <= 0

    def wait(self, _seconds):
        self.left -= 1
