"""Tells whether a database has the tables of this version of mlscore, and has them made where it has not."""

from __future__ import annotations

from sqlalchemy import inspect, text

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store.engine import Database
from mlscore.store.tables import metadata

NEWEST = "0009"
"""The newest migration."""


def migrate(database: Database, *, to: str = "head") -> None:
    """Make or change the tables, all of it or nothing.

    Raises StoreUnavailableError, and ConflictError where a newer mlscore has changed them already.
    """
    if to == "head" and _is_new(database):
        return
    from mlscore.store.migrating import upgrade  # noqa: PLC0415 - slow to load, and most starts have nothing to change

    upgrade(database, to=to)


def ping(database: Database) -> None:
    """Raise StoreUnavailableError unless the database answers and has its tables."""
    with database.reading() as connection:
        present = set(inspect(connection).get_table_names())
    if absent := set(metadata.tables) - present:
        raise StoreUnavailableError(
            f"The database answers but lacks the tables {', '.join(sorted(absent))}: migrate it first."
        )


def _is_new(database: Database) -> bool:
    with database.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [NEWEST]
