"""Webhooks are kept with their secrets, two at a time while one is exchanged, and end for good."""

from datetime import timedelta

import pytest

from mlscore.ports import Webhook
from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store import Store
from tests.store.builders import DAY, NOON, a_receipt

URL = "https://crm.example/hook"


def made(store: Store, firm: str, *, url: str | None = URL, name: str = "crm") -> Webhook:
    return store.webhooks.create(firm, name, url=url, secret="whsec_first", at=NOON)


def test_one_is_found_by_its_id_whosever_it_is(store: Store, firm: str) -> None:
    webhook = made(store, firm)
    assert store.webhooks.find(webhook.webhook_id) == webhook
    assert (webhook.firm, webhook.name, webhook.url, webhook.ended_at) == (firm, "crm", URL, None)
    assert [store.webhooks.find(strange) for strange in ("no-such-webhook", "", "\0", "ю" * 5_000)] == [None] * 4


def test_firms_see_their_own(store: Store, firm: str) -> None:
    webhook = made(store, firm)
    assert store.webhooks.every(firm) == [webhook]
    assert store.webhooks.every(f"not {firm}") == []
    for change in (store.webhooks.end, lambda *of, at: store.webhooks.rotate(*of, secret="x", at=at, grace=DAY)):
        with pytest.raises(NotFoundError):
            change(f"not {firm}", webhook.webhook_id, at=NOON)


def test_two_secrets_sign_until_the_grace_is_over(store: Store, firm: str) -> None:
    rotated = store.webhooks.rotate(firm, made(store, firm).webhook_id, secret="whsec_second", at=NOON, grace=DAY)
    assert rotated.secrets_at(NOON) == ("whsec_second", "whsec_first")
    assert rotated.secrets_at(NOON + DAY) == ("whsec_second",)


def test_of_two_rotations_the_last_two_secrets_stay(store: Store, firm: str) -> None:
    webhook_id = made(store, firm).webhook_id
    for secret in ("whsec_second", "whsec_third"):
        rotated = store.webhooks.rotate(firm, webhook_id, secret=secret, at=NOON, grace=DAY)
    assert rotated.secrets_at(NOON + timedelta(hours=1)) == ("whsec_third", "whsec_second")


def test_one_that_ended_stays_so_and_gets_no_new_secret(store: Store, firm: str) -> None:
    webhook_id = made(store, firm).webhook_id
    store.webhooks.end(firm, webhook_id, at=NOON)
    assert store.webhooks.end(firm, webhook_id, at=NOON + DAY).ended_at == NOON
    with pytest.raises(ConflictError):
        store.webhooks.rotate(firm, webhook_id, secret="whsec_second", at=NOON, grace=DAY)


def test_its_secrets_are_no_part_of_how_it_prints(store: Store, firm: str) -> None:
    webhook = store.webhooks.rotate(firm, made(store, firm).webhook_id, secret="whsec_second", at=NOON, grace=DAY)
    assert "whsec" not in f"{webhook} {webhook!r}"


def test_ending_one_drops_what_it_was_still_to_be_told(store: Store, firm: str) -> None:
    webhook, other = made(store, firm), made(store, firm, name="other")
    store.receipts.keep(firm, [a_receipt()])
    for one in (webhook, other):
        store.deliveries.note(firm, one.webhook_id, at=NOON, at_most=10)
    store.webhooks.end(firm, webhook.webhook_id, at=NOON)
    assert store.deliveries.waiting(firm) == {other.webhook_id: 1}
