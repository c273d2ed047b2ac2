"""Permits: money and allowances on their way between shards, and tightenings that have to be confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import (
    PermitAccepted,
    PermitGranted,
    PermitReturned,
    PermitTightened,
    ReturnAccepted,
    TighteningConfirmed,
    TighteningInForce,
    TighteningPending,
)
from services.ledger.changes import EventName, Put, Row
from services.ledger.folding.lots import Lots, Take
from services.ledger.terms import AccountKind, EntryKind

_WALLET, _IN_TRANSIT = AccountKind.WALLET, AccountKind.IN_TRANSIT
_NOTHING_ALLOWED: Final = {"loss": 0, "stake": 0}
_NOT_TOLD: Final = {"loss": None, "stake": None}


# ---------------------------------------------------------------- at home


def _permit_granted(event: PermitGranted, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.PERMIT_GRANTED, event.account, event.money, into=_IN_TRANSIT, out_of=_WALLET)
    lots.closed.discard((event.account, event.shard))
    lots.now.puts.append(
        Put(
            "permits",
            _permit(name, event.account, event.shard),
            {"slices": event.id, "live": True},
            {"money": event.money},
            {"loss": event.loss, "stake": event.stake},
        )
    )


def _return_accepted(event: ReturnAccepted, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.RETURN_ACCEPTED, event.account, event.money, into=_WALLET, out_of=_IN_TRANSIT)
    values: Row = {"returns": event.id}
    if event.closed:
        lots.closed.add((event.account, event.shard))
        values |= {"live": False, **_NOTHING_ALLOWED}
    key = _permit(name, event.account, event.shard)
    lots.now.puts.append(Put("permits", key, values, {"money": -event.money}))


def _tightening_pending(event: TighteningPending, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["tightening_pending"] = True
    for shard in event.shards:
        lots.now.puts.append(Put("permits", _permit(name, event.account, shard), {"to_confirm": True}))


def _tightening_confirmed(event: TighteningConfirmed, name: EventName, lots: Lots) -> None:
    """The allowances are what the shard there has confirmed, if it has not closed the permit."""
    closed = (event.account, event.shard) in lots.closed
    values = {"to_confirm": False, "live": False, **({} if closed else _NOT_TOLD)}
    lots.now.puts.append(Put("permits", _permit(name, event.account, event.shard), values))


def _tightening_in_force(event: TighteningInForce, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["tightening_pending"] = False


def _permit(name: EventName, account: int, there: int) -> Row:
    return {"shard": name.shard, "account": account, "there": there}


# ---------------------------------------------------------------- there


def _permit_accepted(event: PermitAccepted, name: EventName, lots: Lots) -> None:
    """The first slice opens the guest's account, in a currency that no event tells."""
    if event.id == 1:
        row = {"account": event.guest, "opened_ms": name.time_ms, "verified": True, "currency": None}
        lots.now.accounts.append({"shard": name.shard, **row})
    lots.move(name, EntryKind.PERMIT_ACCEPTED, event.guest, event.money, into=_WALLET, out_of=_IN_TRANSIT)
    lots.now.puts.append(
        Put(
            "guests",
            _guest(name, event.guest),
            {"home": event.home, "account": event.account, "slices": event.id, "stopped": False},
            slices={"loss": event.loss, "stake": event.stake},
        )
    )


def _permit_tightened(event: PermitTightened, name: EventName, lots: Lots) -> None:
    _change_guest(lots, name, event, {"stopped": True})


def _permit_returned(event: PermitReturned, name: EventName, lots: Lots) -> None:
    lots.move(name, EntryKind.PERMIT_RETURNED, event.guest, event.money, into=_IN_TRANSIT, out_of=_WALLET)
    _change_guest(lots, name, event, {"returns": event.id, **(_NOTHING_ALLOWED if event.closed else {})})


def _change_guest(lots: Lots, name: EventName, event: PermitTightened | PermitReturned, values: Row) -> None:
    whose = {"home": event.home, "account": event.account}
    lots.now.puts.append(Put("guests", _guest(name, event.guest), {**whose, **values}))


def _guest(name: EventName, guest: int) -> Row:
    return {"shard": name.shard, "guest": guest}


TAKES: Final[Mapping[str, Take]] = {
    "permit_granted": _permit_granted,
    "permit_accepted": _permit_accepted,
    "permit_tightened": _permit_tightened,
    "tightening_pending": _tightening_pending,
    "tightening_confirmed": _tightening_confirmed,
    "tightening_in_force": _tightening_in_force,
    "permit_returned": _permit_returned,
    "return_accepted": _return_accepted,
}
