"""The rows that some events add and change, gathered so that each table is written once."""

from __future__ import annotations

from collections import defaultdict
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
    """A movement of money: postings as (kind, owner, amount), which sum to zero."""

    name: EventName
    kind: EntryKind
    market: int | None
    postings: tuple[tuple[AccountKind, int, int], ...]


@dataclass(slots=True)
class OrderChange:
    """What is added to an order's columns."""

    updated_ms: int = 0
    matched: int = 0
    matched_payout: int = 0
    cancelled: int = 0
    lapsed: int = 0


@dataclass(slots=True)
class AccountChange:
    """What is added to an account's columns."""

    deposited: int = 0
    withdrawn: int = 0
    commission_paid: int = 0
    held: int = 0


@dataclass(slots=True)
class Changes:
    """New rows first, then what changes in rows, then the voiding of bets, if there is one."""

    accounts: list[Row] = field(default_factory=list)
    markets: list[Row] = field(default_factory=list)
    runners: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    refusals: list[Row] = field(default_factory=list)
    shortfalls: list[Row] = field(default_factory=list)
    rule_changes: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    verified: set[tuple[int, int]] = field(default_factory=set)  # (shard, account)
    account_changes: defaultdict[tuple[int, int], AccountChange] = field(
        default_factory=lambda: defaultdict(AccountChange)
    )
    market_changes: defaultdict[tuple[int, int], Row] = field(default_factory=lambda: defaultdict(dict))
    runner_marks: list[tuple[int, int, int, str]] = field(default_factory=list)  # (shard, market, runner, column)
    order_changes: defaultdict[tuple[int, int], OrderChange] = field(default_factory=lambda: defaultdict(OrderChange))
    holds: dict[tuple[int, int, int], int] = field(default_factory=dict)  # (shard, account, market): what it is now
    void: tuple[EventName, int, int | None] | None = (
        None  # by which event, in which market, on which runner (None: all)
    )

    def account(self, shard: int, account: int) -> AccountChange:
        """What changes in an account."""
        return self.account_changes[shard, account]

    def market(self, shard: int, market: int) -> Row:
        """What changes in a market."""
        return self.market_changes[shard, market]

    def order(self, name: EventName, order: int) -> OrderChange:
        """What changes in an order, by the event named."""
        change = self.order_changes[name.shard, order]
        change.updated_ms = name.time_ms
        return change
