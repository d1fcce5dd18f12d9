"""Says of a database what an administrator should know: its clock, its newest receipt, the version of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from mlscore.store.engine import Database
from mlscore.store.migrating import MIGRATIONS
from mlscore.store.tables import receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found; `now` is the database's own clock, None for SQLite, which has none of its own.

    `tables` are older than this mlscore, of the same version, or newer.
    """

    now: datetime | None
    newest_receipt_at: datetime | None
    tables: str


def diagnose(database: Database) -> Diagnosis:
    """Look, and change nothing. Raises StoreUnavailableError."""
    with database.reading() as connection:
        now = None
        if connection.dialect.name == "postgresql":
            now = connection.execute(select(func.clock_timestamp())).scalar_one().astimezone(UTC)
        newest = connection.execute(select(func.max(receipts.c.scored_at))).scalar_one()
        revision = MigrationContext.configure(connection).get_current_revision()
    return Diagnosis(now=now, newest_receipt_at=newest, tables=_standing(revision))


def _standing(revision: str | None) -> str:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    known = [script.revision for script in scripts.walk_revisions()]
    if revision == scripts.get_current_head():
        return "same"
    return "older" if revision is None or revision in known else "newer"
