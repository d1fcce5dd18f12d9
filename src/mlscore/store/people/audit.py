"""Keeps the audit log: lines are added, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select

from mlscore.ports import Deed, DeedsAsked
from mlscore.store.engine import Database, lock
from mlscore.store.tables import audit


@dataclass(frozen=True, slots=True)
class SqlAudit:
    """The port `Audit`, in SQL."""

    database: Database

    def note(
        self,
        firm: str,
        *,
        at: datetime,
        who: str,
        what: str,
        subject: str,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Write a line of the log."""
        with self.database.writing() as connection:
            note(connection, firm, at=at, who=who, what=what, subject=subject, before=before, after=after)

    def count(self, firm: str, asked: DeedsAsked) -> int:
        """Return how many lines there are."""
        query = select(func.count()).select_from(audit).where(*_which(firm, asked))
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def read(self, firm: str, asked: DeedsAsked, *, first: int, at_most: int) -> Sequence[Deed]:
        """Return lines from the position `first` on, newest first unless asked otherwise."""
        order = audit.c.number.asc() if asked.is_oldest_first else audit.c.number.desc()
        query = select(audit).where(*_which(firm, asked)).order_by(order).offset(first).limit(at_most)
        with self.database.reading() as connection:
            return [
                Deed(
                    number=row.number,
                    at=row.at,
                    who=row.who,
                    what=row.what,
                    subject=row.subject,
                    before=None if row.before is None else json.loads(row.before),
                    after=None if row.after is None else json.loads(row.after),
                )
                for row in connection.execute(query)
            ]


def note(
    connection: Connection,
    firm: str,
    *,
    at: datetime,
    who: str,
    what: str,
    subject: str,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write a line of the log in the transaction of the change itself: neither is kept without the other."""
    lock(connection, "audit", firm)
    newest = connection.scalar(select(func.max(audit.c.number)).where(audit.c.firm == firm)) or 0
    row = {
        "firm": firm,
        "number": newest + 1,
        "at": at,
        "who": who,
        "what": what,
        "subject": subject,
        "before": _written(before),
        "after": _written(after),
    }
    connection.execute(audit.insert().values(row))


def _which(firm: str, asked: DeedsAsked) -> list[ColumnElement[bool]]:
    which: list[ColumnElement[bool]] = [audit.c.firm == firm]
    if asked.what:
        which.append(audit.c.what == asked.what)
    if asked.search:
        which.append(
            or_(*(column.icontains(asked.search, autoescape=True) for column in (audit.c.who, audit.c.subject)))
        )
    return which


def _written(said: Mapping[str, object] | None) -> str | None:
    return None if said is None else json.dumps(said, ensure_ascii=False, sort_keys=True)
