"""The rows that some events add and change, gathered so that each table is written once."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from services.ledger.terms import AccountKind, EntryKind

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventName:
    """What names an event for ever, and its log time."""

    shard: int
    offset: int
    index: int
    time_ms: int

    def row(self) -> Row:
        """The same as columns."""
        return {"shard": self.shard, "offset": self.offset, "index": self.index, "time_ms": self.time_ms}


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement of a player's money: postings as (kind, owner, amount), which sum to zero.

    An owner of None is the exchange itself: its books are kept by currency, which is the market's, or else the
    player's, and is looked up when the entry is written.
    """

    name: EventName
    kind: EntryKind
    account: int
    market: int | None
    postings: tuple[tuple[AccountKind, int | None, int], ...]


@dataclass(slots=True)
class OrderChange:
    """What changes in an order's columns: added to them, if not said otherwise."""

    updated_ms: int = 0  # set
    matched: int = 0
    matched_payout: int = 0
    payout_before: int | None = None  # where set: `matched_payout` is added to this, not to what is there
    liability: int = 0  # what its fills were a layer's risk of
    cancelled: int = 0
    lapsed: int = 0
    voided: int = 0
    persistence: str | None = None  # set, where it changes
    released: bool = False  # the in-play delay holds it no more


@dataclass(slots=True)
class AccountChange:
    """What is added to an account's columns."""

    deposited: int = 0
    withdrawn: int = 0
    commission_paid: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class RunnerChange:
    """What is set in a runner's columns; runner None: of every runner of the market."""

    shard: int
    market: int
    runner: int | None
    values: Row


@dataclass(frozen=True, slots=True)
class Put:
    """A row of `table` that is made if it is not there yet, and then changed."""

    table: str
    key: Row
    values: Row = field(default_factory=dict)  # set
    more: Row = field(default_factory=dict)  # added
    slices: Row = field(default_factory=dict)  # added to an allowance: -1, any, stays and swallows the others


@dataclass(frozen=True, slots=True)
class Bets:
    """All bets of a market, or of a runner in it, become void; or (`void` False) a market's are in force again."""

    name: EventName
    market: int
    runner: int | None
    void: bool = True


@dataclass(slots=True)
class Changes:
    """New rows first, then what changes in rows, then the voiding of bets, if there is one."""

    accounts: list[Row] = field(default_factory=list)
    markets: list[Row] = field(default_factory=list)
    runners: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    voided_fills: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)
    shortfalls: list[Row] = field(default_factory=list)
    rule_changes: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    verified: set[tuple[int, int]] = field(default_factory=set)  # (shard, account)
    account_changes: defaultdict[tuple[int, int], AccountChange] = field(
        default_factory=lambda: defaultdict(AccountChange)
    )
    account_settings: defaultdict[tuple[int, int], Row] = field(default_factory=lambda: defaultdict(dict))
    market_changes: defaultdict[tuple[int, int], Row] = field(default_factory=lambda: defaultdict(dict))
    resettlements: Counter[tuple[int, int]] = field(default_factory=Counter)  # (shard, market)
    runner_changes: list[RunnerChange] = field(default_factory=list)
    order_changes: defaultdict[tuple[int, int], OrderChange] = field(default_factory=lambda: defaultdict(OrderChange))
    holds: dict[tuple[int, int, int], int] = field(default_factory=dict)  # (shard, account, market): what it is now
    ended_withdrawals: dict[tuple[int, int], Row] = field(default_factory=dict)  # (shard, withdrawal)
    puts: list[Put] = field(default_factory=list)
    bets: Bets | None = None

    def account(self, shard: int, account: int) -> AccountChange:
        """What is added to an account."""
        return self.account_changes[shard, account]

    def settings(self, shard: int, account: int) -> Row:
        """What is set in an account."""
        return self.account_settings[shard, account]

    def market(self, shard: int, market: int) -> Row:
        """What is set in a market."""
        return self.market_changes[shard, market]

    def order(self, name: EventName, order: int) -> OrderChange:
        """What changes in an order, by the event named."""
        change = self.order_changes[name.shard, order]
        change.updated_ms = name.time_ms
        return change
