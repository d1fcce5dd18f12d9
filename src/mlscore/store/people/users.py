"""Keeps who may sign in; a change and its line in the audit log are one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Row, select, update

from mlscore.ports import Role, Theme, User
from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store.engine import Database, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import users

_NAMES = tuple(one.name for one in fields(User))


@dataclass(frozen=True, slots=True)
class SqlUsers:
    """The port `Users`, in SQL."""

    database: Database

    def add(self, user: User, *, by: str) -> User:
        """Add a person. Raises ConflictError for a name the firm has already."""
        with self.database.writing() as connection:
            lock(connection, "users", user.firm)
            if _read(connection, user.firm, users.c.key == _key(user.name)):
                raise ConflictError(f"The firm {user.firm!r} has a user {user.name!r} already: choose another name.")
            connection.execute(users.insert().values(_row(user)))
            told = {name: value for name, value in _told(user).items() if name in {"role", "sellers"} and value}
            note(connection, user.firm, at=user.created_at, who=by, what="user.added", subject=user.name, after=told)
        return user

    def change(self, was: User, user: User, *, by: str, at: datetime, what: str) -> User:
        """Keep what differs between `was` and `user`, and write it down, of a password only that.

        Whatever else was changed meanwhile stays so. Return the person as kept. Raises NotFoundError, and ConflictError
        where nobody would be left who may change anything: told here, where two who take that from each other meet.
        """
        meant = {name: getattr(user, name) for name in _NAMES if getattr(user, name) != getattr(was, name)}
        with self.database.writing() as connection:
            lock(connection, "users", user.firm)
            old = _one(connection, user.firm, user.user_id)
            new = replace(old, **meant)
            if _is_admin(old) and not _is_admin(new):
                _refuse_the_last(connection, old)
            before, after = _told(old), _told(new)
            differing = [name for name in after if before[name] != after[name]]
            connection.execute(update(users).where(_this(user)).values(_row(new)))
            note(
                connection,
                user.firm,
                at=at,
                who=by,
                what=what,
                subject=new.name,
                before={name: before[name] for name in differing},
                after={name: after[name] for name in differing},
            )
        return new

    def failed(self, user: User, *, at_most: int, until: datetime) -> bool:
        """Count a password tried in vain; at the last of `at_most` lock `until` then, and tell so.

        Counted where it is kept: of several that try at once, each counts.
        """
        counted = update(users).where(_this(user)).values(failures=users.c.failures + 1)
        with self.database.writing() as connection:
            connection.execute(counted)
            shut = update(users).where(_this(user), users.c.failures >= at_most)
            return connection.execute(shut.values(failures=0, locked_until=until)).rowcount > 0

    def entered(self, user: User, *, shown: str) -> bool:
        """Keep that the password with the hash `shown` was right; tell whether it still was the person's."""
        kept = {name: getattr(user, name) for name in ("failures", "locked_until", "signed_in_at", "password_hash")}
        still = update(users).where(_this(user), users.c.password_hash == shown)
        with self.database.writing() as connection:
            return connection.execute(still.values(kept)).rowcount > 0

    def named(self, firm: str, name: str) -> User | None:
        """Return a person by name, in whatever case it is written."""
        with self.database.reading() as connection:
            found = _read(connection, firm, users.c.key == _key(name))
        return found[0] if found else None

    def find(self, firm: str, user_id: str) -> User | None:
        """Return a person."""
        with self.database.reading() as connection:
            found = _read(connection, firm, users.c.user_id == user_id)
        return found[0] if found else None

    def every(self, firm: str) -> Sequence[User]:
        """Return everybody of a firm, by name."""
        with self.database.reading() as connection:
            return sorted(_read(connection, firm), key=lambda user: _key(user.name))


def read_user(row: Row[Any]) -> User:
    """Make a person of a row of the table."""
    return User(
        user_id=row.user_id,
        firm=row.firm,
        name=row.name,
        role=cast("Role", row.role),
        sellers=frozenset(json.loads(row.sellers)),
        password_hash=row.password_hash,
        language=row.language,
        theme=cast("Theme", row.theme),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        signed_in_at=row.signed_in_at,
        failures=row.failures,
        locked_until=row.locked_until,
    )


def _read(connection: Connection, firm: str, *which: ColumnElement[bool]) -> list[User]:
    return [read_user(row) for row in connection.execute(select(users).where(users.c.firm == firm, *which))]


def _one(connection: Connection, firm: str, user_id: str) -> User:
    found = _read(connection, firm, users.c.user_id == user_id)
    if not found:
        raise NotFoundError(f"The firm {firm!r} has no user {user_id!r}: `mlscore users list` shows them.")
    return found[0]


def _is_admin(user: User) -> bool:
    return user.role == "admin" and user.disabled_at is None


def _refuse_the_last(connection: Connection, user: User) -> None:
    others = [one for one in _read(connection, user.firm, users.c.user_id != user.user_id) if _is_admin(one)]
    if not others:
        raise ConflictError("This is the last admin: make another one first.", code="people.last_admin")


def _this(user: User) -> ColumnElement[bool]:
    return (users.c.firm == user.firm) & (users.c.user_id == user.user_id)


def _key(name: str) -> str:
    return name.casefold()


def _row(user: User) -> Mapping[str, object]:
    return {
        "firm": user.firm,
        "user_id": user.user_id,
        "key": _key(user.name),
        "name": user.name,
        "role": user.role,
        "sellers": json.dumps(sorted(user.sellers), ensure_ascii=False),
        "password_hash": user.password_hash,
        "language": user.language,
        "theme": user.theme,
        "created_at": user.created_at,
        "disabled_at": user.disabled_at,
        "signed_in_at": user.signed_in_at,
        "failures": user.failures,
        "locked_until": user.locked_until,
    }


def _told(user: User) -> dict[str, object]:
    """Return of a person what the log may tell: nothing of a password."""
    told: dict[str, object] = {"role": user.role, "disabled": user.disabled_at is not None}
    return {**told, "sellers": sorted(user.sellers), "language": user.language, "theme": user.theme}
