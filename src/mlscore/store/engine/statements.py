"""What statements of every table share: conflicts, and lists that are not too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Table, func

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

CHUNK_ROWS = 1000
"""Rows, or values of one IN list, sent in one statement: below the limits of both databases."""


def chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the ids in as many parts as statements must name them in."""
    for start in range(0, len(ids), CHUNK_ROWS):
        yield ids[start : start + CHUNK_ROWS]


def holds(connection: Connection, column: ColumnElement[bytes | None], part: bytes) -> ColumnElement[bool]:
    """Tell whether the bytes of a column hold these."""
    found = func.pg_catalog.position if connection.dialect.name == "postgresql" else func.instr
    is_there: ColumnElement[bool] = found(column, part) > 0
    return is_there


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that knows ON CONFLICT, in the database's own dialect."""
    return _insert(connection.dialect.name, table)


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that leaves a row there is as it is; put together once for each database."""
    return _insert_new(connection.dialect.name, table)


@cache
def _insert_new(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - slow to load, and no SQLite needs it

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as above, the other way round

    return sqlite.insert(table)
