"""Give keys their scopes, and let no facts of a forgotten deal come back."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY_COLUMNS = ("scopes", "sandbox", "rate_per_minute", "last_used_at")


def upgrade() -> None:
    """Widen the keys, make the tombstones, and the trigger that heeds them whoever writes."""
    op.add_column("keys", sa.Column("scopes", sa.Text(), nullable=False, server_default="score outcome read"))
    op.add_column("keys", sa.Column("sandbox", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("keys", sa.Column("rate_per_minute", sa.BigInteger(), nullable=True))
    op.add_column("keys", sa.Column("last_used_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "forgotten",
        sa.Column("firm", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Text(), nullable=False),
        sa.Column("forgotten_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("firm", "deal_id", name="pk_forgotten"),
    )
    _leave_out_facts_of_the_forgotten()


def downgrade() -> None:
    """Take them away; facts that were erased stay erased."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER facts_stay_forgotten ON facts")
        op.execute("DROP FUNCTION leave_out_forgotten()")
    else:
        op.execute("DROP TRIGGER facts_stay_forgotten")
    op.drop_table("forgotten")
    for name in KEY_COLUMNS:
        op.drop_column("keys", name)


def _leave_out_facts_of_the_forgotten() -> None:
    is_forgotten = (
        "EXISTS (SELECT 1 FROM receipts r JOIN forgotten f ON f.firm = r.firm AND f.deal_id = r.deal_id "
        "WHERE r.firm = NEW.firm AND r.receipt_id = NEW.receipt_id)"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION leave_out_forgotten() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {is_forgotten} THEN RETURN NULL; END IF; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER facts_stay_forgotten BEFORE INSERT ON facts "
            "FOR EACH ROW EXECUTE FUNCTION leave_out_forgotten()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER facts_stay_forgotten BEFORE INSERT ON facts WHEN {is_forgotten} "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
