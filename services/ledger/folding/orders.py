"""Orders, and the bets that they became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import (
    BetVoided,
    CancelReason,
    Matched,
    OrderAccepted,
    OrderCancelled,
    OrderReduced,
    OrderReleased,
    OrderType,
    OrderUpdated,
    Persistence,
    Side,
    TimeInForce,
)
from services.contract.ladder import CLASSIC
from services.ledger.changes import EventName
from services.ledger.folding.lots import Lots, Take

_LAPSING: Final = (CancelReason.MARKET_ENDED, CancelReason.TURNED_IN_PLAY)
_SIDES: Final = {Side.SIDE_BACK: "BACK", Side.SIDE_LAY: "LAY"}


def _order_accepted(event: OrderAccepted, name: EventName, lots: Lots) -> None:
    by_liability = event.side == Side.SIDE_LAY and event.type != OrderType.ORDER_TYPE_LIMIT
    lots.now.orders.append(
        {
            "shard": name.shard,
            "order": event.order,
            "account": event.account,
            "market": event.market,
            "runner": event.runner,
            "side": _SIDES[event.side],
            "price": event.price,
            "size": event.size,
            "type": OrderType.Name(event.type).removeprefix("ORDER_TYPE_"),
            "persistence": _persistence(event.persistence),
            "time_in_force": TimeInForce.Name(event.time_in_force).removeprefix("TIME_IN_FORCE_"),
            "min_fill": event.min_fill,
            "strategy": event.strategy,
            "replaces": event.replaces or None,
            "release_ms": event.release_ms or None,
            "liability_matched": 0 if by_liability else None,
            "placed_ms": name.time_ms,
            "updated_ms": name.time_ms,
        }
    )


def _order_released(event: OrderReleased, name: EventName, lots: Lots) -> None:
    lots.now.order(name, event.order).released = True


def _order_updated(event: OrderUpdated, name: EventName, lots: Lots) -> None:
    lots.now.order(name, event.order).persistence = _persistence(event.persistence)


def _persistence(value: Persistence.ValueType) -> str:
    return Persistence.Name(value).removeprefix("PERSISTENCE_")


def _order_cancelled(event: OrderCancelled, name: EventName, lots: Lots) -> None:
    """What the in-play delay holds is only ever cancelled as a whole, and is held no more then."""
    order = lots.now.order(name, event.order)
    order.released = True
    if event.reason in _LAPSING:
        order.lapsed += event.size
    else:
        order.cancelled += event.size


# ---------------------------------------------------------------- bets


def _matched(event: Matched, name: EventName, lots: Lots) -> None:
    payout = event.payout or _payout(event)
    for number in (event.resting_order, event.incoming_order):
        if number:
            order = lots.now.order(name, number)
            order.matched += event.size
            order.matched_payout += payout
            order.liability += payout - event.size
    lots.now.fills.append(
        {
            **name.row(),
            "market": event.market,
            "runner": event.runner,
            "price": event.price,
            "size": event.size,
            "payout": payout,
            "trade": event.trade or None,
            "group": event.group or None,
            "incoming_side": _SIDES[event.incoming_side],
            "incoming_order": event.incoming_order or None,
            "incoming_account": event.incoming_account or None,
            "resting_order": event.resting_order or None,
            "resting_account": event.resting_account or None,
        }
    )


def _payout(fill: Matched) -> int:
    """Stake x price in money, which rules 1 do not tell: exact, for a stake is whole pennies."""
    return fill.size * CLASSIC[fill.price] // 100


def _order_reduced(event: OrderReduced, name: EventName, lots: Lots) -> None:
    order = lots.now.order(name, event.order)
    order.payout_before, order.matched_payout = event.matched_payout, 0


def _bet_voided(event: BetVoided, name: EventName, lots: Lots) -> None:
    """Where its runner is lost by the same command, the orders' columns have moved with all bets on it already."""
    row = {"trade": event.trade, "market": event.market, "payout": event.payout, "reason": event.reason}
    lots.now.voided_fills.append({**name.row(), **row})
    if (event.market, event.runner) in lots.gone:
        return
    for number in (event.backer_order, event.layer_order):
        if number:
            order = lots.now.order(name, number)
            order.matched -= event.size
            order.matched_payout -= event.payout
            order.voided += event.size


TAKES: Final[Mapping[str, Take]] = {
    "order_accepted": _order_accepted,
    "order_released": _order_released,
    "order_updated": _order_updated,
    "order_cancelled": _order_cancelled,
    "matched": _matched,
    "order_reduced": _order_reduced,
    "bet_voided": _bet_voided,
}
