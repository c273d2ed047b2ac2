"""The ledger: projection, double entry, catalogue, orders, fills, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATUS = """
CASE WHEN size > matched + cancelled + lapsed + voided THEN 'OPEN' WHEN matched > 0 THEN 'MATCHED'
WHEN voided > 0 THEN 'VOIDED' WHEN lapsed > 0 THEN 'LAPSED' ELSE 'CANCELLED' END
"""
_BALANCED = """
CREATE FUNCTION ledger.entry_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
BEGIN
    SELECT sum(amount) INTO total FROM ledger.postings WHERE entry = NEW.entry;
    IF total <> 0 THEN
        RAISE EXCEPTION 'the postings of entry % sum to %, not to zero', NEW.entry, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
_BALANCED_TRIGGER = """
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger.postings
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.entry_is_balanced()
"""
_POSTED = """
CREATE FUNCTION ledger.entry_is_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.postings WHERE entry = NEW.id) THEN
        RAISE EXCEPTION 'entry % has no postings', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
_POSTED_TRIGGER = """
CREATE CONSTRAINT TRIGGER posted AFTER INSERT ON ledger.entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger.entry_is_posted()
"""
_APPEND_ONLY = """
CREATE FUNCTION ledger.is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
_APPEND_ONLY_TRIGGER = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.{table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger.is_append_only()
"""
_APPEND_ONLY_TABLES = ("entries", "postings", "fills", "refusals", "shortfalls", "rule_changes")


def upgrade() -> None:
    _create_tables()
    for statement in (_BALANCED, _BALANCED_TRIGGER, _POSTED, _POSTED_TRIGGER, _APPEND_ONLY):
        op.execute(statement)
    for table in _APPEND_ONLY_TABLES:
        op.execute(_APPEND_ONLY_TRIGGER.format(table=table))


def downgrade() -> None:
    raise RuntimeError("the ledger is never taken down: restore a backup, or project the events anew into another one")


def _create_tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deposited", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("commission_paid", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("shard", "account", name=op.f("pk_accounts")),
        schema="ledger",
    )
    op.create_index("ix_accounts_account", "accounts", ["account"], unique=False, schema="ledger")
    op.create_table(
        "entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("shard", "offset", "index", "kind", name=op.f("uq_entries_shard_offset_index_kind")),
        schema="ledger",
    )
    op.create_table(
        "fills",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("incoming_side", sa.Text(), nullable=False),
        sa.Column("incoming_order", sa.BigInteger(), nullable=False),
        sa.Column("incoming_account", sa.BigInteger(), nullable=False),
        sa.Column("resting_order", sa.BigInteger(), nullable=False),
        sa.Column("resting_account", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "offset", "index", name=op.f("pk_fills")),
        schema="ledger",
    )
    op.create_index("ix_fills_market", "fills", ["market"], unique=False, schema="ledger")
    op.create_table(
        "holds",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "account", "market", name=op.f("pk_holds")),
        schema="ledger",
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('WALLET', 'COMMISSION', 'HOUSE', 'RECEIVABLE', 'EXTERNAL')", name=op.f("ck_ledger_accounts_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("shard", "kind", "owner", name=op.f("uq_ledger_accounts_shard_kind_owner")),
        schema="ledger",
    )
    op.create_table(
        "markets",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("start_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("winners", sa.Integer(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.Column("minimum_stake", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('OPEN', 'SUSPENDED', 'SETTLED', 'VOIDED')", name=op.f("ck_markets_status")),
        sa.PrimaryKeyConstraint("shard", "market", name=op.f("pk_markets")),
        schema="ledger",
    )
    op.create_index("ix_markets_market", "markets", ["market"], unique=False, schema="ledger")
    op.create_index(
        "ix_markets_status_start_time_ms", "markets", ["status", "start_time_ms"], unique=False, schema="ledger"
    )
    op.create_table(
        "orders",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("order", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("price", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("matched", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("matched_payout", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancelled", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lapsed", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("voided", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "remaining",
            sa.BigInteger(),
            sa.Computed("size - matched - cancelled - lapsed - voided", persisted=True),
            nullable=True,
        ),
        sa.Column("status", sa.Text(), sa.Computed(_STATUS, persisted=True), nullable=True),
        sa.Column("placed_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("side IN ('BACK', 'LAY')", name=op.f("ck_orders_side")),
        sa.CheckConstraint(
            "least(matched, matched_payout, cancelled, lapsed, voided) >= 0", name=op.f("ck_orders_signs")
        ),
        sa.CheckConstraint("matched + cancelled + lapsed + voided <= size", name=op.f("ck_orders_parts")),
        sa.PrimaryKeyConstraint("shard", "order", name=op.f("pk_orders")),
        schema="ledger",
    )
    op.create_index("ix_orders_account_order", "orders", ["account", "order"], unique=False, schema="ledger")
    op.create_index(
        "ix_orders_shard_market_runner", "orders", ["shard", "market", "runner"], unique=False, schema="ledger"
    )
    op.create_table(
        "projection",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_projection")),
        schema="ledger",
    )
    op.create_table(
        "refusals",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("bound", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "offset", "index", name=op.f("pk_refusals")),
        schema="ledger",
    )
    op.create_index("ix_refusals_account", "refusals", ["account"], unique=False, schema="ledger")
    op.create_table(
        "rule_changes",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "offset", "index", name=op.f("pk_rule_changes")),
        schema="ledger",
    )
    op.create_table(
        "runners",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=False),
        sa.Column("runner", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("voided", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("winner", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("shard", "market", "runner", name=op.f("pk_runners")),
        schema="ledger",
    )
    op.create_table(
        "shortfalls",
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("market", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "offset", "index", name=op.f("pk_shortfalls")),
        schema="ledger",
    )
    op.create_index("ix_shortfalls_account", "shortfalls", ["account"], unique=False, schema="ledger")
    op.create_table(
        "postings",
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("ledger_account", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_postings_amount")),
        sa.ForeignKeyConstraint(["entry"], ["ledger.entries.id"], name=op.f("fk_postings_entry_entries")),
        sa.ForeignKeyConstraint(
            ["ledger_account"], ["ledger.ledger_accounts.id"], name=op.f("fk_postings_ledger_account_ledger_accounts")
        ),
        sa.PrimaryKeyConstraint("entry", "ledger_account", name=op.f("pk_postings")),
        schema="ledger",
    )
    op.create_index(
        "ix_postings_ledger_account_entry", "postings", ["ledger_account", "entry"], unique=False, schema="ledger"
    )
