"""Rules 2: withdrawals, limits, permits, guests, new terms of markets and orders, fills with their payout.

It only adds, widens and loosens: what revision 0001's build reads and writes is as before, under the rules 1 that it
knows. `orders` is written anew, in one go, while it is locked.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KINDS = "'WALLET', 'COMMISSION', 'HOUSE', 'ROUNDING', 'RECEIVABLE', 'EXTERNAL', 'WITHDRAWING', 'IN_TRANSIT'"
_GONE = "coalesce(liability_matched, matched + voided) + cancelled + lapsed"
_ORDERS = f"""
ALTER TABLE ledger.orders
    DROP COLUMN remaining,
    DROP COLUMN status,
    DROP CONSTRAINT ck_orders_parts,
    ALTER COLUMN price TYPE integer,
    ADD COLUMN type text NOT NULL DEFAULT 'LIMIT',
    ADD COLUMN persistence text NOT NULL DEFAULT 'LAPSE',
    ADD COLUMN time_in_force text NOT NULL DEFAULT 'DAY',
    ADD COLUMN min_fill bigint NOT NULL DEFAULT 0,
    ADD COLUMN strategy integer NOT NULL DEFAULT 0,
    ADD COLUMN replaces bigint,
    ADD COLUMN release_ms bigint,
    ADD COLUMN liability_matched bigint,
    ADD COLUMN set_aside bigint NOT NULL DEFAULT 0,
    ADD COLUMN set_aside_payout bigint NOT NULL DEFAULT 0,
    ADD COLUMN remaining bigint GENERATED ALWAYS AS (size - ({_GONE})) STORED,
    ADD COLUMN status text GENERATED ALWAYS AS (
        CASE WHEN size > {_GONE} THEN 'OPEN' WHEN matched > 0 THEN 'MATCHED'
        WHEN voided > 0 THEN 'VOIDED' WHEN lapsed > 0 THEN 'LAPSED' ELSE 'CANCELLED' END
    ) STORED,
    ADD CONSTRAINT ck_orders_parts CHECK ({_GONE} <= size)
"""
_FILLS = """
ALTER TABLE ledger.fills
    ALTER COLUMN price TYPE integer,
    ALTER COLUMN incoming_order DROP NOT NULL,
    ALTER COLUMN incoming_account DROP NOT NULL,
    ALTER COLUMN resting_order DROP NOT NULL,
    ALTER COLUMN resting_account DROP NOT NULL,
    ADD COLUMN payout bigint,
    ADD COLUMN trade bigint,
    ADD COLUMN "group" bigint
"""
_CHECKS = f"""
ALTER TABLE ledger.ledger_accounts
    DROP CONSTRAINT ck_ledger_accounts_kind,
    ADD CONSTRAINT ck_ledger_accounts_kind CHECK (kind IN ({_KINDS}));
ALTER TABLE ledger.markets
    DROP CONSTRAINT ck_markets_status,
    ADD CONSTRAINT ck_markets_status CHECK (status IN ('INACTIVE', 'OPEN', 'SUSPENDED', 'SETTLED', 'VOIDED'))
"""
_APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.voided_fills
FOR EACH STATEMENT EXECUTE FUNCTION ledger.is_append_only()
"""


def upgrade() -> None:
    for statement in (_ORDERS, _FILLS, _CHECKS):
        op.execute(statement)
    op.create_index(
        "ix_fills_shard_trade",
        "fills",
        ["shard", "trade"],
        unique=True,
        schema="ledger",
        postgresql_where=sa.text("trade IS NOT NULL"),
    )
    for table, columns in (("accounts", _accounts()), ("markets", _markets()), ("runners", _runners())):
        for column in columns:
            op.add_column(table, column, schema="ledger")
    _create_tables()
    op.execute(_APPEND_ONLY)


def downgrade() -> None:
    raise RuntimeError("the ledger is never taken down: restore a backup, or project the events anew into another one")


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _optional(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=True)


def _money(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _text(name: str, usual: str | None = None) -> sa.Column[str]:
    default = None if usual is None else sa.text(f"'{usual}'")
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), nullable=False)


def _allowances() -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=True) for name in ("loss", "stake")]


