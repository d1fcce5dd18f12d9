"""Has SQLite overwrite what is deleted: by itself it leaves the bytes in the file until the space is used again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from mlscore.store.engine import Database


@contextmanager
def leaving_no_trace(database: Database) -> Iterator[Connection]:
    """Give a connection to erase with, whose work is kept as a whole, or not at all. Raises StoreUnavailableError."""
    with database.writing() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
        yield connection
    if is_sqlite:
        # The journal holds older copies of the pages until it is written back and cut.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
