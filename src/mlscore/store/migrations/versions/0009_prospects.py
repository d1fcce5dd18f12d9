"""Let a decision say in words what was promised."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the table."""
    op.add_column("approvals", sa.Column("prospects", sa.Text(), nullable=True))
    op.create_index("ix_briefs_firm_company_id_status", "briefs", ["firm", "company_id", "status"])


def downgrade() -> None:
    """Take the words away."""
    op.drop_index("ix_briefs_firm_company_id_status", table_name="briefs")
    op.drop_column("approvals", "prospects")