def _accounts() -> list[sa.Column]:
    return [
        sa.Column("currency", sa.Integer(), server_default=sa.text("0"), nullable=True),
        _count("discount_bp"),
        _optional("heartbeat_due_ms"),
        _optional("time_out_until_ms"),
        _flag("excluded"),
        _optional("excluded_until_ms"),
        _optional("lifting_ms"),
        _flag("tightening_pending"),
    ]


def _markets() -> list[sa.Column]:
    return [
        _count("currency"),
        _text("ladder", "CLASSIC"),
        _count("positions"),
        _money("line_minimum"),
        _money("line_interval"),
        _flag("variable_winners"),
        _flag("starting_price"),
        _flag("cross_matching"),
        _text("self_match", "CANCEL_NEWEST"),
        _count("in_play_delay_ms"),
        _flag("passive_delay"),
        _text("reduction", "NONE"),
        _optional("turned_in_play_ms"),
        sa.Column("line_result", sa.Integer(), nullable=True),
        _count("resettlements"),
        _optional("resettled_ms"),
        _optional("final_ms"),
    ]


def _runners() -> list[sa.Column]:
    return [
        _flag("dead_heat"),
        _flag("suspended"),
        sa.Column("factor_bp", sa.Integer(), nullable=True),
        sa.Column("starting_price", sa.SmallInteger(), nullable=True),
        _optional("starting_size"),
    ]


def _create_tables() -> None:
    op.create_table(
        "voided_fills",
        _shard(),
        _big("offset"),
        sa.Column("index", sa.Integer(), nullable=False),
        _big("time_ms"),
        _big("trade"),
        _big("market"),
        _big("payout"),
        _text("reason"),
        sa.PrimaryKeyConstraint("shard", "offset", "index", name=op.f("pk_voided_fills")),
        sa.UniqueConstraint("shard", "trade", name=op.f("uq_voided_fills_shard_trade")),
        schema="ledger",
    )
    op.create_table(
        "withdrawals",
        _shard(),
        _big("withdrawal"),
        _big("account"),
        _big("amount"),
        _text("status"),
        _big("requested_ms"),
        _optional("ended_ms"),
        sa.CheckConstraint("status IN ('WAITING', 'PAID', 'REFUSED')", name=op.f("ck_withdrawals_status")),
        sa.PrimaryKeyConstraint("shard", "withdrawal", name=op.f("pk_withdrawals")),
        schema="ledger",
    )
    op.create_index("ix_withdrawals_account", "withdrawals", ["account"], unique=False, schema="ledger")
    op.create_table(
        "limits",
        _shard(),
        _big("account"),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        _text("kind"),
        _text("window"),
        _money("amount"),
        _optional("next_amount"),
        _optional("next_ms"),
        sa.CheckConstraint("kind IN ('DEPOSIT', 'LOSS', 'STAKE')", name=op.f("ck_limits_kind")),
        sa.CheckConstraint("\"window\" IN ('DAY', 'WEEK', 'MONTH')", name=op.f("ck_limits_window")),
        sa.PrimaryKeyConstraint("shard", "account", "by_operator", "kind", "window", name=op.f("pk_limits")),
        schema="ledger",
    )
    op.create_table(
        "permits",
        _shard(),
        _big("account"),
        _big("there"),
        _money("money"),
        *_allowances(),
        _money("slices"),
        _money("returns"),
        _flag("live"),
        _flag("to_confirm"),
        sa.PrimaryKeyConstraint("shard", "account", "there", name=op.f("pk_permits")),
        schema="ledger",
    )
    op.create_table(
        "guests",
        _shard(),
        _big("guest"),
        _big("home"),
        _big("account"),
        *_allowances(),
        _money("slices"),
        _money("returns"),
        _flag("stopped"),
        sa.PrimaryKeyConstraint("shard", "guest", name=op.f("pk_guests")),
        sa.UniqueConstraint("shard", "home", "account", name=op.f("uq_guests_shard_home_account")),
        schema="ledger",
    )
    op.create_table(
        "shards",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        _big("since_ms"),
        sa.PrimaryKeyConstraint("shard", name=op.f("pk_shards")),
        schema="ledger",
    )
