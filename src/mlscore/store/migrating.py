"""Changes a database's tables by Alembic, from one version to another; one migrator at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mlscore.scoring.errors import ConflictError
from mlscore.store.engine import Database, lock

MIGRATIONS = Path(__file__).with_name("migrations")

Age = Literal["older", "same", "newer"]


def upgrade(database: Database, *, to: str = "head") -> None:
    """Make or change the tables, all of it or nothing.

    Raises StoreUnavailableError, and ConflictError where a newer mlscore has changed them already.
    """
    _run(database, command.upgrade, to)


def revert(database: Database, *, to: str = "-1") -> None:
    """Take migrations back, with what their tables held. Raises StoreUnavailableError."""
    _run(database, command.downgrade, to)


def age_of_tables(connection: Connection) -> Age:
    """Tell whether the tables are older than this version of mlscore knows them, as it does, or newer."""
    scripts = ScriptDirectory.from_config(_config())
    found = _revision(connection)
    if found == scripts.get_current_head():
        return "same"
    return "older" if found is None or found in {one.revision for one in scripts.walk_revisions()} else "newer"


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _run(database: Database, change: Callable[[Config, str], None], to: str) -> None:
    config = _config()
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
        lock(connection, "migrations")
        _refuse_newer(connection)
        config.attributes["connection"] = connection
        change(config, to)


def _refuse_newer(connection: Connection) -> None:
    """Raise ConflictError for tables of a version that we know nothing of; who runs already goes on with them."""
    if age_of_tables(connection) == "newer":
        raise ConflictError(
            f"A newer mlscore has changed the tables of this database (to {_revision(connection)}): "
            "upgrade this one, or name another database."
        )
