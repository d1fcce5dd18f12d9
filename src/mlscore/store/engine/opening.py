"""Opens a SQLite file or a PostgreSQL database."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from mlscore.scoring.errors import FaultyInputError, StoreUnavailableError
from mlscore.store.engine.database import WRITES, Database
from mlscore.store.engine.waits import PATIENT, Rest, Waits

_CHECKPOINT = "wal_autocheckpoint = 4000"
"""Pages (16 MB) of the journal before they are carried over: at SQLite's 1 000 the same pages are written too often."""


def open_database(url: str, *, waits: Waits = PATIENT) -> Database:
    """Open a SQLite file or a PostgreSQL database. Raises FaultyInputError for an address that cannot be used.

    Raises StoreUnavailableError when a SQLite file's folder cannot be made.
    """
    address = _read_address(url)
    rest = Rest(seconds=waits.rest, longest_try=waits.connect + waits.lock)
    if address.get_backend_name() == "sqlite":
        return Database(_open_sqlite(address, waits.lock), rest)
    timeouts = {
        "lock_timeout": waits.lock,
        "statement_timeout": waits.statement,
        "idle_in_transaction_session_timeout": waits.statement,
    }
    engine = create_engine(
        address,
        hide_parameters=True,  # facts of deals have no place in the message of an error
        paramstyle="format",  # values by their place, as SQLite has them
        pool_pre_ping=True,
        pool_timeout=waits.lock,
        connect_args={
            "connect_timeout": waits.connect,
            # Prepared, a list of a thousand ids is in time planned blindly, and compared one by one.
            "prepare_threshold": None,
            "options": " ".join(f"-c {name}={int(s * 1000)}" for name, s in timeouts.items()),
        },
    )
    if waits.silence is not None:
        from mlscore.store.engine.patience import Patience  # noqa: PLC0415 - it loads psycopg, for PostgreSQL alone

        patience = Patience(waits.silence)
        event.listen(engine, "do_connect", lambda _dialect, _record, given, named: patience.connect(*given, **named))
    return Database(engine, rest)


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
    engine = create_engine(
        address,
        hide_parameters=True,
        pool_timeout=wait_seconds,
        pool_use_lifo=True,  # a connection forgets the pages it holds once another has written: let the last go on
        connect_args={"timeout": wait_seconds},
    )
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
        writes = connection.get_execution_options().get(WRITES)
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

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
