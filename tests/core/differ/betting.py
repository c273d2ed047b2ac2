"""Commands about orders."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.view import UNKNOWN, View, player
from tests.core.model.state import Market

SIDES = (x.SIDE_BACK, x.SIDE_LAY)


def limit_order(view: View, market: Market, runner: int, side: int) -> x.PlaceOrder:
    """A limit order that the market is likely to take."""
    return x.PlaceOrder(
        market=market.id,
        runner=runner,
        side=x.Side.ValueType(side),
        price=view.tick(market),
        size=view.size(market),
        strategy=view.one_of((0, 0, 1, 2)),
    )


def place(view: View) -> x.Command | None:
    market = view.market()
    if market is None:
        return None
    body = limit_order(view, market, view.runner(market), view.enum((1, 2), 2))
    on_close = market.terms.starting_price and not market.in_play and view.chance(0.35)
    if on_close or view.chance(0.005):
        body.type = x.OrderType.ValueType(view.enum((1, 2), 2))
        if body.type == x.ORDER_TYPE_MARKET_ON_CLOSE and view.chance(0.98):
            body.price = 0
    elif view.chance(0.3):
        _immediately(view, market, body)
    else:
        good = (0, 0, 1, 2, 2, 3) if market.terms.starting_price else (0, 0, 1, 3)
        body.persistence = x.Persistence.ValueType(view.enum(good, 3))
    _seldom(view, market, body)
    return player(view.bettor(market), place_order=body)


def _immediately(view: View, market: Market, body: x.PlaceOrder) -> None:
    body.time_in_force = x.TimeInForce.ValueType(view.enum((1, 1, 2), 2))
    if body.time_in_force == x.TIME_IN_FORCE_FILL_OR_KILL:
        body.min_fill = view.one_of((0, 100, 100, 300, body.size))
    if view.chance(0.5):
        body.size = max(100, view.one_of((3, 10)) * body.size)


def _seldom(view: View, market: Market, body: x.PlaceOrder) -> None:
    """What is seldom right."""
    what = view.below(100)
    if what == 0:
        body.market = view.market_id()
    elif what == 1:
        body.market_version = market.terms_version + view.below(2)
    elif what == 2:
        body.min_fill = view.one_of((-100, 50, 100, body.size + 100))
    elif what == 3:
        body.strategy = view.one_of((65_535, 65_536))
    elif what == 4:
        body.time_in_force = x.TimeInForce.ValueType(view.below(4))
    elif what == 5:
        body.persistence = x.Persistence.ValueType(view.below(5))


def cancel(view: View) -> x.Command | None:
    order = view.order()
    if order is None:
        return None
    reduction = view.one_of((0, 0, 100, 200, 500, 10**6))
    if view.chance(0.03):
        reduction = view.one_of((-100, 50, 150))
    body = x.CancelOrder(market=order.market, order=order.id, reduction=reduction)
    if view.chance(0.02):
        body.order = view.below(view.world.last_order + 2)
    if view.chance(0.02):
        body.market = view.market_id()
    return player(view.account() if view.chance(0.02) else order.account, cancel_order=body)


def replace(view: View) -> x.Command | None:
    order = view.order(lambda order: bool(order.remaining and order.is_limit))
    if order is None:
        return None
    market = view.world.markets[order.market]
    body = x.ReplaceOrder(market=order.market, order=order.id, price=view.tick(market))
    if view.chance(0.02):
        body.market_version = market.terms_version + view.below(2)
    if view.chance(0.02):
        body.order = view.below(view.world.last_order + 2)
    return player(view.account() if view.chance(0.02) else order.account, replace_order=body)


def update(view: View) -> x.Command | None:
    order = view.order(lambda order: bool(order.remaining and order.is_limit))
    if order is None:
        return None
    persistence = x.Persistence.ValueType(view.enum((0, 1, 2, 3), 3))
    body = x.UpdateOrder(market=order.market, order=order.id, persistence=persistence)
    return player(order.account, update_order=body)


def cancel_all(view: View) -> x.Command:
    body = x.CancelAll(strategy=view.one_of((0, 0, 1, 2)))
    if view.chance(0.5):
        body.market = view.market_id()
    sender = view.account() if view.chance(0.6) else 0
    if (not sender and view.chance(0.5)) or view.chance(0.02):
        body.account = view.account()
    return player(sender, cancel_all=body)


def heartbeat(view: View) -> x.Command:
    timeout = view.one_of((0, 10_000, 10_000, 30_000, 300_000))
    if view.chance(0.05):
        timeout = view.one_of((1, 9_999, 300_001))
    return player(view.account(), heartbeat=x.Heartbeat(timeout_ms=timeout))


def place_everywhere(view: View) -> x.Command | None:
    """On a market where several accounts have not bet yet: pairs of account and market are bounded."""
    market = view.market()
    if market is None:
        return None
    strangers = [account for account in view.world.accounts if account not in market.members]
    account = view.one_of(strangers) if strangers else UNKNOWN
    return player(account, place_order=limit_order(view, market, view.runner(market), view.one_of(SIDES)))
