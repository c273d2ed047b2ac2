"""listCurrentOrders: the caller's orders in markets that run, from the shard itself."""

from __future__ import annotations

from typing import Any, Final

from services.contract.exchange.v1.exchange_pb2 import OrderImage, OrderType, Persistence, Side
from services.gateway.quantities import average_price
from services.gateway.rest.schemas import time_ms
from services.gateway.wire.caller import Caller
from services.gateway.wire.faults import invalid_input
from services.gateway.wire.figures import market_id_of, market_of, moment, money, price
from services.gateway.wire.schemas import CurrentOrdersParams, TimeRange

_MOST_RECORDS: Final = 1_000
_PERSISTENCE: Final[dict[int, str]] = {
    Persistence.PERSISTENCE_PERSIST: "PERSIST",
    Persistence.PERSISTENCE_MARKET_ON_CLOSE: "MARKET_ON_CLOSE",
}
"""The format's words; whatever else there is does not outlast the start either."""
_BY_TIME: Final = frozenset({None, "BY_BET", "BY_PLACE_TIME"})


async def list_current_orders(caller: Caller, params: CurrentOrdersParams) -> dict[str, Any]:
    """Orders with something resting or something matched; what was cancelled in whole is not current any more."""
    _refuse_what_is_not_offered(params)
    start, count = _page(params)
    markets = {market_of(market_id) for market_id in params.market_ids or ()}
    orders = await caller.gateway.matching.orders(caller.account)
    found = [
        order
        for order in orders
        if (order.remaining or order.matched)
        and (not markets or order.market in markets)
        and (not params.bet_ids or str(order.order) in params.bet_ids)
        and _in_projection(order, params.order_projection)
        and _in_range(order, params.date_range)
    ]
    latest_first = params.sort_dir == "LATEST_TO_EARLIEST"
    found.sort(key=lambda order: (order.placed_ms, order.order), reverse=latest_first)
    page = found[start : start + count]
    return {"currentOrders": [current_order(order) for order in page], "moreAvailable": start + count < len(found)}


def _refuse_what_is_not_offered(params: CurrentOrdersParams) -> None:
    if params.customer_order_refs or params.customer_strategy_refs:
        raise invalid_input("customerOrderRefs and customerStrategyRefs are not offered yet; use betIds")
    if params.order_by not in _BY_TIME:
        raise invalid_input(f"orderBy {str(params.order_by)[:40]!r} is not offered; use BY_BET or BY_PLACE_TIME")


def _page(params: CurrentOrdersParams) -> tuple[int, int]:
    """First record and how many; a count of 0 asks for as many as there may be."""
    start, count = params.from_record or 0, params.record_count or _MOST_RECORDS
    if start < 0 or not 1 <= count <= _MOST_RECORDS:
        raise invalid_input(f"fromRecord {start} and recordCount {count}: from 0, and 1 to {_MOST_RECORDS} at a time")
    return start, count


def _in_projection(order: OrderImage, projection: str | None) -> bool:
    return projection in {None, "ALL", _status(order)}


def _in_range(order: OrderImage, dates: TimeRange | None) -> bool:
    if dates is None:
        return True
    return (dates.from_ is None or order.placed_ms >= time_ms(dates.from_)) and (
        dates.to is None or order.placed_ms <= time_ms(dates.to)
    )


def _status(order: OrderImage) -> str:
    return "EXECUTABLE" if order.remaining else "EXECUTION_COMPLETE"


def _asked(order: OrderImage) -> dict[str, Any]:
    """What was asked for: of orders on close a stake or a liability, which the format keeps apart."""
    if order.type == OrderType.ORDER_TYPE_LIMIT:
        return {"priceSize": {"price": price(order.price), "size": money(order.size)}, "bspLiability": 0.0}
    limit = 0.0 if order.type == OrderType.ORDER_TYPE_MARKET_ON_CLOSE else price(order.price)
    return {"priceSize": {"price": limit, "size": 0.0}, "bspLiability": money(order.size)}


def current_order(order: OrderImage) -> dict[str, Any]:
    """One order as the format tells it."""
    return {
        "betId": str(order.order),
        "marketId": market_id_of(order.market),
        "selectionId": order.runner,
        "handicap": 0.0,
        **_asked(order),
        "side": "BACK" if order.side == Side.SIDE_BACK else "LAY",
        "status": _status(order),
        "persistenceType": _PERSISTENCE.get(order.persistence, "LAPSE"),
        "orderType": OrderType.Name(order.type).removeprefix("ORDER_TYPE_"),
        "placedDate": moment(order.placed_ms),
        "averagePriceMatched": float(average_price(order.matched, order.matched_payout)),
        "sizeMatched": money(order.matched),
        "sizeRemaining": money(order.remaining),
        "sizeLapsed": 0.0,
        "sizeCancelled": money(order.cancelled),
        "sizeVoided": money(order.voided),
    }
