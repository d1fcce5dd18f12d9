"""Changes a database's tables by Alembic, from one version to another; one migrator at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from mlscore.scoring.errors import ConflictError
from mlscore.store.engine import Database, lock

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database, *, to: str = "head") -> None:
    """Make or change the tables, all of it or nothing.

    Raises StoreUnavailableError, and ConflictError where a newer mlscore has changed them already.
    """
    _run(database, command.upgrade, to)


def revert(database: Database, *, to: str = "-1") -> None:
    """Take migrations back, with what their tables held. Raises StoreUnavailableError."""
    _run(database, command.downgrade, to)


def _run(database: Database, change: Callable[[Config, str], None], to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
        lock(connection, "migrations")
        _refuse_newer(connection, config)
        config.attributes["connection"] = connection
        change(config, to)


def _refuse_newer(connection: Connection, config: Config) -> None:
    """Raise ConflictError for tables of a version that we know nothing of; who runs already goes on with them."""
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if newer := set(MigrationContext.configure(connection).get_current_heads()) - known:
        raise ConflictError(
            f"A newer mlscore has changed the tables of this database (to {', '.join(sorted(newer))}): "
            "upgrade this one, or name another database."
        )
