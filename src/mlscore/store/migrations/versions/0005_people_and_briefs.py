"""Make room for people who use the pages, for their audit log, and for receipts in brief."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT, WHOLE, YES_NO = sa.Text(), sa.BigInteger(), sa.Boolean()
REAL: sa.Double[float] = sa.Double()


def upgrade() -> None:
    """Make the tables; receipts there are come into brief when a page is first asked for."""
    _of_people()
    _of_briefs()
    op.create_table(
        "briefs_due",
        *_columns(("firm", TEXT), ("receipt_id", TEXT)),
        sa.PrimaryKeyConstraint("firm", "receipt_id", name="pk_briefs_due"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("briefs_due", "briefs", "audit", "sessions", "users"):
        op.drop_table(name)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _columns(*kinds: tuple[str, Any], nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name, kind in kinds]


def _of_people() -> None:
    op.create_table(
        "users",
        *_columns(("firm", TEXT), ("user_id", TEXT), ("key", TEXT), ("name", TEXT), ("role", TEXT), ("sellers", TEXT)),
        *_columns(("password_hash", TEXT), ("theme", TEXT), ("created_at", WHOLE), ("failures", WHOLE)),
        *_columns(("language", TEXT), ("disabled_at", WHOLE), ("signed_in_at", WHOLE), nullable=True),
        *_columns(("locked_until", WHOLE), nullable=True),
        sa.PrimaryKeyConstraint("firm", "user_id", name="pk_users"),
    )
    op.create_index("ix_users_firm_key", "users", ["firm", "key"], unique=True)
    op.create_table(
        "sessions",
        *_columns(("firm", TEXT), ("session_id", TEXT), ("user_id", TEXT), ("digest", TEXT), ("created_at", WHOLE)),
        *_columns(("last_used_at", WHOLE), ("expires_at", WHOLE), ("agent", TEXT)),
        *_columns(("ended_at", WHOLE), nullable=True),
        sa.PrimaryKeyConstraint("firm", "session_id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_digest", "sessions", ["digest"], unique=True)
    op.create_index("ix_sessions_firm_user_id", "sessions", ["firm", "user_id"])
    op.create_table(
        "audit",
        *_columns(("firm", TEXT), ("number", WHOLE), ("at", WHOLE), ("who", TEXT), ("what", TEXT), ("subject", TEXT)),
        *_columns(("before", TEXT), ("after", TEXT), nullable=True),
        sa.PrimaryKeyConstraint("firm", "number", name="pk_audit"),
    )
    if _is_postgresql():
        op.execute(
            "CREATE TRIGGER audit_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_stay_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is never changed'); END"
        )


def _of_briefs() -> None:
    op.create_table(
        "briefs",
        *_columns(("firm", TEXT), ("receipt_id", TEXT), ("deal_id", TEXT), ("at", WHOLE), ("scored_at", WHOLE)),
        *_columns(
            ("origin", TEXT),
            ("is_newest", YES_NO),
            ("route", TEXT),
            ("grade", TEXT),
            ("verdict", TEXT),
            ("action", TEXT),
        ),
        *_columns(("decided_by", TEXT), ("agreement", TEXT), ("policy_version", TEXT)),
        *_columns(("as_of", WHOLE), ("stage", TEXT), ("company_id", TEXT), ("seller_id", TEXT), nullable=True),
        *_columns(("funnel", TEXT), ("source", TEXT), ("product_category", TEXT), ("industry", TEXT), nullable=True),
        *_columns(("amount", WHOLE), ("profit_if_won", WHOLE), ("passes", YES_NO), nullable=True),
        *_columns(("model_version", TEXT), ("probability", REAL), ("low", REAL), ("high", REAL), nullable=True),
        *_columns(("expected_profit", REAL), ("abstained", YES_NO), ("next_fact", TEXT), nullable=True),
        *_columns(("status", TEXT), ("closed_at", WHOLE), ("realised_profit", WHOLE), nullable=True),
        sa.PrimaryKeyConstraint("firm", "receipt_id", name="pk_briefs"),
    )
    op.create_index("ix_briefs_firm_deal_id_at", "briefs", ["firm", "deal_id", "at"])
    for name in ("at", "expected_profit", "seller_id"):
        op.create_index(f"ix_briefs_firm_is_newest_{name}", "briefs", ["firm", "is_newest", name])
