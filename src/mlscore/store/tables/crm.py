"""What keeping in step with a CRM remembers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Named, Table, Text, TypedColumns

from mlscore.store.tables.kinds import Moment, metadata


class TaskColumns(TypedColumns):
    """A CRM's item to be looked at; told of again it is the same task, with a higher number.

    `why` says what told of it first. `due_at` is None once it was tried too often: it waits for a person, `fault` says
    what is wrong.
    """

    firm: Named[str] = Column(Text, primary_key=True)
    crm: Named[str] = Column(Text, primary_key=True)
    kind: Named[str] = Column(Text, primary_key=True)
    item_id: Named[str] = Column(Text, primary_key=True)
    number: Named[int] = Column(BigInteger)
    why: Named[str] = Column(Text)
    told_at: Named[datetime] = Column(Moment)
    due_at: Named[datetime | None] = Column(Moment)
    tries: Named[int] = Column(BigInteger)
    claimed_by: Named[str | None] = Column(Text)
    claimed_until: Named[datetime | None] = Column(Moment)
    fault: Named[str | None] = Column(Text)


tasks = Table("tasks", metadata, TaskColumns, Index(None, "firm", "crm", "due_at"))


class MirrorColumns(TypedColumns):
    """A CRM's item as we saw, scored and wrote it last; `scores` counts how often it was scored.

    `changed_at` is the CRM's own moment of its latest change when it was fetched. After `fresh_until` the passing of
    days may have changed its score. `written` is what its score fields were given, as JSON.
    """

    firm: Named[str] = Column(Text, primary_key=True)
    crm: Named[str] = Column(Text, primary_key=True)
    kind: Named[str] = Column(Text, primary_key=True)
    item_id: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text)
    is_open: Named[bool] = Column(Boolean)
    seen_at: Named[datetime] = Column(Moment)
    changed_at: Named[datetime | None] = Column(Moment)
    facts_digest: Named[str | None] = Column(Text)
    scores: Named[int] = Column(BigInteger)
    receipt_id: Named[str | None] = Column(Text)
    policy_version: Named[str | None] = Column(Text)
    model_version: Named[str | None] = Column(Text)
    fresh_until: Named[datetime | None] = Column(Moment)
    written: Named[str | None] = Column(Text)
    fault: Named[str | None] = Column(Text)


mirrors = Table("mirrors", metadata, MirrorColumns, Index(None, "firm", "crm", "is_open"))


class CursorColumns(TypedColumns):
    """How far something that goes on where it stopped has come."""

    firm: Named[str] = Column(Text, primary_key=True)
    name: Named[str] = Column(Text, primary_key=True)
    value: Named[str] = Column(Text)


cursors = Table("cursors", metadata, CursorColumns)
