"""API keys are found by their secret, of which nothing is kept that could open anything."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mlscore.scoring.errors import NotFoundError
from mlscore.store import Store
from mlscore.store.tables import keys
from tests.store.builders import DAY, NOON


def test_a_key_is_found_by_its_secret(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "Битрикс24", at=NOON, expires_at=NOON + DAY)
    assert store.keys.find(secret) == made
    assert (made.firm, made.name, made.created_at, made.expires_at) == (firm, "Битрикс24", NOON, NOON + DAY)
    assert made.revoked_at is None


@pytest.mark.parametrize("wrong", ["", "mlscore_", "nonsense", "ключ", "\ud800"])
def test_another_secret_finds_nothing(store: Store, firm: str, wrong: str) -> None:
    _, secret = store.keys.create(firm, "crm", at=NOON)
    assert store.keys.find(wrong) is None
    assert store.keys.find(secret + "x") is None


def test_secrets_are_long_and_never_the_same(store: Store, firm: str) -> None:
    made = [store.keys.create(firm, "crm", at=NOON) for _ in range(5)]
    secrets = {secret for _, secret in made}
    assert len(secrets) == 5
    assert all(secret.startswith("mlscore_") and len(secret) == 8 + 43 for secret in secrets)
    assert all(key.prefix == secret[:12] for key, secret in made)


def test_the_secret_itself_is_not_in_the_database(store: Store, firm: str) -> None:
    _, secret = store.keys.create(firm, "crm", at=NOON)
    with store.database.reading() as connection:
        [row] = connection.execute(select(keys).where(keys.c.firm == firm))
    assert not any(secret[12:] in str(value) for value in row)


def test_a_firms_keys_come_newest_first(store: Store, firm: str) -> None:
    old, new = (store.keys.create(firm, "crm", at=NOON + timedelta(hours=n))[0] for n in range(2))
    store.keys.create(f"not {firm}", "crm", at=NOON)
    assert store.keys.every(firm) == [new, old]


def test_a_revoked_key_is_still_found_and_says_since_when(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "crm", at=NOON)
    assert store.keys.revoke(firm, made.key_id, at=NOON + DAY).revoked_at == NOON + DAY
    assert store.keys.revoke(firm, made.key_id, at=NOON + 2 * DAY).revoked_at == NOON + DAY
    found = store.keys.find(secret)
    assert found is not None
    assert found.revoked_at == NOON + DAY


def test_a_key_of_another_firm_cannot_be_revoked(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "crm", at=NOON)
    with pytest.raises(NotFoundError):
        store.keys.revoke(f"not {firm}", made.key_id, at=NOON)
    assert store.keys.find(secret) == made
