"""Keeps API keys: of each secret only its first characters, to know it by, and its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, select, update

from mlscore.ports import EVERYDAY, Key, KeyScope
from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store.engine import Database
from mlscore.store.tables import keys

MARK = "mlscore_"
SECRET_BYTES = 32
PREFIX_LENGTH = 12
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SqlKeys:
    """The port `Keys`, in SQL."""

    database: Database

    def create(
        self,
        firm: str,
        name: str,
        *,
        at: datetime,
        expires_at: datetime | None = None,
        scopes: Collection[KeyScope] = EVERYDAY,
        sandbox: bool = False,
        rate_per_minute: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key; return it with its secret, which is shown this once."""
        key, secret = _made(
            firm=firm,
            name=name,
            created_at=at,
            expires_at=expires_at,
            scopes=frozenset(scopes),
            sandbox=sandbox,
            rate_per_minute=rate_per_minute,
        )
        with self.database.writing() as connection:
            _insert(connection, key, secret)
        return key, secret

    def find(self, secret: str) -> Key | None:
        """Return the key of this secret, revoked and expired ones included."""
        with self.database.reading() as connection:
            found = _read(connection, keys.c.digest == _digest(secret))
        return found[0] if found else None

    def every(self, firm: str) -> Sequence[Key]:
        """Return the firm's keys, newest first."""
        with self.database.reading() as connection:
            return _read(connection, keys.c.firm == firm)

    def rotate(self, firm: str, key_id: str, *, at: datetime, grace: timedelta) -> tuple[Key, str]:
        """Make a key like this one, which itself expires after `grace` at the latest; return it with its secret.

        Raises NotFoundError, and ConflictError for a key that opens nothing any more.
        """
        with self.database.writing() as connection:
            old = _one(connection, firm, key_id)
            if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= at):
                raise ConflictError(f"The key {old.name!r} ({old.prefix}...) opens nothing any more: create a new one.")
            new, secret = _made(
                firm=firm,
                name=old.name,
                created_at=at,
                expires_at=old.expires_at,
                scopes=old.scopes,
                sandbox=old.sandbox,
                rate_per_minute=old.rate_per_minute,
            )
            _insert(connection, new, secret)
            ends = at + grace if old.expires_at is None else min(old.expires_at, at + grace)
            connection.execute(update(keys).where(_this(firm, key_id)).values(expires_at=ends))
        return new, secret

    def revoke(self, firm: str, key_id: str, *, at: datetime) -> Key:
        """Withdraw a key; one withdrawn before stays so since then. Raises NotFoundError."""
        with self.database.writing() as connection:
            connection.execute(
                update(keys).where(_this(firm, key_id), keys.c.revoked_at.is_(None)).values(revoked_at=at)
            )
            return _one(connection, firm, key_id)

    def used(self, key_id: str, *, at: datetime) -> None:
        """Note that a key was used; a use within a minute of the one noted last adds nothing."""
        noted = keys.c.last_used_at
        is_due = noted.is_(None) | (noted <= at - USE_NOTED_EVERY)
        with self.database.writing() as connection:
            connection.execute(update(keys).where(keys.c.key_id == key_id, is_due).values(last_used_at=at))


def _made(**of_key: Any) -> tuple[Key, str]:  # noqa: ANN401 - the fields of Key
    secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
    return Key(key_id=str(uuid4()), prefix=secret[:PREFIX_LENGTH], **of_key), secret


def _insert(connection: Connection, key: Key, secret: str) -> None:
    row = {
        "key_id": key.key_id,
        "firm": key.firm,
        "name": key.name,
        "prefix": key.prefix,
        "digest": _digest(secret),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "scopes": " ".join(sorted(key.scopes)),
        "sandbox": key.sandbox,
        "rate_per_minute": key.rate_per_minute,
    }
    connection.execute(keys.insert().values(row))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _this(firm: str, key_id: str) -> ColumnElement[bool]:
    return (keys.c.firm == firm) & (keys.c.key_id == key_id)


def _one(connection: Connection, firm: str, key_id: str) -> Key:
    found = _read(connection, _this(firm, key_id))
    if not found:
        raise NotFoundError(
            f"The firm {firm!r} has no key with the id {key_id!r}: `mlscore keys list` shows them.",
            firm=firm,
            key_id=key_id,
        )
    return found[0]


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Key]:
    k = keys.c
    query = select(keys).where(which).order_by(k.created_at.desc(), k.key_id)
    return [
        Key(
            key_id=row.key_id,
            firm=row.firm,
            name=row.name,
            prefix=row.prefix,
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            scopes=cast("frozenset[KeyScope]", frozenset(row.scopes.split())),
            sandbox=row.sandbox,
            rate_per_minute=row.rate_per_minute,
            last_used_at=row.last_used_at,
        )
        for row in connection.execute(query)
    ]
