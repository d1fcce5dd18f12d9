"""Keeps webhooks, with their secrets as they are: what has to sign cannot be kept as a hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, select, update

from mlscore.ports import Webhook
from mlscore.scoring.errors import ConflictError, NotFoundError
from mlscore.store.engine import Database
from mlscore.store.feed.numbering import SqlFeed
from mlscore.store.tables import deliveries, webhooks

_OF_A_WEBHOOK = [webhooks.c[one.name] for one in fields(Webhook)]


@dataclass(frozen=True, slots=True)
class SqlWebhooks:
    """The port `Webhooks`, in SQL."""

    database: Database

    def create(self, firm: str, name: str, *, url: str | None, secret: str, at: datetime) -> Webhook:
        """Keep a new one; it is told of scores that come after."""
        webhook_id = str(uuid4())
        row = {
            "firm": firm,
            "webhook_id": webhook_id,
            "name": name,
            "url": url,
            "secret": secret,
            "created_at": at,
            "number": 0 if url is None else SqlFeed(self.database).newest(firm),
        }
        with self.database.writing() as connection:
            connection.execute(webhooks.insert().values(row))
            return _one(connection, firm, webhook_id)

    def find(self, webhook_id: str) -> Webhook | None:
        """Return one of whatever firm, ended ones included; the id may be anything a stranger sends."""
        if "\0" in webhook_id:  # PostgreSQL takes no such text, and no id has one
            return None
        with self.database.reading() as connection:
            found = _read(connection, webhooks.c.webhook_id == webhook_id)
        return found[0] if found else None

    def every(self, firm: str) -> Sequence[Webhook]:
        """Return the firm's, newest first, ended ones included."""
        with self.database.reading() as connection:
            return _read(connection, webhooks.c.firm == firm)

    def rotate(self, firm: str, webhook_id: str, *, secret: str, at: datetime, grace: timedelta) -> Webhook:
        """Give it a new secret; the old one goes on beside it for `grace`. Raises NotFoundError, ConflictError."""
        with self.database.writing() as connection:
            old = _one(connection, firm, webhook_id)
            if old.ended_at is not None:
                raise ConflictError(f"The webhook {old.name!r} has ended: create a new one.")
            former = {"former_secret": old.secret, "former_until": at + grace}
            connection.execute(update(webhooks).where(_this(firm, webhook_id)).values(secret=secret, **former))
            return _one(connection, firm, webhook_id)

    def end(self, firm: str, webhook_id: str, *, at: datetime) -> Webhook:
        """End it, and drop what it was still to be told; one ended before stays so since then. Raises NotFoundError."""
        is_its = (deliveries.c.firm == firm) & (deliveries.c.webhook_id == webhook_id)
        with self.database.writing() as connection:
            connection.execute(
                update(webhooks).where(_this(firm, webhook_id), webhooks.c.ended_at.is_(None)).values(ended_at=at)
            )
            connection.execute(delete(deliveries).where(is_its))
            return _one(connection, firm, webhook_id)


def _this(firm: str, webhook_id: str) -> ColumnElement[bool]:
    return (webhooks.c.firm == firm) & (webhooks.c.webhook_id == webhook_id)


def _one(connection: Connection, firm: str, webhook_id: str) -> Webhook:
    found = _read(connection, _this(firm, webhook_id))
    if not found:
        raise NotFoundError(
            f"The firm {firm!r} has no webhook with the id {webhook_id!r}: `mlscore webhooks list` shows them.",
            firm=firm,
        )
    return found[0]


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Webhook]:
    query = select(*_OF_A_WEBHOOK).where(which).order_by(webhooks.c.created_at.desc(), webhooks.c.webhook_id)
    return [Webhook(**row) for row in connection.execute(query).mappings()]
