"""Make room for the sides people take where rules and model part."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sides",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("firm", "deal_id")),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("side", "why", "by")),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm", "deal_id", "version", name="pk_sides"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("sides")
