"""Remembers how far something has come that goes on where it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from mlscore.store.engine import Database, insert
from mlscore.store.tables import cursors


@dataclass(frozen=True, slots=True)
class SqlCursors:
    """The port `Cursors`, in SQL."""

    database: Database

    def value(self, firm: str, name: str) -> str | None:
        """Return what was kept last."""
        query = select(cursors.c.value).where(cursors.c.firm == firm, cursors.c.name == name)
        with self.database.reading() as connection:
            return connection.scalar(query)

    def keep(self, firm: str, name: str, value: str) -> None:
        """Keep it in the place of the last."""
        with self.database.writing() as connection:
            statement = insert(connection, cursors).values(firm=firm, name=name, value=value)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["firm", "name"], set_={"value": statement.excluded["value"]}
                )
            )
