"""What the ledger can be asked: markets, orders, statements and balances, as plain rows.

Money is an int in 1/10 000 of the currency unit, a price a tick of the ladder, a time milliseconds since the epoch.
Rows trail the shard by the projection's lag; `position` says how far they reach.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from sqlalchemy import Engine, Select, and_, desc, exists, func, or_, select, tuple_
from sqlalchemy.engine import Row

from services.ledger import schema
from services.ledger.terms import OF_A_PLAYER, AccountKind, EntryKind, MarketStatus, OrderStatus

_ENDED = (MarketStatus.SETTLED, MarketStatus.VOIDED)


@dataclass(frozen=True, slots=True)
class RunnerRow:
    """A runner of a market, in the order in which the market listed it."""

    id: int
    name: str
    voided: bool
    winner: bool


@dataclass(frozen=True, slots=True)
class MarketRow:
    """A market of the catalogue."""

    market: int
    name: str
    event: str
    event_type: str
    start_time_ms: int
    winners: int
    commission_bp: int
    minimum_stake: int
    status: MarketStatus
    currency: int  # ISO 4217's number; 0: the shard's first
    ladder: str  # CLASSIC, FINEST or LINE_RANGE
    in_play: bool
    runners: tuple[RunnerRow, ...]


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of a wallet: `amount` is signed, `balance` is the wallet afterwards."""

    time_ms: int
    entry: int
    kind: EntryKind
    market: int | None
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as it stands; size = matched + remaining + cancelled + lapsed + voided, in backer's stake.

    A lay on close counts its liability: size = liability_matched + remaining + cancelled + lapsed. Only its matched and
    voided parts are stakes.
    """

    order: int
    account: int
    market: int
    runner: int
    side: str  # BACK or LAY
    price: int
    size: int
    type: str  # the contract's words: LIMIT, LIMIT_ON_CLOSE, MARKET_ON_CLOSE (whose price means nothing)
    persistence: str
    time_in_force: str
    min_fill: int
    strategy: int
    replaces: int | None  # the order whose place it took
    release_ms: int | None  # held until then by the in-play delay
    matched: int
    matched_payout: int
    remaining: int
    cancelled: int
    lapsed: int
    voided: int
    liability_matched: int | None  # of lays on close
    status: OrderStatus
    settled: bool  # its market is settled or voided
    placed_ms: int
    updated_ms: int

    @property
    def average_price(self) -> Decimal | None:
        """The decimal odds at which it was matched on average; None while nothing is matched."""
        return Decimal(self.matched_payout) / self.matched if self.matched else None


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account's money over its life."""

    account: int
    verified: bool
    balance: int
    held: int
    deposits: int
    withdrawals: int
    commission_paid: int
    receivable: int  # paid out by the house for this account, not covered yet
    withdrawing: int  # asked for, and neither paid nor refused yet

    @property
    def net_deposits(self) -> int:
        """Deposits less withdrawals."""
        return self.deposits - self.withdrawals


