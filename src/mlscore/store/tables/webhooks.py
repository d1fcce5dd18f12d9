"""Who is told of scores, and what is still to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Named, Table, Text, TypedColumns

from mlscore.store.tables.kinds import Moment, metadata


class WebhookColumns(TypedColumns):
    """Who is told of scores at `url`, or, without one, who tells us of deals; the secrets sign what is sent.

    `number` is how much of the feed it was told of.
    """

    firm: Named[str] = Column(Text, primary_key=True)
    webhook_id: Named[str] = Column(Text, primary_key=True)
    name: Named[str] = Column(Text)
    url: Named[str | None] = Column(Text)
    secret: Named[str] = Column(Text)
    former_secret: Named[str | None] = Column(Text)
    former_until: Named[datetime | None] = Column(Moment)
    created_at: Named[datetime] = Column(Moment)
    ended_at: Named[datetime | None] = Column(Moment)
    number: Named[int] = Column(BigInteger)


webhooks = Table("webhooks", metadata, WebhookColumns)


class DeliveryColumns(TypedColumns):
    """A score that a webhook is still to be told of; `due_at` is None once it was tried too often: a dead letter."""

    firm: Named[str] = Column(Text, primary_key=True)
    webhook_id: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)
    number: Named[int] = Column(BigInteger)
    due_at: Named[datetime | None] = Column(Moment)
    tries: Named[int] = Column(BigInteger)
    fault: Named[str | None] = Column(Text)


deliveries = Table("deliveries", metadata, DeliveryColumns, Index(None, "firm", "webhook_id", "due_at"))
