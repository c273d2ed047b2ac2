"""Writes entries and their postings: double entry, with the running balance of each ledger account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql

from services.ledger import schema
from services.ledger.changes import Entry, Row
from services.ledger.terms import AccountKind

_AccountKey: TypeAlias = tuple[int, str, int]  # shard, kind, owner
_Owner: TypeAlias = Callable[[Entry, int | None], int]


def write_entries(connection: Connection, entries: list[Entry]) -> None:
    """Entries, their postings with the running balance of each ledger account, and the balances."""
    table, owner = schema.entries, _owners(connection, entries)
    rows = [{**entry.name.row(), "kind": entry.kind, "market": entry.market} for entry in entries]
    numbers = (
        connection.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows).scalars().all()
    )
    accounts = _ledger_accounts(
        connection,
        {(entry.name.shard, kind, owner(entry, whose)) for entry in entries for kind, whose, _ in entry.postings},
    )
    postings: list[Row] = []
    for number, entry in zip(numbers, entries, strict=True):
        for kind, whose, amount in entry.postings:
            account = accounts[entry.name.shard, kind, owner(entry, whose)]
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


# ---------------------------------------------------------------- currencies


def _owners(connection: Connection, entries: list[Entry]) -> _Owner:
    """Whose a posting is: a player's, or the exchange's books in the currency of the entry."""
    markets = {(entry.name.shard, entry.market) for entry in entries if entry.market is not None}
    of_market = _currencies(connection, schema.markets, "market", markets)
    players = {(entry.name.shard, entry.account) for entry in entries if entry.account}
    of_player = _currencies(connection, schema.accounts, "account", players)
    _learn(connection, entries, of_market, of_player)

    def owner(entry: Entry, whose: int | None) -> int:
        if whose is not None:
            return whose
        shard = entry.name.shard
        found = of_player[shard, entry.account] if entry.market is None else of_market[shard, entry.market]
        assert found is not None, "money of a guest whose currency is not known, outside of any market"  # noqa: S101
        return found

    return owner


def _currencies(
    connection: Connection, table: Table, number: str, keys: set[tuple[int, int]]
) -> dict[tuple[int, int], int | None]:
    if not keys:
        return {}
    shard, key = table.c.shard, table.c[number]
    found = connection.execute(select(shard, key, table.c.currency).where(tuple_(shard, key).in_(keys)))
    return {(row[0], row[1]): row[2] for row in found}


def _learn(
    connection: Connection,
    entries: list[Entry],
    of_market: dict[tuple[int, int], int | None],
    of_player: dict[tuple[int, int], int | None],
) -> None:
    """No event tells a guest's currency, but who bets in a market has that market's."""
    table = schema.accounts
    for entry in entries:
        shard, player = entry.name.shard, entry.account
        if entry.market is None or of_player.get((shard, player), 0) is not None:
            continue
        of_player[shard, player] = currency = of_market[shard, entry.market]
        own = (table.c.shard == shard) & (table.c.account == player)
        connection.execute(update(table).where(own).values(currency=currency))
