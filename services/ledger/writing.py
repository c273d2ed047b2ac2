"""Writes changes into the tables, in the transaction that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Table,
    Text,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql

from services.ledger import schema
from services.ledger.booking import write_entries
from services.ledger.changes import Bets, Changes, Put, Row

_LARGEST_ALLOWANCE: Final = 10**15
_PUT: Final[Mapping[str, Table]] = {
    table.name: table for table in (schema.limits, schema.permits, schema.guests, schema.shards)
}


def write(connection: Connection, changes: Changes) -> None:
    """Write one lot of changes: what is new, what it changes, the money, what becomes of all bets."""
    for table, rows in (
        (schema.accounts, changes.accounts),
        (schema.markets, changes.markets),
        (schema.runners, changes.runners),
        (schema.orders, changes.orders),
        (schema.fills, changes.fills),
        (schema.voided_fills, changes.voided_fills),
        (schema.withdrawals, changes.withdrawals),
        (schema.refusals, changes.refusals),
        (schema.shortfalls, changes.shortfalls),
        (schema.rule_changes, changes.rule_changes),
    ):
        if rows:
            connection.execute(insert(table), rows)
    _change_accounts(connection, changes)
    _change_markets(connection, changes)
    _change_orders(connection, changes)
    _set_holds(connection, changes)
    _end_withdrawals(connection, changes)
    for put in changes.puts:
        _put(connection, put)
    if changes.entries:
        write_entries(connection, changes.entries)
    if changes.bets is not None:
        _change_bets(connection, changes.bets)


def _keyed(table: Table, number: str) -> ColumnElement[bool]:
    """The row of a shard and a number, bound as `key_shard` and `key_id`."""
    return (table.c.shard == bindparam("key_shard")) & (table.c[number] == bindparam("key_id"))


# ---------------------------------------------------------------- accounts


def _change_accounts(connection: Connection, changes: Changes) -> None:
    table = schema.accounts
    if changes.verified:
        keys = tuple_(table.c.shard, table.c.account)
        connection.execute(update(table).where(keys.in_(changes.verified)).values(verified=True))
    added = [
        {"key_shard": shard, "key_id": account, **asdict(change)}
        for (shard, account), change in changes.account_changes.items()
    ]
    if added:
        columns = (name for name in added[0] if not name.startswith("key_"))
        values = {table.c[name]: table.c[name] + bindparam(name) for name in columns}
        connection.execute(update(table).where(_keyed(table, "account")).values(values), added)
    for (shard, account), settings in changes.account_settings.items():
        own = (table.c.shard == shard) & (table.c.account == account)
        connection.execute(update(table).where(own).values(**settings))


def _end_withdrawals(connection: Connection, changes: Changes) -> None:
    table = schema.withdrawals
    rows = [
        {"key_shard": shard, "key_id": withdrawal, **ended}
        for (shard, withdrawal), ended in changes.ended_withdrawals.items()
    ]
    if rows:
        connection.execute(update(table).where(_keyed(table, "withdrawal")), rows)


def _set_holds(connection: Connection, changes: Changes) -> None:
    table = schema.holds
    rows = [
        {"shard": shard, "account": account, "market": market, "amount": amount}
        for (shard, account, market), amount in changes.holds.items()
    ]
    if rows:
        statement = postgresql.insert(table)
        set_ = {"amount": statement.excluded.amount}
        connection.execute(statement.on_conflict_do_update(index_elements=table.primary_key.columns, set_=set_), rows)


def _put(connection: Connection, put: Put) -> None:
    table = _PUT[put.table]
    made = postgresql.insert(table).values(**put.key, **put.values, **put.more, **put.slices)
    changed: dict[str, Any] = {
        **put.values,
        **{name: table.c[name] + more for name, more in put.more.items()},
        **{name: _grown(table.c[name], slice_) for name, slice_ in put.slices.items()},
    }
    connection.execute(made.on_conflict_do_update(index_elements=table.primary_key.columns, set_=changed))


def _grown(allowance: ColumnElement[int | None], slice_: int) -> ColumnElement[int | None]:
    """An allowance with one more slice. -1 is any; what is not known stays so."""
    any_ = (allowance == -1) | literal(slice_ == -1)
    return case(
        (any_, -1), (allowance.is_(None), null()), else_=func.least(allowance + slice_, literal(_LARGEST_ALLOWANCE))
    )


# ---------------------------------------------------------------- markets


def _change_markets(connection: Connection, changes: Changes) -> None:
    markets, runners = schema.markets, schema.runners
    for (shard, market), values in changes.market_changes.items():
        more: Row = {"resettlements": markets.c.resettlements + changes.resettlements[shard, market]}
        own = (markets.c.shard == shard) & (markets.c.market == market)
        connection.execute(update(markets).where(own).values(**values, **more))
    for change in changes.runner_changes:
        chosen = update(runners).where(runners.c.shard == change.shard, runners.c.market == change.market)
        if change.runner is not None:
            chosen = chosen.where(runners.c.runner == change.runner)
        connection.execute(chosen.values(**change.values))


# ---------------------------------------------------------------- orders


def _order_values() -> dict[str, ColumnElement[Any]]:
    """The columns of an order as a change leaves them; a lay on close alone has a `liability_matched` to add to."""
    table = schema.orders.c
    payout = func.coalesce(bindparam("payout_before", type_=BigInteger), table.matched_payout)
    return {
        "updated_ms": bindparam("updated_ms"),
        "matched_payout": payout + bindparam("matched_payout", type_=BigInteger),
        "liability_matched": table.liability_matched + bindparam("liability", type_=BigInteger),
        "persistence": func.coalesce(bindparam("persistence", type_=Text), table.persistence),
        "release_ms": case((bindparam("released", type_=Boolean), null()), else_=table.release_ms),
        **{name: table[name] + bindparam(name) for name in ("matched", "cancelled", "lapsed", "voided")},
    }


_CHANGE_ORDERS: Final = update(schema.orders).where(_keyed(schema.orders, "order")).values(_order_values())


def _change_orders(connection: Connection, changes: Changes) -> None:
    rows = [
        {"key_shard": shard, "key_id": order, **asdict(change)}
        for (shard, order), change in changes.order_changes.items()
    ]
    if rows:
        connection.execute(_CHANGE_ORDERS, rows)


def _change_bets(connection: Connection, bets: Bets) -> None:
    """What was matched becomes voided, on one runner or on all; of all it is set aside, and may be brought back."""
    table = schema.orders.c
    values: Row = {"voided": table.voided + table.matched, "matched": 0, "matched_payout": 0}
    touched = table.matched > 0
    if not bets.void:
        touched = table.set_aside > 0
        values = {
            "voided": table.voided - table.set_aside,
            "matched": table.set_aside,
            "matched_payout": table.set_aside_payout,
            "set_aside": 0,
            "set_aside_payout": 0,
        }
    elif bets.runner is None:
        values |= {"set_aside": table.matched, "set_aside_payout": table.matched_payout}
    else:
        touched = touched & (table.runner == bets.runner)
    chosen = update(schema.orders).where(table.shard == bets.name.shard, table.market == bets.market, touched)
    connection.execute(chosen.values(**values, updated_ms=bets.name.time_ms))
