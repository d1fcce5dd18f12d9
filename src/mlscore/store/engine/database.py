"""Begins the transactions of a database, and tells one that is away from a mistake of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from mlscore.scoring.errors import StoreUnavailableError
from mlscore.store.engine.waits import Rest

WRITES = "mlscore_writes"
"""Marks a transaction that is going to write."""

_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}
_NO_TABLE = "no such table"
"""SQLite has no code of its own for a database whose tables are gone: an empty one was put in its place."""

_AWAY_STATES = {
    "25006",  # it only reads now: a standby after a failover, a provider's answer to a full disk
    "25P03",  # it hung up on a transaction that slept, as the whole process did
    "42501",  # it lets us into a table no more
    "42P01",  # its tables are gone: a copy is being put back
    "XX001",  # its files are damaged
    "XX002",
}
"""What PostgreSQL says of itself and files under mistakes of a program."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database as the rest of the store sees it: a place to read from and to write to."""

    engine: Engine
    rest: Rest = field(default_factory=Rest)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read from. Raises StoreUnavailableError."""
        with _telling_when_away(self.engine, self.rest), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is kept as a whole, or not at all. Raises StoreUnavailableError."""
        with (
            _telling_when_away(self.engine, self.rest),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection


@contextmanager
def _telling_when_away(engine: Engine, rest: Rest) -> Iterator[None]:
    rest.refuse()
    try:
        yield
    except PoolTimeoutError as error:
        rest.begin()
        raise StoreUnavailableError("Every connection to the database is in use: try again shortly.") from error
    except StoreUnavailableError:
        rest.begin()
        raise
    except BaseException as error:
        said = _said_by(engine, error)
        if said is None:
            rest.end()
            raise
        if getattr(said, "sqlstate", None) in _AWAY_STATES:
            rest.end()  # it answers at once, and other questions as well: nobody waits for it
        else:
            rest.begin()
        raise StoreUnavailableError(
            f"The database does not answer ({_first_line(said)}). "
            "Check that it runs, that its address is right and that its disk has room."
        ) from error
    rest.end()


def _said_by(engine: Engine, error: BaseException) -> BaseException | None:
    """Return what the driver said of a database that is away, whether SQLAlchemy told it on or not; None otherwise."""
    said = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(said, sqlite3.Error):
        is_away = getattr(said, "sqlite_errorcode", 0) & 0xFF in _AWAY or str(said).startswith(_NO_TABLE)
    else:
        driver = engine.dialect.loaded_dbapi
        is_away = isinstance(said, driver.OperationalError | driver.InterfaceError)
        is_away = is_away or getattr(said, "sqlstate", None) in _AWAY_STATES
    return said if is_away else None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0].strip().rstrip(".")
