"""Keeps API keys: of each secret only its first characters, to know it by, and its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, select, update

from mlscore.ports import Key
from mlscore.scoring.errors import NotFoundError
from mlscore.store.engine import Database
from mlscore.store.tables import keys

MARK = "mlscore_"
SECRET_BYTES = 32
PREFIX_LENGTH = 12


@dataclass(frozen=True, slots=True)
class SqlKeys:
    """The port `Keys`, in SQL."""

    database: Database

    def create(self, firm: str, name: str, *, at: datetime, expires_at: datetime | None = None) -> tuple[Key, str]:
        """Make a key; return it with its secret, which is shown this once."""
        secret = MARK + secrets.token_urlsafe(SECRET_BYTES)
        row = {
            "key_id": str(uuid4()),
            "firm": firm,
            "name": name,
            "prefix": secret[:PREFIX_LENGTH],
            "digest": _digest(secret),
            "created_at": at,
            "expires_at": expires_at,
        }
        with self.database.writing() as connection:
            connection.execute(keys.insert().values(row))
            [made] = _read(connection, keys.c.key_id == row["key_id"])
        return made, secret

    def find(self, secret: str) -> Key | None:
        """Return the key of this secret, revoked and expired ones included."""
        with self.database.reading() as connection:
            found = _read(connection, keys.c.digest == _digest(secret))
        return found[0] if found else None

    def every(self, firm: str) -> Sequence[Key]:
        """Return the firm's keys, newest first."""
        with self.database.reading() as connection:
            return _read(connection, keys.c.firm == firm)

    def revoke(self, firm: str, key_id: str, *, at: datetime) -> Key:
        """Withdraw a key; one withdrawn before stays so since then. Raises NotFoundError."""
        this = (keys.c.firm == firm) & (keys.c.key_id == key_id)
        with self.database.writing() as connection:
            connection.execute(update(keys).where(this, keys.c.revoked_at.is_(None)).values(revoked_at=at))
            found = _read(connection, this)
        if not found:
            raise NotFoundError(
                f"The firm {firm!r} has no key {key_id!r}: list its keys to see which there are.",
                firm=firm,
                key_id=key_id,
            )
        return found[0]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Key]:
    k = keys.c
    query = (
        select(k.key_id, k.firm, k.name, k.prefix, k.created_at, k.expires_at, k.revoked_at)
        .where(which)
        .order_by(k.created_at.desc(), k.key_id)
    )
    return [
        Key(
            key_id=key_id,
            firm=firm,
            name=name,
            prefix=prefix,
            created_at=created_at,
            expires_at=expires_at,
            revoked_at=revoked_at,
        )
        for key_id, firm, name, prefix, created_at, expires_at, revoked_at in connection.execute(query)
    ]
