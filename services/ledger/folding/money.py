"""Money that comes in and goes out, what markets come to, and what cannot be covered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import (
    AccountResettled,
    AccountSettled,
    Deposited,
    HoldChanged,
    RoundingBooked,
    ShortfallBooked,
    ShortfallCovered,
    WithdrawalEnded,
    WithdrawalRequested,
    Withdrawn,
)
from services.ledger.changes import EventName
from services.ledger.folding.lots import Lots, Take
from services.ledger.terms import AccountKind, EntryKind, WithdrawalStatus

_WALLET, _EXTERNAL, _WITHDRAWING = AccountKind.WALLET, AccountKind.EXTERNAL, AccountKind.WITHDRAWING
_HOUSE, _COMMISSION = AccountKind.HOUSE, AccountKind.COMMISSION


def _deposited(event: Deposited, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.DEPOSIT, event.account, event.amount, into=_WALLET, out_of=_EXTERNAL)
    lots.now.account(name.shard, event.account).deposited += event.amount


def _withdrawn(event: Withdrawn, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.WITHDRAWAL, event.account, event.amount, into=_EXTERNAL, out_of=_WALLET)
    lots.now.account(name.shard, event.account).withdrawn += event.amount


def _withdrawal_requested(event: WithdrawalRequested, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.WITHDRAWAL_REQUESTED, event.account, event.amount, into=_WITHDRAWING, out_of=_WALLET)
    lots.now.withdrawals.append(
        {
            "shard": name.shard,
            "withdrawal": event.withdrawal,
            "account": event.account,
            "amount": event.amount,
            "status": WithdrawalStatus.WAITING,
            "requested_ms": name.time_ms,
        }
    )


def _withdrawal_ended(event: WithdrawalEnded, name: EventName, lots: Lots) -> None:
    if event.paid:
        status, kind, into = WithdrawalStatus.PAID, EntryKind.WITHDRAWAL_PAID, _EXTERNAL
        lots.now.account(name.shard, event.account).withdrawn += event.amount
    else:
        status, kind, into = WithdrawalStatus.REFUSED, EntryKind.WITHDRAWAL_REFUSED, _WALLET
    lots.move(name, kind, event.account, event.amount, into=into, out_of=_WITHDRAWING)
    ended = {"status": status, "ended_ms": name.time_ms}
    lots.now.ended_withdrawals[name.shard, event.withdrawal] = ended


def _hold_changed(event: HoldChanged, name: EventName, lots: Lots) -> None:
    lots.now.holds[name.shard, event.account, event.market] = event.after
    lots.now.account(name.shard, event.account).held += event.after - event.before


# ---------------------------------------------------------------- what markets come to


def _account_settled(event: AccountSettled, name: EventName, lots: Lots) -> None:
    _book(lots, name, event, event.profit, event.commission)


def _account_resettled(event: AccountResettled, name: EventName, lots: Lots) -> None:
    """What was booked stays, and is booked the other way; then what is right."""
    before = EntryKind.SETTLEMENT_REVERSED, EntryKind.COMMISSION_REVERSED
    _book(lots, name, event, -event.profit_before, -event.commission_before, kinds=before)
    _book(lots, name, event, event.profit, event.commission)


def _book(
    lots: Lots,
    name: EventName,
    whose: AccountSettled | AccountResettled,
    profit: int,
    commission: int,
    *,
    kinds: tuple[EntryKind, EntryKind] = (EntryKind.SETTLEMENT, EntryKind.COMMISSION),
) -> None:
    account, market = whose.account, whose.market
    lots.move(name, kinds[0], account, profit, into=_WALLET, out_of=_HOUSE, market=market)
    lots.move(name, kinds[1], account, commission, into=_COMMISSION, out_of=_WALLET, market=market)
    lots.now.account(name.shard, account).commission_paid += commission


def _rounding_booked(event: RoundingBooked, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.ROUNDING, 0, event.amount, into=AccountKind.ROUNDING, out_of=_HOUSE, market=event.market)


# ---------------------------------------------------------------- what cannot be covered


def _shortfall_booked(event: ShortfallBooked, name: EventName, lots: Lots) -> None:
    if event.settled:
        kind, receivable = EntryKind.SHORTFALL_ADVANCED, AccountKind.RECEIVABLE
        lots.move(name, kind, event.account, event.amount, into=_WALLET, out_of=receivable, market=event.market)
    _note(lots, name, event.account, event.market, event.amount, settled=event.settled)


def _shortfall_covered(event: ShortfallCovered, name: EventName, lots: Lots) -> None:
    lots.move(
        name, EntryKind.SHORTFALL_COVERED, event.account, event.amount, into=AccountKind.RECEIVABLE, out_of=_WALLET
    )
    _note(lots, name, event.account, None, -event.amount, settled=True)


def _note(lots: Lots, name: EventName, account: int, market: int | None, amount: int, *, settled: bool) -> None:
    row = {**name.row(), "account": account, "market": market, "amount": amount, "settled": settled}
    lots.now.shortfalls.append(row)


TAKES: Final[Mapping[str, Take]] = {
    "deposited": _deposited,
    "withdrawn": _withdrawn,
    "withdrawal_requested": _withdrawal_requested,
    "withdrawal_ended": _withdrawal_ended,
    "hold_changed": _hold_changed,
    "account_settled": _account_settled,
    "account_resettled": _account_resettled,
    "rounding_booked": _rounding_booked,
    "shortfall_booked": _shortfall_booked,
    "shortfall_covered": _shortfall_covered,
}
