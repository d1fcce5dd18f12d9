"""Lets one worker at a time hold a CRM; its hold is a row beside the cursors, and ends by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select, update

from mlscore.ports import Hold
from mlscore.store.engine import Database, insert, lock
from mlscore.store.in_step.items import of_crm
from mlscore.store.tables import cursors, tasks


@dataclass(frozen=True, slots=True)
class SqlHolds:
    """The port `Holds`, in SQL."""

    database: Database

    def take(self, firm: str, crm: str, *, by: str, at: datetime, until: datetime) -> Hold:
        """Hold the CRM until a moment, or note that one waits where another's hold lasts; return whose it is.

        What the one before left in hand is free at once. Raises StoreUnavailableError.
        """
        found = self.look(firm, crm, at=at)
        if found is not None and found.by != by and found.waiting.get(by, at) - at > (until - at) / 2:
            return found  # noted already: who only waits need not keep writers waiting
        with self.database.writing() as connection:
            lock(connection, "hold", firm, crm)
            before = _read(connection, firm, crm)
            waiting = _still(before, at)
            waiting.pop(by, None)
            if before is not None and before.by != by and before.until > at:
                hold = Hold(by=before.by, until=before.until, waiting={**waiting, by: until})
            else:
                hold = Hold(by=by, until=until, waiting=waiting)
                if before is not None and before.by != by:
                    _free(connection, firm, crm, before.by)
            _keep(connection, firm, crm, hold)
        return hold

    def leave(self, firm: str, crm: str, *, by: str) -> None:
        """Hold it no longer, nor wait for it: the next may have it at once. Raises StoreUnavailableError."""
        with self.database.writing() as connection:
            lock(connection, "hold", firm, crm)
            found = _read(connection, firm, crm)
            if found is None:
                return
            waiting = {name: until for name, until in found.waiting.items() if name != by}
            if found.by == by:
                connection.execute(delete(cursors).where(*_this(firm, crm)))
            else:
                _keep(connection, firm, crm, Hold(by=found.by, until=found.until, waiting=waiting))

    def look(self, firm: str, crm: str, *, at: datetime) -> Hold | None:
        """Return the hold that lasts, and who waits for it; None where nobody holds it."""
        with self.database.reading() as connection:
            found = _read(connection, firm, crm)
        if found is None or found.until <= at:
            return None
        return Hold(by=found.by, until=found.until, waiting=_still(found, at))


def _read(connection: Connection, firm: str, crm: str) -> Hold | None:
    value = connection.scalar(select(cursors.c.value).where(*_this(firm, crm)))
    if value is None:
        return None
    kept = json.loads(value)
    waiting = {name: datetime.fromisoformat(until) for name, until in kept["waiting"].items()}
    return Hold(by=kept["by"], until=datetime.fromisoformat(kept["until"]), waiting=waiting)


def _keep(connection: Connection, firm: str, crm: str, hold: Hold) -> None:
    waiting: Mapping[str, str] = {name: until.isoformat() for name, until in hold.waiting.items()}
    value = json.dumps({"by": hold.by, "until": hold.until.isoformat(), "waiting": waiting}, ensure_ascii=False)
    statement = insert(connection, cursors).values(firm=firm, name=_name(crm), value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["firm", "name"], set_={"value": value}))


def _free(connection: Connection, firm: str, crm: str, by: str) -> None:
    """Give back what a worker that is gone had claimed: nobody else works while another holds."""
    his = (of_crm(tasks.c, firm, crm), tasks.c.claimed_by == by)
    connection.execute(update(tasks).where(*his).values(claimed_by=None, claimed_until=None))


def _still(hold: Hold | None, at: datetime) -> dict[str, datetime]:
    return {name: until for name, until in hold.waiting.items() if until > at} if hold else {}


def _this(firm: str, crm: str) -> tuple[ColumnElement[bool], ...]:
    return cursors.c.firm == firm, cursors.c.name == _name(crm)


def _name(crm: str) -> str:
    return f"{crm} held"
