"""Holds the ledger's rows against the core's images, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, select

from services.contract.exchange.v1 import exchange_pb2 as x
from services.ledger import schema
from services.ledger.reading import LedgerReader
from services.ledger.terms import AccountKind
from services.matching.core import Core


def assert_agrees(database: Engine, core: Core) -> None:
    """Every sum of money, account, market and order in memory is in the rows as the core has it."""
    with database.connect() as connection:
        assert_money_agrees(LedgerReader(database), core)
        for account in _all(connection, schema.accounts):
            image = x.AccountImage.FromString(core.read_account(account.account) or b"")
            _assert_account_agrees(connection, account, image)
            _assert_orders_agree(connection, account.account, core)
        for market in _all(connection, schema.markets):
            image_ = x.MarketImage.FromString(core.read_market(market.market, 0) or b"")
            _assert_market_agrees(connection, market, image_)


def assert_money_agrees(reader: LedgerReader, core: Core) -> None:
    """The trial balance against the core's totals."""
    balance, totals = reader.trial_balance(), core.totals()
    assert sum(balance.values()) == 0
    assert {
        "deposited - withdrawn": -balance["EXTERNAL"],
        "wallets": balance["WALLET"],
        "withdrawing": balance["WITHDRAWING"],
        "in_transit": balance["IN_TRANSIT"],
        "commission": balance["COMMISSION"],
        "house": balance["HOUSE"] + balance["RECEIVABLE"],
        "rounding": balance["ROUNDING"],
    } == {
        "deposited - withdrawn": totals["deposited"] - totals["withdrawn"],
        **{name: totals[name] for name in ("wallets", "withdrawing", "in_transit", "commission", "house", "rounding")},
    }


def _all(connection: Connection, table: Table, **wanted: object) -> list[Row[Any]]:
    chosen = select(table)
    for name, value in wanted.items():
        chosen = chosen.where(table.c[name] == value)
    return list(connection.execute(chosen.order_by(*table.primary_key.columns)))


# ---------------------------------------------------------------- accounts


def _assert_account_agrees(connection: Connection, row: Row[Any], image: x.AccountImage) -> None:
    assert _money_of(connection, row.account) == (image.balance, -image.receivable)
    assert (row.held, row.verified, row.discount_bp) == (image.held, image.verified, image.discount_bp)
    assert row.currency in ({None, image.currency} if _is_guest(connection, row) else {image.currency})
    assert (row.time_out_until_ms or 0, row.heartbeat_due_ms or 0) == (image.time_out_until_ms, image.heartbeat_due_ms)
    assert (row.excluded, row.excluded_until_ms or 0, row.lifting_ms or 0, row.tightening_pending) == (
        image.excluded, image.excluded_until_ms, image.lifting_ms, image.pending,
    )  # fmt: skip
    holds = {hold.market: hold.amount for hold in _all(connection, schema.holds, account=row.account) if hold.amount}
    assert holds == {hold.market: hold.hold for hold in image.holds}
    assert sorted(_limits(connection, row.account)) == sorted(
        (
            x.LimitKind.Name(each.kind), x.LimitWindow.Name(each.window), each.by_operator, each.amount,
            each.next_amount, each.next_ms,
        )
        for each in image.limits
    )  # fmt: skip
    _assert_permits_agree(connection, row.account, image)


def _money_of(connection: Connection, account: int) -> tuple[int, int]:
    ledger = {each.kind: each.balance for each in _all(connection, schema.ledger_accounts, owner=account)}
    return ledger.get(AccountKind.WALLET, 0), ledger.get(AccountKind.RECEIVABLE, 0)


def _is_guest(connection: Connection, row: Row[Any]) -> bool:
    return bool(_all(connection, schema.guests, guest=row.account))


def _limits(connection: Connection, account: int) -> Iterator[tuple[str, str, bool, int, int, int]]:
    for row in _all(connection, schema.limits, account=account):
        if row.amount or row.next_ms:
            names = f"LIMIT_{row.kind}", f"LIMIT_{row.window}"
            yield (*names, row.by_operator, row.amount, row.next_amount or 0, row.next_ms or 0)


def _assert_permits_agree(connection: Connection, account: int, image: x.AccountImage) -> None:
    """Allowances are not told when a tightening is confirmed: null then, until a slice makes them any."""
    rows = {row.there: row for row in _all(connection, schema.permits, account=account)}
    assert rows.keys() == {permit.shard for permit in image.permits}
    for permit in image.permits:
        row = rows[permit.shard]
        assert (row.money, not row.live) == (permit.money, permit.confirmed)
        assert row.loss in {None, permit.loss} and row.stake in {None, permit.stake}
    assert any(row.to_confirm for row in rows.values()) == image.pending


# ---------------------------------------------------------------- orders


def _assert_orders_agree(connection: Connection, account: int, core: Core) -> None:
    images = {image.order: image for image in x.OrderImages.FromString(core.read_orders(account, 0) or b"").orders}
    rows = {row.order: row for row in _all(connection, schema.orders, account=account)}
    assert images.keys() <= rows.keys()
    assert {number for number, row in rows.items() if row.remaining} == {
        number for number, image in images.items() if image.remaining
    }
    for number, image in images.items():
        row = rows[number]
        assert (row.type, row.persistence, row.strategy, row.release_ms or 0) == (
            x.OrderType.Name(image.type).removeprefix("ORDER_TYPE_"),
            x.Persistence.Name(image.persistence).removeprefix("PERSISTENCE_"),
            image.strategy, image.release_ms,
        )  # fmt: skip
        assert (row.market, row.runner, f"SIDE_{row.side}", row.price, row.size, row.placed_ms) == (
            image.market, image.runner, x.Side.Name(image.side), image.price, image.size, image.placed_ms,
        )  # fmt: skip
        assert (row.matched, row.matched_payout, row.remaining, row.cancelled + row.lapsed, row.voided) == (
            image.matched, image.matched_payout, image.remaining, image.cancelled, image.voided,
        )  # fmt: skip


# ---------------------------------------------------------------- markets


def _assert_market_agrees(connection: Connection, row: Row[Any], image: x.MarketImage) -> None:
    assert (row.status, row.turned_in_play_ms is not None, row.final_ms is not None) == (
        x.MarketStatus.Name(image.status), image.in_play, image.final,
    )  # fmt: skip
    assert (row.winners, row.commission_bp, row.minimum_stake) == (
        image.winners, image.commission_bp, image.minimum_stake,
    )  # fmt: skip
    runners = {each.runner: each for each in _all(connection, schema.runners, market=row.market)}
    for runner in image.runners:
        own = runners[runner.runner]
        assert (own.voided, own.winner, own.suspended, own.factor_bp or 0) == (
            runner.voided, runner.winner, runner.suspended, runner.factor_bp,
        )  # fmt: skip
        assert (own.starting_price or 0, own.starting_size or 0) == (runner.starting_price, runner.starting_size)
    if image.status in (x.SETTLED, x.VOIDED):
        assert house_of(connection, row.market) == 0, "what a market's profits leave is rounding, not the house's"


def house_of(connection: Connection, market: int) -> int:
    """What the house's postings of a market sum to."""
    entry, posting, account = schema.entries, schema.postings, schema.ledger_accounts
    total = (
        select(func.coalesce(func.sum(posting.c.amount), 0))
        .join_from(posting, entry)
        .join(account)
        .where(entry.c.market == market, account.c.kind == AccountKind.HOUSE)
    )
    return int(connection.execute(total).scalar_one())
