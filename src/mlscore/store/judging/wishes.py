"""Keeps which models people ask to have promoted, one wish at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Row, func, select, update

from mlscore.ports import Wish, WishKind
from mlscore.scoring.errors import ConflictError
from mlscore.store.engine import Database, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import wishes
from mlscore.store.tables.judging import WishColumns

_w = wishes.c


@dataclass(frozen=True, slots=True)
class SqlWishes:
    """The port `Wishes`, in SQL."""

    database: Database

    def ask(self, firm: str, wish: Wish) -> Wish:
        """Keep a wish, and write it down. Raises ConflictError while another is not done."""
        with self.database.writing() as connection:
            lock(connection, "wishes", firm)
            if _pending(connection, firm) is not None:
                raise ConflictError("Another wish is not done yet.", code="web.models.pending")
            newest = connection.scalar(select(func.max(_w.number)).where(_w.firm == firm)) or 0
            asked = replace(wish, number=newest + 1)
            connection.execute(wishes.insert().values(firm=firm, **{name: getattr(asked, name) for name in _FIELDS}))
            after = {"version": asked.version, "why": asked.why}
            what = "champion.asked" if asked.kind == "promote" else "champion.asked_back"
            note(connection, firm, at=asked.at, who=asked.by, what=what, subject="model", after=after)
        return asked

    def pending(self, firm: str) -> Wish | None:
        """Return the wish that is not done."""
        with self.database.reading() as connection:
            return _pending(connection, firm)

    def done(self, firm: str, number: int, *, at: datetime, fault: str | None = None) -> None:
        """Note that a wish was granted, or refused for a `fault`, and write it down."""
        with self.database.writing() as connection:
            this = (_w.firm == firm) & (_w.number == number)
            connection.execute(update(wishes).where(this).values(done_at=at, fault=fault))
            [row] = connection.execute(select(wishes).where(this))
            what = "champion.changed" if fault is None else "champion.refused"
            after = {"version": row.version, **({} if fault is None else {"why": fault})}
            note(connection, firm, at=at, who="mlscore follow", what=what, subject="model", after=after)

    def every(self, firm: str) -> Sequence[Wish]:
        """Return every wish, newest first."""
        query = select(wishes).where(_w.firm == firm).order_by(_w.number.desc())
        with self.database.reading() as connection:
            return [_wish(row) for row in connection.execute(query)]


_FIELDS = ("number", "kind", "version", "why", "by", "at", "done_at", "fault")


def _pending(connection: Connection, firm: str) -> Wish | None:
    row = connection.execute(select(wishes).where(_w.firm == firm, _w.done_at.is_(None))).first()
    return None if row is None else _wish(row)


def _wish(row: Row[WishColumns]) -> Wish:
    return Wish(
        number=row.number,
        kind=cast("WishKind", row.kind),
        version=row.version,
        why=row.why,
        by=row.by,
        at=row.at,
        done_at=row.done_at,
        fault=row.fault,
    )
