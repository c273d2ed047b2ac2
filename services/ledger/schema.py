"""The ledger's tables. migrations/ builds them; a test holds the two together.

Money is a bigint in 1/10 000 of the currency unit, a price a tick of the ladder, a time milliseconds since the epoch
in log time. `shard`, `offset` and `index` name an event; `offset` is that of its command record.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SCHEMA: Final = "ledger"
"""The PostgreSQL schema of these tables: other services have theirs in the same database."""

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


def _event_name() -> list[Column[Any]]:
    """The columns that name the event a row came from."""
    return [
        Column("shard", SmallInteger, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("index", Integer, nullable=False),
    ]


def _money(name: str) -> Column[Any]:
    """An amount that starts at nothing."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


# How far each shard's log is reflected in the rows; moved by compare-and-swap in the transaction that writes them.
projection = Table(
    "projection",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, nullable=False),  # of the last command record reflected
    Column("hash", LargeBinary, nullable=False),  # of that record
    Column("position", BigInteger, nullable=False),  # in exchange.events: the next to read
    Column("time_ms", BigInteger, nullable=False),
    Column("rules", Integer, nullable=False),
)

ledger_accounts = Table(
    "ledger_accounts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("shard", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner", BigInteger, nullable=False),  # the player's account; 0 for the exchange's own
    _money("balance"),
    UniqueConstraint("shard", "kind", "owner"),
    CheckConstraint("kind IN ('WALLET', 'COMMISSION', 'HOUSE', 'RECEIVABLE', 'EXTERNAL')", name="kind"),
)

# Entries and postings are only ever added to (a trigger refuses anything else), and the postings of one entry sum to
# zero (a deferred trigger, checked at commit).
entries = Table(
    "entries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *_event_name(),
    Column("kind", Text, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("market", BigInteger),
    UniqueConstraint("shard", "offset", "index", "kind"),
)

postings = Table(
    "postings",
    metadata,
    Column("entry", BigInteger, ForeignKey("ledger.entries.id"), nullable=False),
    Column("ledger_account", BigInteger, ForeignKey("ledger.ledger_accounts.id"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance", BigInteger, nullable=False),  # of the ledger account afterwards
    PrimaryKeyConstraint("entry", "ledger_account"),
    CheckConstraint("amount <> 0", name="amount"),
    Index("ix_postings_ledger_account_entry", "ledger_account", "entry"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("verified", Boolean, nullable=False, server_default=text("false")),
    _money("deposited"),
    _money("withdrawn"),
    _money("commission_paid"),
    _money("held"),  # the sum of its holds
    PrimaryKeyConstraint("shard", "account"),
    Index("ix_accounts_account", "account"),
)

# What is set aside in a wallet for the worst loss in a market. Not a posting: the money has not moved.
holds = Table(
    "holds",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "account", "market"),
)

markets = Table(
    "markets",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("start_time_ms", BigInteger, nullable=False),
    Column("winners", Integer, nullable=False),
    Column("commission_bp", Integer, nullable=False),
    Column("minimum_stake", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_because", Text),  # the result's source, or the reason for voiding
    PrimaryKeyConstraint("shard", "market"),
    CheckConstraint("status IN ('OPEN', 'SUSPENDED', 'SETTLED', 'VOIDED')", name="status"),
    Index("ix_markets_market", "market"),
    Index("ix_markets_status_start_time_ms", "status", "start_time_ms"),
)

runners = Table(
    "runners",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("runner", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),  # as listed when the market opened, from 0
    Column("name", Text, nullable=False),
    Column("voided", Boolean, nullable=False, server_default=text("false")),
    Column("winner", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("shard", "market", "runner"),
)

orders = Table(
    "orders",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("order", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("runner", BigInteger, nullable=False),
    Column("side", Text, nullable=False),
    Column("price", SmallInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    _money("matched"),
    _money("matched_payout"),  # sum of stake x price over the fills; average price = matched_payout / matched
    _money("cancelled"),
    _money("lapsed"),
    _money("voided"),
    Column("remaining", BigInteger, Computed("size - matched - cancelled - lapsed - voided", persisted=True)),
    Column(
        "status",
        Text,
        Computed(
            "CASE WHEN size > matched + cancelled + lapsed + voided THEN 'OPEN' WHEN matched > 0 THEN 'MATCHED' "
            "WHEN voided > 0 THEN 'VOIDED' WHEN lapsed > 0 THEN 'LAPSED' ELSE 'CANCELLED' END",
            persisted=True,
        ),
    ),
    Column("placed_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "order"),
    CheckConstraint("side IN ('BACK', 'LAY')", name="side"),
    CheckConstraint("matched + cancelled + lapsed + voided <= size", name="parts"),
    CheckConstraint("least(matched, matched_payout, cancelled, lapsed, voided) >= 0", name="signs"),
    Index("ix_orders_account_order", "account", "order"),
    Index("ix_orders_shard_market_runner", "shard", "market", "runner"),
)

fills = Table(
    "fills",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("runner", BigInteger, nullable=False),
    Column("price", SmallInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("incoming_side", Text, nullable=False),
    Column("incoming_order", BigInteger, nullable=False),
    Column("incoming_account", BigInteger, nullable=False),
    Column("resting_order", BigInteger, nullable=False),
    Column("resting_account", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "offset", "index"),
    Index("ix_fills_market", "market"),
)

# Decisions against somebody: a command that was refused, and why.
refusals = Table(
    "refusals",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("given", BigInteger, nullable=False),
    Column("bound", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "offset", "index"),
    Index("ix_refusals_account", "account"),
)

# What an account could not cover, as booked and as covered; `settled` tells a receivable from a hold without cover.
shortfalls = Table(
    "shortfalls",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("market", BigInteger),
    Column("amount", BigInteger, nullable=False),  # positive: booked; negative: covered
    Column("settled", Boolean, nullable=False),
    PrimaryKeyConstraint("shard", "offset", "index"),
    Index("ix_shortfalls_account", "account"),
)

rule_changes = Table(
    "rule_changes",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("shard", "offset", "index"),
)
