"""Keeps who is signed in where; asked anew at every page, so that an ended session ends at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, select, update

from mlscore.ports import Session, User
from mlscore.store.engine import Database
from mlscore.store.people.audit import note
from mlscore.store.people.users import read_user
from mlscore.store.tables import sessions, users

_s = sessions.c
_COLUMNS = (_s.session_id, _s.digest, _s.created_at, _s.last_used_at, _s.expires_at, _s.ended_at, _s.agent)
_WITH_USER = sessions.join(users, and_(users.c.firm == _s.firm, users.c.user_id == _s.user_id))


@dataclass(frozen=True, slots=True)
class SqlSessions:
    """The port `Sessions`, in SQL."""

    database: Database

    def begin(self, firm: str, session: Session) -> None:
        """Keep a session."""
        row = {name: getattr(session, name) for name in (*_NAMES, "user_id")}
        with self.database.writing() as connection:
            connection.execute(sessions.insert().values({**row, "firm": firm}))

    def find(self, digest: str) -> tuple[Session, User] | None:
        """Return a session and whose it is; ended and expired ones included."""
        labelled = [column.label(f"session_{column.name}") for column in _COLUMNS]
        query = select(users, *labelled).select_from(_WITH_USER).where(_s.digest == digest)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (_session(row, row.user_id, "session_"), read_user(row))

    def used(self, digest: str, *, at: datetime) -> None:
        """Note that a session was used."""
        with self.database.writing() as connection:
            connection.execute(update(sessions).where(_s.digest == digest).values(last_used_at=at))

    def of_user(self, firm: str, user_id: str) -> Sequence[Session]:
        """Return a person's sessions that have not ended, the one used last first."""
        which = (_s.firm == firm, _s.user_id == user_id, _s.ended_at.is_(None))
        query = select(sessions).where(*which).order_by(_s.last_used_at.desc(), _s.session_id)
        with self.database.reading() as connection:
            return [_session(row, row.user_id) for row in connection.execute(query)]

    def end(
        self, firm: str, user_id: str, *, by: str, at: datetime, only: str | None = None, but: str | None = None
    ) -> int:
        """End a person's sessions: `only` one, all `but` one, or all; return how many, and write it down."""
        which = [_s.firm == firm, _s.user_id == user_id, _s.ended_at.is_(None)]
        if only is not None:
            which.append(_s.session_id == only)
        if but is not None:
            which.append(_s.session_id != but)
        with self.database.writing() as connection:
            ended = connection.execute(update(sessions).where(*which).values(ended_at=at)).rowcount
            name = select(users.c.name).where(users.c.firm == firm, users.c.user_id == user_id)
            if ended:
                subject = connection.scalar(name) or user_id
                note(connection, firm, at=at, who=by, what="session.ended", subject=subject, after={"sessions": ended})
        return ended


_NAMES = tuple(column.name for column in _COLUMNS)


def _session(row: Row[Any], user_id: str, prefix: str = "") -> Session:
    return Session(user_id=user_id, **{name: getattr(row, prefix + name) for name in _NAMES})
