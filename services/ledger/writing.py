"""Writes changes into the tables, in the transaction that it is given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql

from services.ledger import schema
from services.ledger.changes import Changes, Entry, EventName, Row
from services.ledger.terms import AccountKind

_AccountKey = tuple[int, str, int]  # shard, kind, owner


def write(connection: Connection, changes: Changes) -> None:
    """Write one lot of changes: what is new, what it changes, the money, the voiding."""
    for table, rows in (
        (schema.accounts, changes.accounts),
        (schema.markets, changes.markets),
        (schema.runners, changes.runners),
        (schema.orders, changes.orders),
        (schema.fills, changes.fills),
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
    if changes.entries:
        _write_entries(connection, changes.entries)
    if changes.void is not None:
        _void_bets(connection, *changes.void)


def _change_accounts(connection: Connection, changes: Changes) -> None:
    table = schema.accounts
    if changes.verified:
        keys = tuple_(table.c.shard, table.c.account)
        connection.execute(update(table).where(keys.in_(changes.verified)).values(verified=True))
    _add(
        connection,
        table,
        "account",
        [
            {"key_shard": shard, "key_id": account, **asdict(change)}
            for (shard, account), change in changes.account_changes.items()
        ],
    )


def _change_orders(connection: Connection, changes: Changes) -> None:
    rows = [
        {"key_shard": shard, "key_id": order, **asdict(change)}
        for (shard, order), change in changes.order_changes.items()
    ]
    _add(connection, schema.orders, "order", rows)


def _add(connection: Connection, table: Table, key: str, rows: list[Row]) -> None:
    """Add each row's values to the columns of their names (`updated_ms` is set), where `key` is the row's key_id."""
    if not rows:
        return
    added = [name for name in rows[0] if not name.startswith("key_")]
    values = {name: bindparam(name) if name == "updated_ms" else table.c[name] + bindparam(name) for name in added}
    statement = (
        update(table)
        .where(table.c.shard == bindparam("key_shard"), table.c[key] == bindparam("key_id"))
        .values({table.c[name]: value for name, value in values.items()})
    )
    connection.execute(statement, rows)


def _change_markets(connection: Connection, changes: Changes) -> None:
    markets, runners = schema.markets, schema.runners
    for (shard, market), values in changes.market_changes.items():
        connection.execute(update(markets).where(markets.c.shard == shard, markets.c.market == market).values(**values))
    for shard, market, runner, column in changes.runner_marks:
        connection.execute(
            update(runners)
            .where(runners.c.shard == shard, runners.c.market == market, runners.c.runner == runner)
            .values({column: True})
        )


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


def _void_bets(connection: Connection, name: EventName, market: int, runner: int | None) -> None:
    """What was matched becomes voided, on one runner or on all."""
    table = schema.orders
    bets = update(table).where(table.c.shard == name.shard, table.c.market == market, table.c.matched > 0)
    if runner is not None:
        bets = bets.where(table.c.runner == runner)
    connection.execute(
        bets.values(voided=table.c.voided + table.c.matched, matched=0, matched_payout=0, updated_ms=name.time_ms)
    )


def _write_entries(connection: Connection, entries: list[Entry]) -> None:
    """Entries, their postings with the running balance of each ledger account, and the balances."""
    table = schema.entries
    rows = [{**entry.name.row(), "kind": entry.kind, "market": entry.market} for entry in entries]
    numbers = (
        connection.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows).scalars().all()
    )
    accounts = _ledger_accounts(
        connection, {(entry.name.shard, kind, owner) for entry in entries for kind, owner, _ in entry.postings}
    )
    postings: list[Row] = []
    for number, entry in zip(numbers, entries, strict=True):
        for kind, owner, amount in entry.postings:
            account = accounts[entry.name.shard, kind, owner]
            account["key_balance"] += amount
            postings.append(
                {
                    "entry": number,
                    "ledger_account": account["key_id"],
                    "amount": amount,
                    "balance": account["key_balance"],
                }
            )
    connection.execute(insert(schema.postings), postings)
    _set_balances(connection, accounts.values())


def _ledger_accounts(connection: Connection, keys: set[_AccountKey]) -> dict[_AccountKey, Row]:
    """The ledger accounts of these keys, made where absent: {"key_id": ..., "key_balance": ...}."""
    table = schema.ledger_accounts
    wanted = [{"shard": shard, "kind": kind, "owner": owner} for shard, kind, owner in sorted(keys)]
    connection.execute(postgresql.insert(table).on_conflict_do_nothing(), wanted)
    key = tuple_(table.c.shard, table.c.kind, table.c.owner)
    found = connection.execute(select(table).where(key.in_(keys)))
    return {
        (row.shard, AccountKind(row.kind), row.owner): {"key_id": row.id, "key_balance": row.balance} for row in found
    }


def _set_balances(connection: Connection, accounts: Iterable[Row]) -> None:
    table = schema.ledger_accounts
    statement = update(table).where(table.c.id == bindparam("key_id")).values(balance=bindparam("key_balance"))
    connection.execute(statement, list(accounts))
