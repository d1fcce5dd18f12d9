"""What statements of every table share: locks, conflicts, and lists that are not too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Dialect, Table, bindparam, func, select

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

CHUNK_ROWS = 1000
"""Rows, or values of one IN list, sent in one statement: below the limits of both databases."""


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
    return _insert(connection.dialect.name, table)


def insert_new(connection: Connection, table: Table, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows, each the values of every column in the table's order, and leave a row there is as it is.

    The values go to the driver as they are: a moment as `as_microseconds` has it. Row by row SQLAlchemy would take as
    long to look at them as the database does to keep them.
    """
    words, names = _insert_new(connection.dialect, table)
    if names is None:
        connection.exec_driver_sql(words, [tuple(row) for row in rows])
    else:
        connection.exec_driver_sql(words, [dict(zip(names, row, strict=True)) for row in rows])


@lru_cache(maxsize=16)
def _insert_new(dialect: Dialect, table: Table) -> tuple[str, Sequence[str] | None]:
    """Return the statement in the driver's words, and the names of its values where they go by name."""
    names = [column.name for column in table.columns]
    statement = _insert(dialect.name, table).on_conflict_do_nothing().values({name: bindparam(name) for name in names})
    compiled = statement.compile(dialect=dialect)
    return compiled.string, None if dialect.positional else names


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    # Loaded where it is spoken: the other database's dialect, and all it brings, is slow to load.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert(table)
