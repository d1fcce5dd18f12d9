"""Who uses the pages, and what they changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Named, Table, Text, TypedColumns

from mlscore.store.tables.kinds import Moment, metadata


class UserColumns(TypedColumns):
    """A person; `key` is the name as it is looked up, `sellers` are seller ids as JSON."""

    firm: Named[str] = Column(Text, primary_key=True)
    user_id: Named[str] = Column(Text, primary_key=True)
    key: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    role: Named[str] = Column(Text)
    sellers: Named[str] = Column(Text)
    password_hash: Named[str] = Column(Text)
    language: Named[str | None] = Column(Text)
    theme: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Moment)
    disabled_at: Named[datetime | None] = Column(Moment)
    signed_in_at: Named[datetime | None] = Column(Moment)
    failures: Named[int] = Column(BigInteger)
    locked_until: Named[datetime | None] = Column(Moment)


users = Table("users", metadata, UserColumns, Index(None, "firm", "key", unique=True))


class SessionColumns(TypedColumns):
    """A browser signed in; of what it shows only the SHA-256."""

    firm: Named[str] = Column(Text, primary_key=True)
    session_id: Named[str] = Column(Text, primary_key=True)
    user_id: Named[str] = Column(Text)
    digest: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Moment)
    last_used_at: Named[datetime] = Column(Moment)
    expires_at: Named[datetime] = Column(Moment)
    ended_at: Named[datetime | None] = Column(Moment)
    agent: Named[str] = Column(Text)


sessions = Table(
    "sessions", metadata, SessionColumns, Index(None, "digest", unique=True), Index(None, "firm", "user_id")
)


class AuditColumns(TypedColumns):
    """A line of the audit log; `before` and `after` as JSON."""

    firm: Named[str] = Column(Text, primary_key=True)
    number: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    at: Named[datetime] = Column(Moment)
    who: Named[str] = Column(Text)
    what: Named[str] = Column(Text)
    subject: Named[str] = Column(Text)
    before: Named[str | None] = Column(Text)
    after: Named[str | None] = Column(Text)


audit = Table("audit", metadata, AuditColumns)
