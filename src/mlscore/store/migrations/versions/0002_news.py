"""Number the news of closed deals, so that track records are kept up without reading everything again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it begins empty, as who has read nothing yet reads everything once."""
    op.create_table(
        "news",
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm", "deal_id", name="pk_news"),
    )
    op.create_index("ix_news_firm_number", "news", ["firm", "number"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("news")
