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


def _count(name: str) -> Column[Any]:
    """A number that starts at nothing."""
    return Column(name, Integer, nullable=False, server_default=text("0"))


def _flag(name: str) -> Column[Any]:
    """What is not so to begin with."""
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _word(name: str, usual: str) -> Column[Any]:
    """One of the contract's words, without its prefix."""
    return Column(name, Text, nullable=False, server_default=text(f"'{usual}'"))


def _allowances() -> list[Column[Any]]:
    """What may be lost and staked under a permit."""
    return [Column(name, BigInteger, server_default=text("0")) for name in ("loss", "stake")]


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
    Column("owner", BigInteger, nullable=False),  # the player's account; of the exchange's own kinds the currency
    _money("balance"),
    UniqueConstraint("shard", "kind", "owner"),
    CheckConstraint(
        "kind IN ('WALLET', 'COMMISSION', 'HOUSE', 'ROUNDING', 'RECEIVABLE', 'EXTERNAL', 'WITHDRAWING', 'IN_TRANSIT')",
        name="kind",
    ),
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
    _flag("verified"),
    _money("deposited"),
    _money("withdrawn"),
    _money("commission_paid"),
    _money("held"),  # the sum of its holds
    Column("currency", Integer, server_default=text("0")),  # ISO 4217's number; 0: the shard's first; null: a guest's
    _count("discount_bp"),  # off commission
    Column("heartbeat_due_ms", BigInteger),
    Column("time_out_until_ms", BigInteger),
    _flag("excluded"),
    Column("excluded_until_ms", BigInteger),  # null: no end
    Column("lifting_ms", BigInteger),  # when an exclusion ends that was asked to be lifted
    _flag("tightening_pending"),  # not confirmed by every shard yet
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

# Money that players asked to have paid out, and what became of it.
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("withdrawal", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    PrimaryKeyConstraint("shard", "withdrawal"),
    CheckConstraint("status IN ('WAITING', 'PAID', 'REFUSED')", name="status"),
    Index("ix_withdrawals_account", "account"),
)

