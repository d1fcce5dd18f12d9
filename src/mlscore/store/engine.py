"""Opens a database, begins its transactions, and tells a database that is away from a mistake of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from mlscore.scoring.errors import FaultyInputError, StoreUnavailableError

CHUNK_ROWS = 1000
"""Rows, or values of one IN list, sent in one statement: below the limits of both databases."""

_WRITES = "mlscore_writes"
_CHECKPOINT = "wal_autocheckpoint = 4000"
"""Pages (16 MB) of the journal before they are carried over: at SQLite's 1 000 the same pages are written too often."""
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


@dataclass(frozen=True, slots=True)
class Database:
    """A database as the rest of the store sees it: a place to read from and to write to."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read from. Raises StoreUnavailableError."""
        with _telling_when_away(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is kept as a whole, or not at all. Raises StoreUnavailableError."""
        with (
            _telling_when_away(),
            self.engine.connect().execution_options(**{_WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection


def open_database(
    url: str, *, wait_seconds: float = 5.0, connect_seconds: int = 3, statement_seconds: int = 60
) -> Database:
    """Open a SQLite file or a PostgreSQL database.

    Wait `wait_seconds` for a lock or a free connection, `connect_seconds` for a server, `statement_seconds`
    for one statement (both PostgreSQL only). Raises FaultyInputError for an address that cannot be used and
    StoreUnavailableError when a SQLite file's folder cannot be made.
    """
    address = _read_address(url)
    if address.get_backend_name() == "sqlite":
        return Database(_open_sqlite(address, wait_seconds))
    timeouts = {
        "lock_timeout": wait_seconds,
        "statement_timeout": statement_seconds,
        "idle_in_transaction_session_timeout": statement_seconds,
    }
    engine = create_engine(
        address,
        pool_pre_ping=True,
        pool_timeout=wait_seconds,
        connect_args={
            "connect_timeout": connect_seconds,
            # Prepared, a list of a thousand ids is in time planned blindly, and compared one by one.
            "prepare_threshold": None,
            "options": " ".join(f"-c {name}={int(s * 1000)}" for name, s in timeouts.items()),
        },
    )
    return Database(engine)


def lock(connection: Connection, *names: str, is_shared: bool = False) -> None:
    """Let one writer at a time go on until its transaction ends; on SQLite there is only ever one.

    Those who share a lock go on together, and keep out who does not.
    """
    if connection.dialect.name == "postgresql":
        number = func.hashtextextended("/".join(names), 0)
        take = func.pg_advisory_xact_lock_shared if is_shared else func.pg_advisory_xact_lock
        connection.execute(select(take(number)))


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in as many parts as statements must name them in."""
    for start in range(0, len(ids), CHUNK_ROWS):
        yield ids[start : start + CHUNK_ROWS]


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, in the database's own dialect."""
    is_postgresql = connection.dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that leaves a row there is as it is; put together once for each database."""
    return _insert_new(connection.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    statement = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return statement.on_conflict_do_nothing()


def _read_address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise FaultyInputError(
            "The database address cannot be read: write sqlite:///folder/file.db or postgresql://user@host/name."
        ) from None
    backend = address.get_backend_name()
    if backend == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise FaultyInputError(f"mlscore keeps its store in SQLite or PostgreSQL, not in {backend}.")
    if address.database in {None, "", ":memory:"}:
        raise FaultyInputError("SQLite in memory forgets every receipt: name a file, sqlite:///folder/file.db.")
    return address


def _open_sqlite(address: URL, wait_seconds: float) -> Engine:
    folder = Path(address.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(f"The folder {folder} of the database cannot be made: {error.strerror}.") from error
    engine = create_engine(address, pool_timeout=wait_seconds, connect_args={"timeout": wait_seconds})
    _stay_with_the_file(engine, Path(address.database or ""))

    @event.listens_for(engine, "connect")
    def prepare(raw: DBAPIConnection, _record: object) -> None:
        # Python's driver begins transactions late and never before reads or DDL; we begin them ourselves.
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", _CHECKPOINT):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer asks for the lock at once: one that has read before cannot wait for it any more.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _stay_with_the_file(engine: Engine, file: Path) -> None:
    """Refuse to write into a file that was deleted, or to begin an empty one in its place; follow one put back."""
    opened: set[tuple[int, int]] = set()

    def identity() -> tuple[int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @event.listens_for(engine, "do_connect")
    def refuse_to_begin_anew(*_: object) -> None:
        if opened and identity() is None:
            raise StoreUnavailableError(f"The database file {file} is gone: put it back, or start the service anew.")

    @event.listens_for(engine, "connect")
    def remember(raw: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        raw.execute("SELECT 1 FROM sqlite_master")  # the file is made when first read
        record.info["file"] = identity()
        opened.add(record.info["file"])

    @event.listens_for(engine, "checkout")
    def compare(_raw: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info["file"] != identity():
            raise DisconnectionError


@contextmanager
def _telling_when_away() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreUnavailableError("Every connection to the database is in use: try again shortly.") from error
    except DBAPIError as error:
        if not _is_away(error):
            raise
        raise StoreUnavailableError(
            f"The database does not answer ({_first_line(error)}). "
            "Check that it runs, that its address is right and that its disk has room."
        ) from error


def _is_away(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _AWAY
    return isinstance(error, OperationalError | InterfaceError)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0].strip().rstrip(".")
