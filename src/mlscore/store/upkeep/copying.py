"""Copies a database while it is written to, and puts a copy into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess  # nosec B404 - PostgreSQL's own tools, never a shell
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect

from mlscore.scoring.errors import ConflictError, FaultyInputError, StoreUnavailableError
from mlscore.store.engine import Database

SQLITE_COPY, POSTGRESQL_COPY = "mlscore.db", "mlscore.dump"


def copy_database(database: Database, folder: Path) -> Path:
    """Write a copy of one moment into `folder`, and return its file; nobody has to wait meanwhile.

    Raises StoreUnavailableError, and FaultyInputError where PostgreSQL's tools are not installed.
    """
    address = database.engine.url
    if database.engine.dialect.name == "postgresql":
        target = folder / POSTGRESQL_COPY
        _run("pg_dump", address, "--format=custom", "--no-owner", f"--file={target}")
        return target
    target = folder / SQLITE_COPY
    try:
        with (
            closing(sqlite3.connect(f"file:{address.database}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreUnavailableError(f"The database cannot be copied: {error}.") from error
    if found != "ok":
        raise StoreUnavailableError(f"The database is damaged ({found}): keep the copies of before.")
    return target


def restore_database(database: Database, folder: Path) -> None:
    """Fill an empty database with the copy that lies in `folder`.

    Raises ConflictError where the database is not empty, FaultyInputError for a copy of the other kind or missing
    tools, StoreUnavailableError.
    """
    is_postgresql = database.engine.dialect.name == "postgresql"
    source = folder / (POSTGRESQL_COPY if is_postgresql else SQLITE_COPY)
    if not source.is_file():
        raise FaultyInputError(f"{folder} holds no {source.name}: a copy goes back into the kind it was taken from.")
    if is_postgresql:
        with database.reading() as connection:
            if inspect(connection).get_table_names():
                raise ConflictError("The database is not empty: make a new one, and restore into that.")
        words = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={database.engine.url.database}")
        _run("pg_restore", database.engine.url, *words, str(source))
        return
    target = Path(database.engine.url.database or "")
    if target.exists():
        raise ConflictError(f"{target} is there already: move it away, or name another with MLSCORE_DATABASE.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _run(program: str, address: URL, *words: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise FaultyInputError(f"{program} is not installed: it comes with PostgreSQL's client.")
    said = {"PGHOST": address.host, "PGPORT": address.port, "PGUSER": address.username, "PGPASSWORD": address.password}
    environment = os.environ | {name: str(value) for name, value in said.items() if value is not None}
    if program == "pg_dump":
        words = (*words, str(address.database))
    done = subprocess.run([found, *words], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a found program and our own words # nosec B603
    if done.returncode:
        raise StoreUnavailableError(f"{program} failed: {done.stderr.strip()}")