# Limits of one of the two who set them; the lower of the two applies. An amount of 0 is none.
limits = Table(
    "limits",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("by_operator", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("window", Text, nullable=False),
    _money("amount"),
    Column("next_amount", BigInteger),  # what it is to become ...
    Column("next_ms", BigInteger),  # ... and when; null: no change waits
    PrimaryKeyConstraint("shard", "account", "by_operator", "kind", "window"),
    CheckConstraint("kind IN ('DEPOSIT', 'LOSS', 'STAKE')", name="kind"),
    CheckConstraint("\"window\" IN ('DAY', 'WEEK', 'MONTH')", name="window"),
)

# At home: what an account may do on another shard. An allowance of -1 is none; null: what the shard there confirmed,
# which no event tells.
permits = Table(
    "permits",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("there", BigInteger, nullable=False),  # the other shard
    _money("money"),  # sent and not returned
    *_allowances(),
    _money("slices"),  # granted
    _money("returns"),  # accepted
    _flag("live"),  # granted to since it was last confirmed or closed
    _flag("to_confirm"),  # a tightening is not confirmed yet
    PrimaryKeyConstraint("shard", "account", "there"),
)

# There: whose guest an account is, and what it may still do.
guests = Table(
    "guests",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("guest", BigInteger, nullable=False),
    Column("home", BigInteger, nullable=False),  # its home shard ...
    Column("account", BigInteger, nullable=False),  # ... and the account there
    *_allowances(),
    _money("slices"),  # accepted
    _money("returns"),  # sent
    _flag("stopped"),  # no new bets
    PrimaryKeyConstraint("shard", "guest"),
    UniqueConstraint("shard", "home", "account"),
)

# Shards that were ever suspended as a whole.
shards = Table(
    "shards",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("suspended", Boolean, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
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
    Column("currency", Integer, nullable=False, server_default=text("0")),  # ISO 4217's number; 0: the shard's first
    _word("ladder", "CLASSIC"),
    _count("positions"),  # of a line ...
    _money("line_minimum"),  # ... what the first stands for, and how far they lie apart, in thousandths
    _money("line_interval"),
    _flag("variable_winners"),
    _flag("starting_price"),
    _flag("cross_matching"),
    _word("self_match", "CANCEL_NEWEST"),
    _count("in_play_delay_ms"),
    _flag("passive_delay"),
    _word("reduction", "NONE"),
    Column("turned_in_play_ms", BigInteger),
    Column("line_result", Integer),  # how many positions are at or below the result
    _count("resettlements"),  # how often its result was changed ...
    Column("resettled_ms", BigInteger),  # ... and when last; `ended_ms` stays
    Column("final_ms", BigInteger),  # from then on its result cannot be changed
    PrimaryKeyConstraint("shard", "market"),
    CheckConstraint("status IN ('INACTIVE', 'OPEN', 'SUSPENDED', 'SETTLED', 'VOIDED')", name="status"),
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
    _flag("voided"),  # or removed
    _flag("winner"),
    _flag("dead_heat"),  # a winner that shares its place
    _flag("suspended"),
    Column("factor_bp", Integer),  # the reduction that it brought when it was removed
    Column("starting_price", SmallInteger),
    Column("starting_size", BigInteger),
    PrimaryKeyConstraint("shard", "market", "runner"),
)

# What is gone of an order's size: of most orders the stake that was matched, be it void now or not; of a lay on close,
# whose size is a liability, the liability.
_GONE: Final = "coalesce(liability_matched, matched + voided) + cancelled + lapsed"

orders = Table(
    "orders",
    metadata,
    Column("shard", SmallInteger, nullable=False),
    Column("order", BigInteger, nullable=False),
    Column("account", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("runner", BigInteger, nullable=False),
    Column("side", Text, nullable=False),
    Column("price", Integer, nullable=False),  # 0 where type is MARKET_ON_CLOSE
    Column("size", BigInteger, nullable=False),  # backer's stake; lays on close: liability
    _word("type", "LIMIT"),
    _word("persistence", "LAPSE"),
    _word("time_in_force", "DAY"),
    _money("min_fill"),
    _count("strategy"),
    Column("replaces", BigInteger),  # the order whose place it took
    Column("release_ms", BigInteger),  # held until then by the in-play delay; null: not held (any more)
    _money("matched"),
    _money("matched_payout"),  # what its bets pay if they win, after reductions; average price = it / matched
    _money("cancelled"),
    _money("lapsed"),
    _money("voided"),
    Column("liability_matched", BigInteger),  # lays on close: what fills took of the size; null: any other order
    _money(
        "set_aside"
    ),  # matched when its market was voided, and the payout, for the case that it is settled after all
    _money("set_aside_payout"),
    Column("remaining", BigInteger, Computed(f"size - ({_GONE})", persisted=True)),
    Column(
        "status",
        Text,
        Computed(
            f"CASE WHEN size > {_GONE} THEN 'OPEN' WHEN matched > 0 THEN 'MATCHED' "
            "WHEN voided > 0 THEN 'VOIDED' WHEN lapsed > 0 THEN 'LAPSED' ELSE 'CANCELLED' END",
            persisted=True,
        ),
    ),
    Column("placed_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("shard", "order"),
    CheckConstraint("side IN ('BACK', 'LAY')", name="side"),
    CheckConstraint(f"{_GONE} <= size", name="parts"),
    CheckConstraint("least(matched, matched_payout, cancelled, lapsed, voided) >= 0", name="signs"),
    Index("ix_orders_account_order", "account", "order"),
    Index("ix_orders_shard_market_runner", "shard", "market", "runner"),
)

# Fills as they were made. Where a cross-match made the exchange the counterparty, its order and account are null.
fills = Table(
    "fills",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("runner", BigInteger, nullable=False),
    Column("price", Integer, nullable=False),  # of a cross-match the nearest on the ladder: `payout` is exact
    Column("size", BigInteger, nullable=False),
    Column("incoming_side", Text, nullable=False),
    Column("incoming_order", BigInteger),
    Column("incoming_account", BigInteger),
    Column("resting_order", BigInteger),
    Column("resting_account", BigInteger),
    Column("payout", BigInteger),  # null: written by revision 0001, stake x price
    Column("trade", BigInteger),  # its number; null under rules 1
    Column("group", BigInteger),  # the first trade of the cross-match that it is part of
    PrimaryKeyConstraint("shard", "offset", "index"),
    Index("ix_fills_market", "market"),
    Index("ix_fills_shard_trade", "shard", "trade", unique=True, postgresql_where=text("trade IS NOT NULL")),
)

# Single bets that were declared void: the mark on a fill, which is itself never changed.
voided_fills = Table(
    "voided_fills",
    metadata,
    *_event_name(),
    Column("time_ms", BigInteger, nullable=False),
    Column("trade", BigInteger, nullable=False),
    Column("market", BigInteger, nullable=False),
    Column("payout", BigInteger, nullable=False),  # at the end, after reductions
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("shard", "offset", "index"),
    UniqueConstraint("shard", "trade"),
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