class LedgerReader:
    """Questions to the ledger's database; every call is one short read-only transaction."""

    def __init__(self, database: Engine) -> None:
        self._database = database.execution_options(postgresql_readonly=True)

    def markets(
        self,
        *,
        ids: Collection[int] | None = None,
        event_types: Collection[str] | None = None,
        text: str | None = None,
        statuses: Collection[str] | None = None,
        limit: int = 100,
    ) -> list[MarketRow]:
        """Markets that meet every filter given, soonest start first.

        Args:
            ids: these markets alone.
            event_types: of these event types, in the catalogue's own words.
            text: part of the market's or event's name, in any case of letters.
            statuses: words of MarketStatus.
            limit: the most markets to give.
        """
        table = schema.markets
        chosen = select(table).order_by(table.c.start_time_ms, table.c.market).limit(limit)
        if ids is not None:
            chosen = chosen.where(table.c.market.in_(ids))
        if event_types is not None:
            chosen = chosen.where(table.c.event_type.in_(event_types))
        if statuses is not None:
            chosen = chosen.where(table.c.status.in_([MarketStatus(status) for status in statuses]))
        if text:
            chosen = chosen.where(
                or_(table.c.name.icontains(text, autoescape=True), table.c.event.icontains(text, autoescape=True))
            )
        with self._database.begin() as connection:
            found = connection.execute(chosen).all()
            listed = connection.execute(_runners_of({(row.shard, row.market) for row in found})).all()
        runners = {
            market: tuple(RunnerRow(row.runner, row.name, row.voided, row.winner) for row in rows)
            for market, rows in groupby(listed, key=lambda row: (row.shard, row.market))
        }
        return [_market(row, runners[row.shard, row.market]) for row in found]

    def statement(
        self,
        account: int,
        *,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> list[StatementLine]:
        """Movements of the account's wallet, newest first.

        Args:
            account: whose wallet.
            since_ms: not before this time.
            until_ms: before this time, not at it.
            limit: the most lines to give.
            before: the `entry` of the last line of the page before this one.
        """
        wallet, entry, posting = schema.ledger_accounts.c, schema.entries.c, schema.postings.c
        lines = (
            select(entry.time_ms, entry.id, entry.kind, entry.market, posting.amount, posting.balance)
            .join_from(schema.ledger_accounts, schema.postings)
            .join(schema.entries)
            .where(wallet.kind == AccountKind.WALLET, wallet.owner == account)
            .order_by(desc(posting.entry))
            .limit(limit)
        )
        if since_ms is not None:
            lines = lines.where(entry.time_ms >= since_ms)
        if until_ms is not None:
            lines = lines.where(entry.time_ms < until_ms)
        if before is not None:
            lines = lines.where(posting.entry < before)
        with self._database.begin() as connection:
            found = connection.execute(lines).all()
        return [StatementLine(r.time_ms, r.id, EntryKind(r.kind), r.market, r.amount, r.balance) for r in found]

    def orders(
        self,
        account: int,
        *,
        market: int | None = None,
        order_ids: Collection[int] | None = None,
        settled: bool | None = None,
        limit: int = 1_000,
    ) -> list[OrderRow]:
        """The account's orders, newest first.

        Args:
            account: whose orders.
            market: in this market alone.
            order_ids: these orders alone; another account's are not given.
            settled: True: of markets that have ended; False: of markets that have not; None: both.
            limit: the most orders to give.
        """
        order, its_market = schema.orders.c, schema.markets.c
        ended = its_market.status.in_(_ENDED)
        chosen = (
            select(schema.orders, ended.label("settled"))
            .join(schema.markets, and_(its_market.shard == order.shard, its_market.market == order.market))
            .where(order.account == account)
            .order_by(desc(order.order))
            .limit(limit)
        )
        if market is not None:
            chosen = chosen.where(order.market == market)
        if order_ids is not None:
            chosen = chosen.where(order.order.in_(order_ids))
        if settled is not None:
            chosen = chosen.where(ended if settled else ~ended)
        with self._database.begin() as connection:
            return [_order(row) for row in connection.execute(chosen).all()]

    def summary(self, account: int) -> AccountSummary | None:
        """The account's money over its life; None where the ledger has not seen the account."""
        table = schema.accounts.c
        with self._database.begin() as connection:
            found = connection.execute(
                select(
                    func.bool_or(table.verified).label("verified"),
                    func.sum(table.held).label("held"),
                    func.sum(table.deposited).label("deposits"),
                    func.sum(table.withdrawn).label("withdrawals"),
                    func.sum(table.commission_paid).label("commission_paid"),
                ).where(table.account == account)
            ).one()
            balances = {row.kind: int(row.total) for row in connection.execute(_balances_of(account))}
        if found.verified is None:
            return None
        return AccountSummary(
            account=account,
            verified=found.verified,
            balance=balances.get(AccountKind.WALLET, 0),
            held=int(found.held),
            deposits=int(found.deposits),
            withdrawals=int(found.withdrawals),
            commission_paid=int(found.commission_paid),
            receivable=-balances.get(AccountKind.RECEIVABLE, 0),
            withdrawing=balances.get(AccountKind.WITHDRAWING, 0),
        )

    def position(self) -> dict[int, tuple[int, bytes]]:
        """How far the rows reach: by shard, the last command record reflected, as (offset, hash)."""
        table = schema.projection.c
        with self._database.begin() as connection:
            found = connection.execute(select(table.shard, table.offset, table.hash)).all()
        return {row.shard: (row.offset, bytes(row.hash)) for row in found}

    def trial_balance(self, currency: int | None = None) -> dict[str, int]:
        """The sum of all postings by kind of ledger account, every kind named. The values sum to zero.

        Args:
            currency: of the books in this currency alone. Guests are in none before a market was settled for them.
        """
        account, posting = schema.ledger_accounts, schema.postings
        sums = select(account.c.kind, func.sum(posting.c.amount)).join_from(posting, account).group_by(account.c.kind)
        if currency is not None:
            sums = sums.where(account.c.id.in_(_ledger_accounts_in(currency)))
        with self._database.begin() as connection:
            found = {kind: int(total) for kind, total in connection.execute(sums)}
        return {kind.value: found.get(kind.value, 0) for kind in AccountKind}


def _runners_of(markets: set[tuple[int, int]]) -> Select[tuple[object, ...]]:
    table = schema.runners
    return (
        select(table)
        .where(tuple_(table.c.shard, table.c.market).in_(markets))
        .order_by(table.c.shard, table.c.market, table.c.position)
    )


def _balances_of(account: int) -> Select[tuple[object, ...]]:
    table = schema.ledger_accounts.c
    own = (table.owner == account) & table.kind.in_(OF_A_PLAYER)
    return select(table.kind, func.sum(table.balance).label("total")).where(own).group_by(table.kind)


def _ledger_accounts_in(currency: int) -> Select[tuple[int]]:
    """Those of the players who have that currency, and the exchange's own."""
    table, player = schema.ledger_accounts.c, schema.accounts.c
    players = and_(player.shard == table.shard, player.account == table.owner, table.kind.in_(OF_A_PLAYER))
    of_player = exists().where(players, player.currency == currency)
    own = and_(table.kind.not_in(OF_A_PLAYER), table.owner == currency)
    return select(table.id).where(or_(of_player, own))


def _market(row: Row[tuple[object, ...]], runners: tuple[RunnerRow, ...]) -> MarketRow:
    return MarketRow(
        market=row.market,
        name=row.name,
        event=row.event,
        event_type=row.event_type,
        start_time_ms=row.start_time_ms,
        winners=row.winners,
        commission_bp=row.commission_bp,
        minimum_stake=row.minimum_stake,
        status=MarketStatus(row.status),
        currency=row.currency,
        ladder=row.ladder,
        in_play=row.turned_in_play_ms is not None,
        runners=runners,
    )


def _order(row: Row[tuple[object, ...]]) -> OrderRow:
    parts = row._asdict()
    for inner in ("shard", "set_aside", "set_aside_payout"):
        parts.pop(inner)
    return OrderRow(**{**parts, "status": OrderStatus(row.status)})
