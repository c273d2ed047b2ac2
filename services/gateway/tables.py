"""The gateway's own tables, all in the schema `gateway`. migrations/ builds them; a test holds the two together."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text,
)

SCHEMA: Final = "gateway"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    },
)

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),  # argon2id, with its own salt and costs
    Column("role", Text, nullable=False),
    Column("account", BigInteger, unique=True),  # null: an operator, or a sign-up that the shard has not answered yet
    Column("opening_key", LargeBinary, unique=True),  # the client's key of the sign-up; null: an operator
    Column("failed_logins", Integer, nullable=False, server_default=text("0")),
    Column("last_login_try", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    CheckConstraint("role IN ('bettor', 'operator')", name="role"),
    CheckConstraint("(role = 'operator') = (opening_key IS NULL)", name="opening_key"),
    CheckConstraint("role = 'bettor' OR account IS NULL", name="account"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256; the token itself is nowhere kept
    Column("user", BigInteger, ForeignKey("gateway.users.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("ix_sessions_user", "user"),
)

# A customerRef of the wire format and the key that it stands for, so that a retry gets the first answer again.
customer_refs = Table(
    "customer_refs",
    metadata,
    Column("account", BigInteger, nullable=False),
    Column("operation", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("account", "operation", "ref"),
)
