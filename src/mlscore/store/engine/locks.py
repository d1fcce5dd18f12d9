"""Locks that writers of PostgreSQL take; on SQLite there is only ever one writer."""

from __future__ import annotations

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from mlscore.store.engine.ready import ReadyQuery

_NAME: BindParameter[str] = bindparam("name")
_NUMBER = func.hashtextextended(_NAME, 0)
_TAKE = ReadyQuery(select(func.pg_advisory_xact_lock(_NUMBER)))
_SHARE = ReadyQuery(select(func.pg_advisory_xact_lock_shared(_NUMBER)))


def lock(connection: Connection, *names: str, is_shared: bool = False) -> None:
    """Let one writer at a time go on until its transaction ends; on SQLite there is only ever one.

    Those who share a lock go on together, and keep out who does not.
    """
    if connection.dialect.name == "postgresql":
        (_SHARE if is_shared else _TAKE).rows(connection, name="/".join(names))
