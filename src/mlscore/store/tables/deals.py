"""What was known and said of deals, how they ended, and what was made of that."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Named, Table, Text, TypedColumns, text

from mlscore.store.tables.kinds import Moment, metadata


class ReceiptColumns(TypedColumns):
    """What SQL asks of a receipt; the whole of what was said lies in `answer`."""

    firm: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text)
    company_id: Named[str | None] = Column(Text)
    stage: Named[str | None] = Column(Text)
    as_of: Named[datetime | None] = Column(Moment)
    scored_at: Named[datetime] = Column(Moment)
    origin: Named[str] = Column(Text)
    policy_version: Named[str] = Column(Text)
    model_version: Named[str | None] = Column(Text)
    route: Named[str] = Column(Text)
    verdict: Named[str] = Column(Text)
    exception_kind: Named[str | None] = Column(Text)
    answer: Named[str] = Column(Text)
    # Its place in the feed: given when the feed is read, so that who writes it waits for nobody.
    number: Named[int | None] = Column(BigInteger)


receipts = Table(
    "receipts",
    metadata,
    ReceiptColumns,
    Index(None, "firm", "deal_id", "scored_at"),
    Index(None, "firm", "company_id", "as_of"),
    Index(None, "firm", "as_of"),
    Index(None, "firm", "scored_at"),
    # Apart from what has no number: imports never get one, and nobody is to search among them.
    Index(
        "ix_receipts_numbered",
        "firm",
        "number",
        sqlite_where=text("number IS NOT NULL"),
        postgresql_where=text("number IS NOT NULL"),
    ),
    Index(
        "ix_receipts_unnumbered",
        "firm",
        "scored_at",
        sqlite_where=text("origin = 'live' AND number IS NULL"),
        postgresql_where=text("origin = 'live' AND number IS NULL"),
    ),
)


def _of_a_receipt() -> ForeignKeyConstraint:
    names = ["firm", "receipt_id"]
    return ForeignKeyConstraint(names, [f"receipts.{name}" for name in names])


class FactColumns(TypedColumns):
    """The facts of a receipt, apart from it: they may be erased, the arithmetic stays."""

    firm: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)
    facts: Named[str] = Column(Text)


facts = Table("facts", metadata, FactColumns, _of_a_receipt())


class OutcomeColumns(TypedColumns):
    """One version of how a deal ended; `realised_profit` in minor units."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    version: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    status: Named[str] = Column(Text)
    closed_at: Named[datetime | None] = Column(Moment)
    realised_profit: Named[int | None] = Column(BigInteger)
    known_at: Named[datetime] = Column(Moment)
    recorded_at: Named[datetime] = Column(Moment)


outcomes = Table("outcomes", metadata, OutcomeColumns, Index(None, "firm", "closed_at"))


class NewsColumns(TypedColumns):
    """A deal of which something was told once it had ended; who has read up to `number` has read all before it."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    number: Named[int] = Column(BigInteger)


news = Table("news", metadata, NewsColumns, Index(None, "firm", "number"))


class BacktestColumns(TypedColumns):
    """What a model of the time would have said of a receipt; `expected_profit` in minor units."""

    firm: Named[str] = Column(Text, primary_key=True)
    receipt_id: Named[str] = Column(Text, primary_key=True)
    model_version: Named[str] = Column(Text)
    probability: Named[float]
    expected_profit: Named[float | None]


backtests = Table("backtests", metadata, BacktestColumns, _of_a_receipt())


class ForgottenColumns(TypedColumns):
    """A deal whose facts were erased, and may not come back."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    forgotten_at: Named[datetime] = Column(Moment)


forgotten = Table("forgotten", metadata, ForgottenColumns)
