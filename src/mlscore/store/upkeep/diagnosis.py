"""Says of a database what an administrator should know: its clock, its newest receipt, the version of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from mlscore.store.engine import Database
from mlscore.store.migrating import Age, age_of_tables
from mlscore.store.tables import receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found; `now` is the database's own clock, None for SQLite, which has none of its own.

    `tables` are older than this mlscore, of the same version, or newer.
    """

    now: datetime | None
    newest_receipt_at: datetime | None
    tables: Age


def diagnose(database: Database) -> Diagnosis:
    """Look, and change nothing. Raises StoreUnavailableError."""
    with database.reading() as connection:
        now = None
        if connection.dialect.name == "postgresql":
            now = connection.execute(select(func.clock_timestamp())).scalar_one().astimezone(UTC)
        newest = connection.execute(select(func.max(receipts.c.scored_at))).scalar_one()
        return Diagnosis(now=now, newest_receipt_at=newest, tables=age_of_tables(connection))
