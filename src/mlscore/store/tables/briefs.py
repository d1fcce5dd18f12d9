"""Receipts in brief: made from receipts and outcomes, and made anew from them at any time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Named, Table, Text, TypedColumns

from mlscore.store.tables.kinds import Moment, metadata


class BriefColumns(TypedColumns):
    """What pages sort, filter and add up by; money in minor units. From `status` on it is the newest outcome."""

    firm: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text)
    at: Named[datetime] = Column(Moment)
    scored_at: Named[datetime] = Column(Moment)
    origin: Named[str] = Column(Text)
    is_newest: Named[bool] = Column(Boolean)
    as_of: Named[datetime | None] = Column(Moment)
    stage: Named[str | None] = Column(Text)
    company_id: Named[str | None] = Column(Text)
    seller_id: Named[str | None] = Column(Text)
    funnel: Named[str | None] = Column(Text)
    source: Named[str | None] = Column(Text)
    product_category: Named[str | None] = Column(Text)
    industry: Named[str | None] = Column(Text)
    amount: Named[int | None] = Column(BigInteger)
    route: Named[str] = Column(Text)
    grade: Named[str] = Column(Text)
    verdict: Named[str] = Column(Text)
    profit_if_won: Named[int | None] = Column(BigInteger)
    passes: Named[bool | None] = Column(Boolean)
    action: Named[str] = Column(Text)
    decided_by: Named[str] = Column(Text)
    agreement: Named[str] = Column(Text)
    policy_version: Named[str] = Column(Text)
    model_version: Named[str | None] = Column(Text)
    probability: Named[float | None]
    low: Named[float | None]
    high: Named[float | None]
    expected_profit: Named[float | None]
    abstained: Named[bool | None] = Column(Boolean)
    next_fact: Named[str | None] = Column(Text)
    status: Named[str | None] = Column(Text)
    closed_at: Named[datetime | None] = Column(Moment)
    realised_profit: Named[int | None] = Column(BigInteger)


briefs = Table(
    "briefs",
    metadata,
    BriefColumns,
    Index(None, "firm", "deal_id", "at"),
    Index(None, "firm", "is_newest", "at"),
    Index(None, "firm", "is_newest", "expected_profit"),
    Index(None, "firm", "is_newest", "seller_id"),
    Index(None, "firm", "company_id", "status"),
)


class DueColumns(TypedColumns):
    """A receipt that is to be brought into brief: noted as it is kept, and read with the next page."""

    firm: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)


briefs_due = Table("briefs_due", metadata, DueColumns, sqlite_with_rowid=False)
