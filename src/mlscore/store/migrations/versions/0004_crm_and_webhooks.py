"""Make room for CRMs kept in step, for a feed of scores, and for webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBERED = sa.text("number IS NOT NULL")
UNNUMBERED = sa.text("origin = 'live' AND number IS NULL")
KEPT_AS_WRITTEN = (
    "firm, receipt_id, deal_id, company_id, stage, as_of, scored_at, origin, policy_version, model_version, route, "
    "verdict, exception_kind, answer"
)
"""Every column of receipts but the number, which is given later, once."""


def upgrade() -> None:
    """Make the tables; receipts there are get their numbers when a feed is first read."""
    _of_a_crm()
    _of_webhooks()
    op.add_column("receipts", sa.Column("number", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_receipts_numbered",
        "receipts",
        ["firm", "number"],
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    )
    op.create_index(
        "ix_receipts_unnumbered",
        "receipts",
        ["firm", "scored_at"],
        sqlite_where=UNNUMBERED,
        postgresql_where=UNNUMBERED,
    )
    _drop_refusals()
    _refuse_changes(f"UPDATE OF {KEPT_AS_WRITTEN}")
    _refuse_second_numbers()


def downgrade() -> None:
    """Drop them."""
    _drop_refusals()
    _drop_trigger("receipts_keep_number")
    op.drop_index("ix_receipts_unnumbered", "receipts")
    op.drop_index("ix_receipts_numbered", "receipts")
    op.drop_column("receipts", "number")
    for name in ("deliveries", "webhooks", "cursors", "mirrors", "tasks"):
        op.drop_table(name)
    _refuse_changes("UPDATE")


def _of_a_crm() -> None:
    op.create_table(
        "tasks",
        *_of_an_item(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("firm", "crm", "kind", "item_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_firm_crm_due_at", "tasks", ["firm", "crm", "due_at"])
    op.create_table(
        "mirrors",
        *_of_an_item(),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("facts_digest", sa.Text(), nullable=True),
        sa.Column("scores", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("fresh_until", sa.BigInteger(), nullable=True),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("firm", "crm", "kind", "item_id", name="pk_mirrors"),
    )
    op.create_index("ix_mirrors_firm_crm_is_open", "mirrors", ["firm", "crm", "is_open"])
    op.create_table(
        "cursors",
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("firm", "name", name="pk_cursors"),
    )


def _of_an_item() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in ("firm", "crm", "kind", "item_id")]


def _of_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm", "webhook_id", name="pk_webhooks"),
    )
    op.create_table(
        "deliveries",
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("receipt_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("firm", "webhook_id", "receipt_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_firm_webhook_id_due_at", "deliveries", ["firm", "webhook_id", "due_at"])


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _drop_refusals() -> None:
    _drop_trigger("receipts_stay" if _is_postgresql() else "receipts_stay_update")


def _drop_trigger(name: str) -> None:
    op.execute(f"DROP TRIGGER {name} ON receipts" if _is_postgresql() else f"DROP TRIGGER {name}")


def _refuse_changes(change: str) -> None:
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER receipts_stay BEFORE {change} OR DELETE OR TRUNCATE ON receipts "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER receipts_stay_update BEFORE {change} ON receipts "
            "BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END"
        )


def _refuse_second_numbers() -> None:
    again = "BEFORE UPDATE OF number ON receipts FOR EACH ROW WHEN"
    if _is_postgresql():
        op.execute(
            f"CREATE TRIGGER receipts_keep_number {again} (OLD.number IS NOT NULL) EXECUTE FUNCTION refuse_change()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER receipts_keep_number {again} OLD.number IS NOT NULL "
            "BEGIN SELECT RAISE(ABORT, 'receipts are never changed'); END"
        )
