"""Make the first tables, and keep receipts and outcomes from being changed."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNCHANGING = ("receipts", "outcomes")


def upgrade() -> None:
    """Make the tables and the triggers."""
    _make_receipts()
    _make_outcomes()
    _make_policies()
    _make_keys()
    _make_ledger()
    _refuse_changes()


def downgrade() -> None:
    """Drop them, with all they hold."""
    for table in ("ledger", "keys", "policies", "outcomes", "backtests", "facts", "receipts"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable, autoincrement=False)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index("_".join(["ix", table, *columns]), table, columns, unique=unique)


def _of_a_receipt(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["firm", "receipt_id"],
        ["receipts.firm", "receipts.receipt_id"],
        name=f"fk_{table}_receipts",
    )


def _make_receipts() -> None:
    op.create_table(
        "receipts",
        *(_text("firm"), _text("receipt_id"), _text("deal_id")),
        *(_text("company_id", nullable=True), _text("stage", nullable=True)),
        *(_whole("as_of", nullable=True), _whole("scored_at"), _text("origin")),
        *(_text("policy_version"), _text("model_version", nullable=True)),
        *(_text("route"), _text("verdict"), _text("exception_kind", nullable=True)),
        _text("answer"),
        sa.PrimaryKeyConstraint("firm", "receipt_id", name="pk_receipts"),
    )
    _index("receipts", "firm", "deal_id", "scored_at")
    _index("receipts", "firm", "company_id", "as_of")
    _index("receipts", "firm", "as_of")
    _index("receipts", "firm", "scored_at")
    op.create_table(
        "facts",
        *(_text("firm"), _text("receipt_id"), _text("facts")),
        sa.PrimaryKeyConstraint("firm", "receipt_id", name="pk_facts"),
        _of_a_receipt("facts"),
    )
    op.create_table(
        "backtests",
        *(_text("firm"), _text("receipt_id"), _text("model_version")),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("expected_profit", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("firm", "receipt_id", name="pk_backtests"),
        _of_a_receipt("backtests"),
    )


def _make_outcomes() -> None:
    op.create_table(
        "outcomes",
        *(_text("firm"), _text("deal_id"), _whole("version"), _text("status")),
        *(_whole("closed_at", nullable=True), _whole("realised_profit", nullable=True)),
        *(_whole("known_at"), _whole("recorded_at")),
        sa.PrimaryKeyConstraint("firm", "deal_id", "version", name="pk_outcomes"),
    )
    _index("outcomes", "firm", "closed_at")


def _make_policies() -> None:
    op.create_table(
        "policies",
        *(_text("firm"), _whole("version"), _text("document"), _text("fingerprint")),
        *(_whole("applied_at"), _text("applied_by"), _text("why")),
        sa.PrimaryKeyConstraint("firm", "version", name="pk_policies"),
    )


def _make_keys() -> None:
    op.create_table(
        "keys",
        *(_text("key_id"), _text("firm"), _text("name"), _text("prefix"), _text("digest")),
        *(_whole("created_at"), _whole("expires_at", nullable=True)),
        _whole("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="pk_keys"),
    )
    _index("keys", "firm", "created_at")
    _index("keys", "digest", unique=True)


def _make_ledger() -> None:
    op.create_table(
        "ledger",
        *(_text("firm"), _text("key"), _text("request_digest"), _whole("created_at")),
        *(_whole("status", nullable=True), _text("content_type", nullable=True)),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("firm", "key", name="pk_ledger"),
    )
    _index("ledger", "firm", "created_at")


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% are never changed', TG_TABLE_NAME; END $$"
        )
        for table in UNCHANGING:
            op.execute(
                f"CREATE TRIGGER {table}_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return
    for table in UNCHANGING:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_stay_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are never changed'); END"
            )
