"""API keys are found by their secret, of which nothing is kept that could open anything."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store import Store
from mlscore.store.tables import keys
from tests.store.builders import DAY, NOON

MINUTE = timedelta(minutes=1)


def test_a_key_is_found_by_its_secret(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "Битрикс24", at=NOON, expires_at=NOON + DAY)
    assert store.keys.find(secret) == made
    assert (made.firm, made.name, made.created_at, made.expires_at) == (firm, "Битрикс24", NOON, NOON + DAY)
    assert made.revoked_at is None


def test_a_key_just_made_is_told_and_not_read_back(store: Store, firm: str) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement.partition(" ")[0])

    event.listen(store.database.engine, "before_cursor_execute", note)
    made, _ = store.keys.create(firm, "crm", at=NOON)
    store.keys.rotate(firm, made.key_id, at=NOON, grace=DAY)
    event.remove(store.database.engine, "before_cursor_execute", note)
    assert [verb for verb in asked if verb in {"SELECT", "INSERT", "UPDATE"}] == [
        "INSERT",
        "SELECT",
        "INSERT",
        "UPDATE",
    ]


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


def test_a_key_may_do_what_it_was_made_for_and_no_more(store: Store, firm: str) -> None:
    _, secret = store.keys.create(firm, "bi", at=NOON, scopes={"read"}, sandbox=True, rate_per_minute=60)
    found = store.keys.find(secret)
    assert found is not None
    assert (found.scopes, found.sandbox, found.rate_per_minute) == (frozenset({"read"}), True, 60)


def test_a_key_made_before_there_were_scopes_does_what_it_did(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "crm", at=NOON)
    of_old = ("key_id", "firm", "name", "prefix", "digest", "created_at")
    with store.database.writing() as connection:
        [row] = connection.execute(select(*(keys.c[name] for name in of_old)).where(keys.c.key_id == made.key_id))
        connection.execute(keys.delete().where(keys.c.key_id == made.key_id))
        connection.execute(keys.insert().values(row._asdict()))
    assert store.keys.find(secret) == made
    assert (made.scopes, made.sandbox) == (frozenset({"score", "outcome", "read"}), False)


def test_a_rotated_key_opens_for_a_grace_beside_the_new_one(store: Store, firm: str) -> None:
    old, old_secret = store.keys.create(firm, "crm", at=NOON, scopes={"score"}, rate_per_minute=9)
    new, new_secret = store.keys.rotate(firm, old.key_id, at=NOON + DAY, grace=7 * DAY)
    assert new_secret != old_secret
    assert (new.name, new.scopes, new.rate_per_minute, new.expires_at) == ("crm", {"score"}, 9, None)
    ending = store.keys.find(old_secret)
    assert ending is not None
    assert ending.expires_at == NOON + 8 * DAY
    assert store.keys.find(new_secret) == new


def test_a_grace_never_makes_a_key_live_longer(store: Store, firm: str) -> None:
    old, secret = store.keys.create(firm, "crm", at=NOON, expires_at=NOON + DAY)
    new, _ = store.keys.rotate(firm, old.key_id, at=NOON, grace=7 * DAY)
    found = store.keys.find(secret)
    assert found is not None
    assert (found.expires_at, new.expires_at) == (NOON + DAY, NOON + DAY)


def test_a_key_that_opens_nothing_is_not_rotated_and_neither_is_another_firms(store: Store, firm: str) -> None:
    gone, _ = store.keys.create(firm, "crm", at=NOON)
    store.keys.revoke(firm, gone.key_id, at=NOON)
    late, _ = store.keys.create(firm, "crm", at=NOON, expires_at=NOON)
    for key in (gone, late):
        with pytest.raises(ConflictError):
            store.keys.rotate(firm, key.key_id, at=NOON, grace=DAY)
    with pytest.raises(NotFoundError):
        store.keys.rotate(f"not {firm}", gone.key_id, at=NOON, grace=DAY)
    assert len(store.keys.every(firm)) == 2


def test_the_last_use_is_exact_to_a_minute_whoever_notes_it(store: Store, firm: str) -> None:
    made, secret = store.keys.create(firm, "crm", at=NOON)
    for seconds in (0, 30, 59):
        store.keys.used(made.key_id, at=NOON + timedelta(seconds=seconds))
    first = store.keys.find(secret)
    store.keys.used(made.key_id, at=NOON + MINUTE)
    then = store.keys.find(secret)
    assert first is not None
    assert then is not None
    assert (first.last_used_at, then.last_used_at) == (NOON, NOON + MINUTE)


def test_a_secret_is_looked_up_by_its_digest_alone_so_that_time_tells_nothing_of_it(store: Store, firm: str) -> None:
    _, secret = store.keys.create(firm, "crm", at=NOON)
    near = ["x" + secret[1:], secret[:-1] + ("x" if secret[-1] != "x" else "y"), secret]
    asked: list[str] = []

    def note(_connection: object, _cursor: object, _statement: str, parameters: object, *_: object) -> None:
        asked.append(str(parameters))

    event.listen(store.database.engine, "before_cursor_execute", note)
    for one in near:
        store.keys.find(one)
    event.remove(store.database.engine, "before_cursor_execute", note)
    digests = [found[0] for said in asked if (found := re.findall(r"[0-9a-f]{64}", said))]
    assert len(digests) == len(near)
    assert not any(one[start : start + 8] in said for one in near for start in range(8, 40, 8) for said in asked)
    # One letter more that is right makes no more of the digest right: there is nothing to feel one's way along.
    assert not any(digest.startswith(digests[2][:8]) for digest in digests[:2])
