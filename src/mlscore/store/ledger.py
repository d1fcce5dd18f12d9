"""Remembers the answers given under idempotency keys, so that a repeated request does nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, select, update

from mlscore.ports import KeptAnswer
from mlscore.scoring.errors import KeyReusedError, StillRunningError
from mlscore.store.engine import Database, insert
from mlscore.store.tables import ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlLedger:
    """The port `Ledger`, in SQL.

    A claim older than `lapses_after` belongs to a request that was cut off, and may be claimed anew.
    An answer is kept for `kept_for`.
    """

    database: Database
    lapses_after: timedelta = timedelta(minutes=5)
    kept_for: timedelta = timedelta(days=30)

    def begin(self, firm: str, key: str, *, request_digest: str, at: datetime) -> KeptAnswer | None:
        """Claim a key; None means go on, an answer means replay it.

        Raises KeyReusedError (another body) and StillRunningError (the first request has not ended).
        """
        claim = {
            "firm": firm,
            "key": key,
            "request_digest": request_digest,
            "created_at": at,
        }
        with self.database.writing() as connection:
            _forget(connection, firm, before=at - self.kept_for)
            claimed = connection.execute(
                insert(connection, ledger).on_conflict_do_nothing().values(claim).returning(ledger.c.key)
            )
            if claimed.first() is not None:
                return None
            return self._repeat(connection, _entry(firm, key), request_digest, at)

    def end(self, firm: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer; the first one given stays."""
        with self.database.writing() as connection:
            connection.execute(
                update(ledger)
                .where(_entry(firm, key), ledger.c.status.is_(None))
                .values(status=answer.status, content_type=answer.content_type, body=answer.body)
            )

    def abandon(self, firm: str, key: str) -> None:
        """Give the key back: the request failed and may be sent again."""
        with self.database.writing() as connection:
            connection.execute(delete(ledger).where(_entry(firm, key), ledger.c.status.is_(None)))

    def _repeat(
        self, connection: Connection, entry: ColumnElement[bool], request_digest: str, at: datetime
    ) -> KeptAnswer | None:
        row = connection.execute(select(ledger).where(entry).with_for_update()).one()
        if row.request_digest != request_digest:
            raise KeyReusedError(
                "This idempotency key came with another body before: send a new key with a new request."
            )
        if row.status is not None:
            return KeptAnswer(status=row.status, body=row.body, content_type=row.content_type)
        # Either way: a claim made while a clock ran ahead would be held until the others have caught up with it.
        if abs(at - row.created_at) < self.lapses_after:
            raise StillRunningError(
                "The first request under this idempotency key has not ended: send it again shortly."
            )
        connection.execute(update(ledger).where(entry).values(created_at=at))
        return None


def _entry(firm: str, key: str) -> ColumnElement[bool]:
    return (ledger.c.firm == firm) & (ledger.c.key == key)


def _forget(connection: Connection, firm: str, *, before: datetime) -> None:
    connection.execute(delete(ledger).where(ledger.c.firm == firm, ledger.c.created_at < before))
