"""Make room for what people decide of deals below the floor."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "approvals",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("firm", "deal_id")),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("why", "by")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("expires_at", "promised", "promised_by")),
        sa.PrimaryKeyConstraint("firm", "deal_id", "version", name="pk_approvals"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("approvals")
