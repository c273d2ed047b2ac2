"""What each event means for the rows: a pure function from event records to the changes that reflect them.

Money is double entry. A credit is positive, so a player's wallet has a positive balance, and the bank, which the
deposits came from, a negative one:

    deposit               wallet +        external -
    withdrawal            wallet -        external +
    settlement            wallet +profit  house -profit      (the profits of a market's accounts sum to zero)
    commission            wallet -        commission +
    shortfall advanced    wallet +        receivable -       (the house pays what a wallet could not)
    shortfall covered     wallet -        receivable +
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatchmethod
from typing import Any, Final

from google.protobuf.message import Message

from services.contract.exchange.v1.exchange_pb2 import (
    AccountOpened,
    AccountSettled,
    AccountVerified,
    CancelReason,
    Code,
    Deposited,
    EventRecord,
    HoldChanged,
    MarketOpened,
    MarketSettled,
    MarketVoided,
    Matched,
    OrderAccepted,
    OrderCancelled,
    Refused,
    RulesActivated,
    RunnerVoided,
    ShortfallBooked,
    ShortfallCovered,
    Side,
    SuspensionSet,
    Withdrawn,
)
from services.contract.ladder import CLASSIC
from services.ledger.changes import Changes, Entry, EventName
from services.ledger.terms import AccountKind, EntryKind, MarketStatus

_SIDES: Final = {Side.SIDE_BACK: "BACK", Side.SIDE_LAY: "LAY"}


class UnknownEventError(Exception):
    """An event that this build does not know: to pass over it would make the books wrong."""


def fold(records: Iterable[EventRecord]) -> list[Changes]:
    """The changes that reflect `records`, to be written one after the other.

    Raises:
        UnknownEventError: an event's body is unknown to this build.
    """
    folding = _Folding()
    for record in records:
        for index, event in enumerate(record.events):
            body = event.WhichOneof("body")
            name = EventName(record.shard, record.offset, index, record.time_ms)
            if body is None:
                raise UnknownEventError(
                    f"event {index} of offset {record.offset} is unknown to this build of the ledger"
                )
            folding.take(getattr(event, body), name)
    return folding.changes


class _Folding:
    """Adds each event to the last of `changes`; a voiding closes it, for it looks back on every order before it."""

    def __init__(self) -> None:
        self.changes = [Changes()]

    @property
    def _now(self) -> Changes:
        return self.changes[-1]

    @singledispatchmethod
    def take(self, event: Message, name: EventName) -> None:
        """Add what the event changes."""
        raise UnknownEventError(
            f"{type(event).__name__} at offset {name.offset} is unknown to this build of the ledger"
        )

    @take.register
    def _(self, event: Refused, name: EventName) -> None:
        self._now.refusals.append(
            {
                **name.row(),
                "account": event.account,
                "code": Code.Name(event.code),
                "given": event.given,
                "bound": event.bound,
            }
        )

    @take.register
    def _(self, event: RulesActivated, name: EventName) -> None:
        self._now.rule_changes.append({**name.row(), "version": event.version})

    @take.register
    def _(self, event: AccountOpened, name: EventName) -> None:
        self._now.accounts.append({"shard": name.shard, "account": event.account, "opened_ms": name.time_ms})

    @take.register
    def _(self, event: AccountVerified, name: EventName) -> None:
        self._now.verified.add((name.shard, event.account))

    @take.register
    def _(self, event: Deposited, name: EventName) -> None:
        self._move(name, EntryKind.DEPOSIT, event.account, AccountKind.EXTERNAL, event.amount)
        self._now.account(name.shard, event.account).deposited += event.amount

    @take.register
    def _(self, event: Withdrawn, name: EventName) -> None:
        self._move(name, EntryKind.WITHDRAWAL, event.account, AccountKind.EXTERNAL, -event.amount)
        self._now.account(name.shard, event.account).withdrawn += event.amount

    @take.register
    def _(self, event: MarketOpened, name: EventName) -> None:
        terms = event.terms
        key = {"shard": name.shard, "market": event.market}
        self._now.markets.append(
            {
                **key,
                "name": terms.name,
                "event": terms.event,
                "event_type": terms.event_type,
                "start_time_ms": terms.start_time_ms,
                "winners": terms.winners,
                "commission_bp": terms.commission_bp,
                "minimum_stake": terms.minimum_stake,
                "status": MarketStatus.OPEN,
                "opened_ms": name.time_ms,
            }
        )
        for position, runner in enumerate(terms.runners):
            self._now.runners.append({**key, "runner": runner.id, "position": position, "name": runner.name})

    @take.register
    def _(self, event: SuspensionSet, name: EventName) -> None:
        status = MarketStatus.SUSPENDED if event.suspended else MarketStatus.OPEN
        self._now.market(name.shard, event.market).update(status=status)

    @take.register
    def _(self, event: OrderAccepted, name: EventName) -> None:
        self._now.orders.append(
            {
                "shard": name.shard,
                "order": event.order,
                "account": event.account,
                "market": event.market,
                "runner": event.runner,
                "side": _SIDES[event.side],
                "price": event.price,
                "size": event.size,
                "placed_ms": name.time_ms,
                "updated_ms": name.time_ms,
            }
        )

    @take.register
    def _(self, event: Matched, name: EventName) -> None:
        payout = _payout(event)
        for number in (event.resting_order, event.incoming_order):
            order = self._now.order(name, number)
            order.matched += event.size
            order.matched_payout += payout
        self._now.fills.append(
            {
                **name.row(),
                "market": event.market,
                "runner": event.runner,
                "price": event.price,
                "size": event.size,
                "incoming_side": _SIDES[event.incoming_side],
                "incoming_order": event.incoming_order,
                "incoming_account": event.incoming_account,
                "resting_order": event.resting_order,
                "resting_account": event.resting_account,
            }
        )

    @take.register
    def _(self, event: OrderCancelled, name: EventName) -> None:
        order = self._now.order(name, event.order)
        if event.reason == CancelReason.MARKET_ENDED:
            order.lapsed += event.size
        else:
            order.cancelled += event.size

    @take.register
    def _(self, event: HoldChanged, name: EventName) -> None:
        self._now.holds[name.shard, event.account, event.market] = event.after
        self._now.account(name.shard, event.account).held += event.after - event.before

    @take.register
    def _(self, event: RunnerVoided, name: EventName) -> None:
        self._now.runner_marks.append((name.shard, event.market, event.runner, "voided"))
        self._void_bets(name, event.market, event.runner)

    @take.register
    def _(self, event: MarketSettled, name: EventName) -> None:
        for runner in event.winners:
            self._now.runner_marks.append((name.shard, event.market, runner, "winner"))
        self._end(name, event.market, MarketStatus.SETTLED, event.source)

    @take.register
    def _(self, event: MarketVoided, name: EventName) -> None:
        self._end(name, event.market, MarketStatus.VOIDED, event.reason)
        self._void_bets(name, event.market, None)

    @take.register
    def _(self, event: AccountSettled, name: EventName) -> None:
        self._move(name, EntryKind.SETTLEMENT, event.account, AccountKind.HOUSE, event.profit, market=event.market)
        self._move(
            name, EntryKind.COMMISSION, event.account, AccountKind.COMMISSION, -event.commission, market=event.market
        )
        self._now.account(name.shard, event.account).commission_paid += event.commission

    @take.register
    def _(self, event: ShortfallBooked, name: EventName) -> None:
        if event.settled:
            kind = EntryKind.SHORTFALL_ADVANCED
            self._move(name, kind, event.account, AccountKind.RECEIVABLE, event.amount, market=event.market)
        self._note_shortfall(name, event.account, event.market, event.amount, settled=event.settled)

    @take.register
    def _(self, event: ShortfallCovered, name: EventName) -> None:
        self._move(name, EntryKind.SHORTFALL_COVERED, event.account, AccountKind.RECEIVABLE, -event.amount)
        self._note_shortfall(name, event.account, None, -event.amount, settled=True)

    def _move(
        self,
        name: EventName,
        kind: EntryKind,
        account: int,
        against: AccountKind,
        amount: int,
        *,
        market: int | None = None,
    ) -> None:
        """Move `amount` into the account's wallet (out of it where negative), against the other ledger account."""
        if amount == 0:
            return
        owner = account if against is AccountKind.RECEIVABLE else 0
        postings = ((AccountKind.WALLET, account, amount), (against, owner, -amount))
        self._now.entries.append(Entry(name, kind, market, postings))

    def _end(self, name: EventName, market: int, status: MarketStatus, because: str) -> None:
        ended: dict[str, Any] = {"status": status, "ended_ms": name.time_ms, "ended_because": because}
        self._now.market(name.shard, market).update(ended)

    def _void_bets(self, name: EventName, market: int, runner: int | None) -> None:
        self._now.void = (name, market, runner)
        self.changes.append(Changes())

    def _note_shortfall(self, name: EventName, account: int, market: int | None, amount: int, *, settled: bool) -> None:
        self._now.shortfalls.append(
            {**name.row(), "account": account, "market": market, "amount": amount, "settled": settled}
        )


def _payout(fill: Matched) -> int:
    """Stake x price in money: exact, for a stake is whole pennies and a price whole hundredths."""
    return fill.size * CLASSIC[fill.price] // 100
