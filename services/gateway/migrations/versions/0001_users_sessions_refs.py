"""Users, their sessions, and the customerRefs of the wire format."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("account", sa.BigInteger),
        sa.Column("opening_key", sa.LargeBinary),
        sa.Column("failed_logins", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("last_login_try", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username", name="uq_users_username"),
        sa.UniqueConstraint("account", name="uq_users_account"),
        sa.UniqueConstraint("opening_key", name="uq_users_opening_key"),
        sa.CheckConstraint("role IN ('bettor', 'operator')", name="ck_users_role"),
        sa.CheckConstraint("(role = 'operator') = (opening_key IS NULL)", name="ck_users_opening_key"),
        sa.CheckConstraint("role = 'bettor' OR account IS NULL", name="ck_users_account"),
        schema="gateway",
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("user", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user"], ["gateway.users.id"], name="fk_sessions_user_users", ondelete="CASCADE"),
        schema="gateway",
    )
    op.create_index("ix_sessions_user", "sessions", ["user"], schema="gateway")
    op.create_table(
        "customer_refs",
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "operation", "ref", name="pk_customer_refs"),
        schema="gateway",
    )


def downgrade() -> None:
    op.drop_table("customer_refs", schema="gateway")
    op.drop_table("sessions", schema="gateway")
    op.drop_table("users", schema="gateway")
