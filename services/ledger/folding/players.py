"""Accounts: who may bet, at what discount, and what protects them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import (
    AccountOpened,
    AccountVerified,
    DiscountSet,
    ExclusionLifted,
    HeartbeatExpired,
    HeartbeatSet,
    LiftingAsked,
    LimitInForce,
    LimitKind,
    LimitSet,
    LimitWindow,
    SelfExcluded,
    TimeOutTaken,
)
from services.ledger.changes import EventName, Put, Row
from services.ledger.folding.lots import Lots, Take


def _account_opened(event: AccountOpened, name: EventName, lots: Lots) -> None:
    lots.now.accounts.append(
        {
            "shard": name.shard,
            "account": event.account,
            "opened_ms": name.time_ms,
            "verified": False,
            "currency": event.currency,
        }
    )


def _account_verified(event: AccountVerified, name: EventName, lots: Lots) -> None:
    lots.now.verified.add((name.shard, event.account))


def _discount_set(event: DiscountSet, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["discount_bp"] = event.discount_bp


def _heartbeat_set(event: HeartbeatSet, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["heartbeat_due_ms"] = event.due_ms or None


def _heartbeat_expired(event: HeartbeatExpired, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["heartbeat_due_ms"] = None


# ---------------------------------------------------------------- limits


def _limit_set(event: LimitSet, name: EventName, lots: Lots) -> None:
    """In force at once, or waiting for its time in place of what waited before."""
    if event.effective_ms > name.time_ms:
        values: Row = {"next_amount": event.amount, "next_ms": event.effective_ms}
    else:
        values = {"amount": event.amount, "next_amount": None, "next_ms": None}
    lots.now.puts.append(Put("limits", _limit(event, name), values))


def _limit_in_force(event: LimitInForce, name: EventName, lots: Lots) -> None:
    values = {"amount": event.amount, "next_amount": None, "next_ms": None}
    lots.now.puts.append(Put("limits", _limit(event, name), values))


def _limit(event: LimitSet | LimitInForce, name: EventName) -> Row:
    return {
        "shard": name.shard,
        "account": event.account,
        "by_operator": event.by_operator,
        "kind": LimitKind.Name(event.kind).removeprefix("LIMIT_"),
        "window": LimitWindow.Name(event.window).removeprefix("LIMIT_"),
    }


# ---------------------------------------------------------------- time-outs and exclusions


def _time_out_taken(event: TimeOutTaken, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["time_out_until_ms"] = event.until_ms


def _self_excluded(event: SelfExcluded, name: EventName, lots: Lots) -> None:
    """A lifting that was asked for is forgotten."""
    lots.now.settings(name.shard, event.account).update(
        excluded=True, excluded_until_ms=event.until_ms or None, lifting_ms=None
    )


def _lifting_asked(event: LiftingAsked, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account)["lifting_ms"] = event.effective_ms


def _exclusion_lifted(event: ExclusionLifted, name: EventName, lots: Lots) -> None:
    lots.now.settings(name.shard, event.account).update(excluded=False, excluded_until_ms=None, lifting_ms=None)


TAKES: Final[Mapping[str, Take]] = {
    "account_opened": _account_opened,
    "account_verified": _account_verified,
    "discount_set": _discount_set,
    "heartbeat_set": _heartbeat_set,
    "heartbeat_expired": _heartbeat_expired,
    "limit_set": _limit_set,
    "limit_in_force": _limit_in_force,
    "time_out_taken": _time_out_taken,
    "self_excluded": _self_excluded,
    "lifting_asked": _lifting_asked,
    "exclusion_lifted": _exclusion_lifted,
}
