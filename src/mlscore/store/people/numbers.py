"""Numbers the deals that begin at the desk: one after another, each given once and never again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from mlscore.store.engine import Database, lock
from mlscore.store.people.audit import note
from mlscore.store.tables import audit, receipts

NUMBERED = "desk.numbered"

_a, _r = audit.c, receipts.c


@dataclass(frozen=True, slots=True)
class SqlNumbers:
    """The port `Numbers`, in SQL: the audit log, from which nothing is ever taken away, says which were given."""

    database: Database

    def give(self, firm: str, draft: str, *, by: str, at: datetime) -> str:
        """Return a deal_id nobody has, and write it down; that of a person's draft that comes again."""
        with self.database.writing() as connection:
            lock(connection, "numbers", firm)
            given = _given(connection, firm, draft, by)
            if given is not None:
                return given
            deal_id = _next(connection, firm, at.year)
            note(connection, firm, at=at, who=by, what=NUMBERED, subject=deal_id, after={"draft": draft})
        return deal_id


def _given(connection: Connection, firm: str, draft: str, by: str) -> str | None:
    said = json.dumps({"draft": draft}, ensure_ascii=False, sort_keys=True)
    # Of the same person: by the draft of another, a seller would write over a deal that he may not even see.
    mine = (_a.firm == firm, _a.what == NUMBERED, _a.after == said, _a.who == by)
    return connection.scalar(select(_a.subject).where(*mine))


def _next(connection: Connection, firm: str, year: int) -> str:
    begins = f"DESK-{year}-"
    newest = connection.scalar(
        select(_a.subject)
        .where(_a.firm == firm, _a.what == NUMBERED, _a.subject.startswith(begins, autoescape=True))
        .order_by(_a.number.desc())
        .limit(1)
    )
    number = 1 if newest is None else int(newest.removeprefix(begins)) + 1
    # A CRM may have sent a deal under such a name.
    while connection.scalar(select(_r.deal_id).where(_r.firm == firm, _r.deal_id == f"{begins}{number:06}").limit(1)):
        number += 1
    return f"{begins}{number:06}"
