"""People are kept with every change written down, and nobody's password is in the log."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from mlscore.ports import DeedsAsked, User
from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store.tables import audit
from tests.store.builders import DAY, NOON


def a_user(firm, name="Анна", **said):
    usual = {"user_id": f"id-{name}", "role": "viewer", "password_hash": "$secret$", "created_at": NOON}
    return User(**{**usual, "firm": firm, "name": name, **said})


def log_of(store, firm, **asked):
    return store.audit.read(firm, DeedsAsked(**asked), first=0, at_most=100)


def test_a_person_comes_back_as_kept(store, firm):
    user = a_user(firm, role="seller", sellers=frozenset({"S-1", "Ш-2"}), language="ru", theme="dark")
    store.users.add(user, by="admin")
    assert store.users.find(firm, user.user_id) == user
    assert store.users.every(firm) == [user]


def test_a_name_is_found_in_whatever_case_and_only_in_its_firm(store, firm):
    store.users.add(a_user(firm), by="admin")
    assert store.users.named(firm, "АННА") is not None
    assert store.users.named("another firm", "Анна") is None


def test_a_name_is_given_once(store, firm):
    store.users.add(a_user(firm), by="admin")
    with pytest.raises(ConflictError):
        store.users.add(a_user(firm, user_id="another", name="анна"), by="admin")


def test_a_change_is_written_down_with_what_was_and_what_is(store, firm):
    user = store.users.add(a_user(firm), by="command line")
    store.users.change(user, replace(user, role="manager"), by="Борис", at=NOON + DAY, what="user.role")
    changed, added = log_of(store, firm)
    assert (changed.who, changed.at, changed.subject) == ("Борис", NOON + DAY, "Анна")
    assert (changed.before, changed.after) == ({"role": "viewer"}, {"role": "manager"})
    assert (added.what, added.before, added.after) == ("user.added", None, {"role": "viewer"})


def test_of_a_password_the_log_tells_only_that_it_changed(store, firm):
    user = store.users.add(a_user(firm), by="admin")
    store.users.change(user, replace(user, password_hash="$another$"), by="Анна", at=NOON, what="user.password")
    assert store.users.find(firm, user.user_id).password_hash == "$another$"
    assert all("$" not in str(deed) for deed in log_of(store, firm))


def test_who_is_not_there_cannot_be_changed(store, firm):
    with pytest.raises(NotFoundError):
        store.users.change(a_user(firm), a_user(firm), by="admin", at=NOON, what="user.role")
    assert log_of(store, firm) == []


def test_no_line_of_the_log_is_changed_or_taken_away(store, firm):
    store.users.add(a_user(firm), by="admin")
    for change in (update(audit).values(who="nobody"), delete(audit)):
        with pytest.raises(DBAPIError, match="never changed"), store.database.writing() as connection:
            connection.execute(change.where(audit.c.firm == firm))
    assert [deed.who for deed in log_of(store, firm)] == ["admin"]


def test_a_change_leaves_what_somebody_else_changed_meanwhile(store, firm):
    seen = store.users.add(a_user(firm), by="admin")
    store.users.change(seen, replace(seen, disabled_at=NOON + DAY), by="admin", at=NOON + DAY, what="user.disabled")
    kept = store.users.change(seen, replace(seen, theme="dark"), by="Анна", at=NOON + DAY, what="user.looks")
    assert store.users.find(firm, seen.user_id) == kept == replace(seen, disabled_at=NOON + DAY, theme="dark")
    assert log_of(store, firm)[0].after == {"theme": "dark"}


def test_two_admins_who_take_the_role_from_each_other_at_once_do_not_both_lose_it(store, firm):
    both = [store.users.add(a_user(firm, name, user_id=f"{firm} {name}", role="admin"), by="cli") for name in "ab"]

    def demote(user):
        try:
            return store.users.change(user, replace(user, role="viewer"), by="x", at=NOON, what="user.role").role
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, both)) == ["people.last_admin", "viewer"]
    assert sorted(user.role for user in store.users.every(firm)) == ["admin", "viewer"]


def test_a_disabled_admin_is_none_who_is_left(store, firm):
    away = a_user(firm, "away", user_id=f"{firm} away", role="admin", disabled_at=NOON)
    last = a_user(firm, "last", user_id=f"{firm} last", role="admin")
    for user in (away, last):
        store.users.add(user, by="cli")
    with pytest.raises(ConflictError, match="last admin"):
        store.users.change(last, replace(last, disabled_at=NOON), by="x", at=NOON, what="user.disabled")


def test_tries_count_however_long_ago_the_person_was_read_and_the_last_locks(store, firm):
    seen = store.users.add(a_user(firm), by="admin")
    assert [store.users.failed(seen, at_most=3, until=NOON + DAY) for _ in range(3)] == [False, False, True]
    kept = store.users.find(firm, seen.user_id)
    assert (kept.failures, kept.locked_until) == (0, NOON + DAY)
    assert len(log_of(store, firm)) == 1  # no change by anybody


def test_a_password_changed_while_another_was_looked_at_stays_changed(store, firm):
    seen = store.users.add(a_user(firm), by="admin")
    new = replace(seen, password_hash="$new$")
    store.users.change(seen, new, by="admin", at=NOON, what="user.password")
    assert not store.users.entered(replace(seen, signed_in_at=NOON), shown=seen.password_hash)
    store.users.failed(seen, at_most=3, until=NOON + DAY)
    assert store.users.find(firm, seen.user_id) == replace(new, failures=1)
    assert store.users.entered(replace(new, signed_in_at=NOON), shown=new.password_hash)
    assert store.users.find(firm, seen.user_id) == replace(new, signed_in_at=NOON)


def test_the_log_is_searched_filtered_counted_and_read_in_parts(store, firm):
    for number in range(5):
        store.users.add(a_user(firm, name=f"N-{number}"), by="100%_sure")
    assert store.audit.count(firm, DeedsAsked(search="n-3")) == 1
    assert store.audit.count(firm, DeedsAsked(search="0%_S")) == 5
    assert store.audit.count(firm, DeedsAsked(search="%")) == 5
    assert store.audit.count(firm, DeedsAsked(search="_x")) == 0
    assert store.audit.count(firm, DeedsAsked(what="user.role")) == 0
    assert [deed.number for deed in store.audit.read(firm, DeedsAsked(), first=1, at_most=2)] == [4, 3]
    assert [deed.number for deed in log_of(store, firm, is_oldest_first=True)] == [1, 2, 3, 4, 5]
