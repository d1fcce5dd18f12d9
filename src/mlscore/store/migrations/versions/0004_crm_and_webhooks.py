"""Make room for CRMs kept in step, for a feed of scores, and for webhooks."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UNNUMBERED = sa.text("origin = 'live' AND number IS NULL")


def upgrade() -> None:
    """Make the tables; receipts there are get their numbers when a feed is first read."""
    _of_a_crm()
    _of_webhooks()
    op.add_column("receipts", sa.Column("number", sa.BigInteger(), nullable=True))
    op.create_index("ix_receipts_firm_number", "receipts", ["firm", "number"])
    op.create_index(
        "ix_receipts_unnumbered",
        "receipts",
        ["firm", "scored_at"],
        sqlite_where=UNNUMBERED,
        postgresql_where=UNNUMBERED,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_receipts_unnumbered", "receipts")
    op.drop_index("ix_receipts_firm_number", "receipts")
    op.drop_column("receipts", "number")
    for name in ("deliveries", "webhooks", "cursors", "mirrors", "tasks"):
        op.drop_table(name)


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
