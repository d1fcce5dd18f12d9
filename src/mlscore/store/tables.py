"""The tables, typed; every one carries the firm, and every time is exact to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    TypeDecorator,
    false,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment as whole microseconds since 1970 in UTC: the same number on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """Write a moment. Raises ValueError when it carries no offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without an offset cannot be kept: give it one.")
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Read a moment, in UTC."""
        return None if value is None else EPOCH + value * MICROSECOND


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


receipts = Table(
    "receipts",
    metadata,
    ReceiptColumns,
    Index(None, "firm", "deal_id", "scored_at"),
    Index(None, "firm", "company_id", "as_of"),
    Index(None, "firm", "as_of"),
    Index(None, "firm", "scored_at"),
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


class ForgottenColumns(TypedColumns):
    """A deal whose facts were erased, and may not come back."""

    firm: Named[str] = Column(Text, primary_key=True)
    deal_id: Named[str] = Column(Text, primary_key=True)
    forgotten_at: Named[datetime] = Column(Moment)


forgotten = Table("forgotten", metadata, ForgottenColumns)
