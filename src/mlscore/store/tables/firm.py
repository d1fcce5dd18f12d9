"""What a firm has of its own: policies, keys, and the answers given under idempotency keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Named, Table, Text, TypedColumns, false

from mlscore.store.tables.kinds import Moment, metadata


class PolicyColumns(TypedColumns):
    """One version of a firm's policy, as the manager wrote it."""

    firm: Named[str] = Column(Text, primary_key=True)
    version: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    document: Named[str] = Column(Text)
    fingerprint: Named[str] = Column(Text)
    applied_at: Named[datetime] = Column(Moment)
    applied_by: Named[str] = Column(Text)
    why: Named[str] = Column(Text)


policies = Table("policies", metadata, PolicyColumns)


class KeyColumns(TypedColumns):
    """An API key; of its secret only the SHA-256."""

    key_id: Named[str] = Column(Text, primary_key=True)
    firm: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    prefix: Named[str] = Column(Text)
    digest: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Moment)
    expires_at: Named[datetime | None] = Column(Moment)
    revoked_at: Named[datetime | None] = Column(Moment)
    # What a version that knows none of these writes is what a key was before them.
    scopes: Named[str] = Column(Text, server_default="score outcome read")
    sandbox: Named[bool] = Column(Boolean, server_default=false())
    rate_per_minute: Named[int | None] = Column(BigInteger)
    last_used_at: Named[datetime | None] = Column(Moment)


keys = Table("keys", metadata, KeyColumns, Index(None, "firm", "created_at"), Index(None, "digest", unique=True))


class LedgerColumns(TypedColumns):
    """A claim on an idempotency key, and the answer given under it once `status` is there."""

    firm: Named[str] = Column(Text, primary_key=True)
    key: Named[str] = Column(Text, primary_key=True)
    request_digest: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(Moment)
    status: Named[int | None] = Column(BigInteger)
    content_type: Named[str | None] = Column(Text)
    body: Named[bytes | None] = Column(LargeBinary)


ledger = Table("ledger", metadata, LedgerColumns, Index(None, "firm", "created_at"))
