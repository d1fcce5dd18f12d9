"""Sessions are found by digest and end one by one or together."""

from datetime import timedelta

from mlscore.ports import DeedsAsked, Session
from tests.store.builders import DAY, NOON
from tests.store.people.test_users import a_user


def a_session(user, name, **said):
    times = {"created_at": NOON, "last_used_at": NOON, "expires_at": NOON + DAY}
    return Session(**{"session_id": name, "user_id": user.user_id, "digest": f"digest of {name}", **times, **said})


def opened(store, firm, *names):
    user = store.users.add(a_user(firm), by="admin")
    for number, name in enumerate(names):
        used = NOON + timedelta(minutes=number)
        store.sessions.begin(firm, a_session(user, f"{firm}/{name}", last_used_at=used))
    return user


def left(store, firm, user):
    return [one.session_id.split("/")[1] for one in store.sessions.of_user(firm, user.user_id)]


def test_a_session_is_found_with_whose_it_is(store, firm):
    user = opened(store, firm, "a")
    session, whose = store.sessions.find(f"digest of {firm}/a")
    assert (session.session_id, whose) == (f"{firm}/a", user)
    assert store.sessions.find("digest of none") is None


def test_the_one_used_last_comes_first(store, firm):
    user = opened(store, firm, "a", "b")
    assert left(store, firm, user) == ["b", "a"]
    store.sessions.used(f"digest of {firm}/a", at=NOON + DAY)
    assert left(store, firm, user) == ["a", "b"]


def test_one_ends_or_all_but_one_or_all(store, firm):
    user = opened(store, firm, "a", "b", "c")
    end = {"by": "Анна", "at": NOON + DAY}
    assert store.sessions.end(firm, user.user_id, only=f"{firm}/a", **end) == 1
    assert left(store, firm, user) == ["c", "b"]
    assert store.sessions.end(firm, user.user_id, but=f"{firm}/b", **end) == 1
    assert left(store, firm, user) == ["b"]
    assert store.sessions.end(firm, user.user_id, **end) == 1
    assert store.sessions.end(firm, user.user_id, **end) == 0
    ended = store.audit.read(firm, DeedsAsked(what="session.ended"), first=0, at_most=9)
    assert [deed.after for deed in ended] == [{"sessions": 1}] * 3


def test_nobody_ends_the_session_of_another(store, firm):
    user = opened(store, firm, "a")
    assert store.sessions.end(firm, "another", by="x", at=NOON, only=f"{firm}/a") == 0
    assert store.sessions.end("another firm", user.user_id, by="x", at=NOON) == 0
    assert left(store, firm, user) == ["a"]
