"""Statements that every score runs: put together as SQL text once, which takes longer than most of them run.

They run on the driver's own cursor, for SQLAlchemy's results cost more than what is in them. So moments are not turned
into datetimes, and what fails is told in the driver's own errors: `Database` tells from those, too, when it is away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table
from sqlalchemy.engine.interfaces import DBAPICursor

from mlscore.store.engine.statements import insert_new


class _Text(NamedTuple):
    """The text of a statement, the names of its values in their order, and the values that never change."""

    sql: str
    names: Sequence[str]
    fixed: Mapping[str, Any]


class ReadyQuery:
    """A query put together once. It takes and gives what the database holds: moments as whole microseconds."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self._query = query
        self._texts: dict[tuple[str, int], _Text] = {}

    def rows(self, connection: Connection, **given: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - as SQLAlchemy's
        """Return every row. One of the values may be a list, which may not be empty."""
        size = next((_round_up(len(value)) for value in given.values() if isinstance(value, list)), 0)
        kind = (connection.dialect.name, size)
        text = self._texts.get(kind) or self._texts.setdefault(kind, self._put_together(connection, given, size))
        values: list[Any] = []
        for name in text.names:
            value = given[name] if name in given else text.fixed[name]
            if isinstance(value, list):
                values += value
                values += [value[-1]] * (size - len(value))
            else:
                values.append(value)
        cursor = _cursor(connection)
        cursor.execute(text.sql, values)
        return cursor.fetchall()

    def _put_together(self, connection: Connection, given: Mapping[str, Any], size: int) -> _Text:
        compiled = self._query.compile(dialect=connection.dialect)
        padded = {name: [None] * size if isinstance(value, list) else value for name, value in given.items()}
        sql = compiled.construct_expanded_state(padded).statement
        fixed = {name: value for name, value in compiled.construct_params(padded).items() if name not in given}
        return _Text(sql, tuple(compiled.positiontup or ()), fixed)


class ReadyInsert:
    """An INSERT put together once: a row that is there already is left as it is."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table, self._columns = table, columns
        self._texts: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]] = {}

    def add(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """Insert rows, which hold what the database holds: moments as whole microseconds. Return how many were new."""
        dialect = connection.dialect.name
        sql, values = self._texts.get(dialect) or self._texts.setdefault(dialect, self._put_together(connection))
        cursor = _cursor(connection)
        cursor.executemany(sql, [values(row) for row in rows])
        return cursor.rowcount

    def _put_together(self, connection: Connection) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
        statement = insert_new(connection, self._table)
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(self._columns))
        return compiled.string, itemgetter(*(compiled.positiontup or ()))


def _cursor(connection: Connection) -> DBAPICursor:
    """Return the driver's own cursor, in a transaction, as SQLAlchemy would begin one."""
    if not connection.in_transaction():
        connection.begin()
    return connection.connection.cursor()


def _round_up(size: int) -> int:
    """Return the next power of two: few texts for lists of any length, filled up with the last value once more."""
    return 1 << (size - 1).bit_length()
