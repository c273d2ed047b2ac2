"""The starting price: one auction a runner, when its market turns in play."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import match
from tests.core.model.state import PENNY, Market, Order, Trade
from tests.core.model.world import World


def _takes_part(order: Order, tick: int) -> bool:
    if order.type == x.ORDER_TYPE_MARKET_ON_CLOSE:
        return True
    return order.tick <= tick if order.is_back else order.tick >= tick


def _stake(market: Market, order: Order, tick: int) -> int:
    """What is left of an order as a stake at a price; a lay on close has a liability."""
    if order.is_back or order.is_limit:
        return order.remaining
    return order.remaining * 100 // (market.prices[tick] - 100) // PENNY * PENNY


def _stakes(market: Market, orders: list[Order], tick: int) -> int:
    return sum(_stake(market, order, tick) for order in orders if _takes_part(order, tick))


def _starting_price(market: Market, backs: list[Order], lays: list[Order]) -> tuple[int, int] | None:
    """The tick with the largest volume, of these the most even, of these the lowest; and the volume."""
    if not backs or not lays:
        return None
    ranks = []
    for tick in range(len(market.prices)):
        back, lay = _stakes(market, backs, tick), _stakes(market, lays, tick)
        ranks.append((-min(back, lay), abs(back - lay), tick))
    volume, _, tick = min(ranks)
    return (tick, -volume) if volume else None


def _in_turn(order: Order) -> tuple[int, int, int]:
    """Market on close first, then by limit: the lowest back, the highest lay; then by id."""
    if order.type == x.ORDER_TYPE_MARKET_ON_CLOSE:
        return 0, 0, order.id
    return 1, order.tick if order.is_back else -order.tick, order.id


def hold_auction(world: World, market: Market, runner: int) -> None:
    """Matches both sides of a runner, head to head, at the starting price; nothing, if nothing matches."""
    orders = [order for order in market.resting() if order.runner == runner]
    backs = sorted((order for order in orders if order.is_back), key=_in_turn)
    lays = sorted((order for order in orders if not order.is_back), key=_in_turn)
    found = _starting_price(market, backs, lays)
    if found is None:
        return
    tick, volume = found
    market.starting[runner] = found
    price = x.StartingPrice(market=market.id, runner=runner, price=tick, size=volume)
    world.emit(x.Event(starting_price=price))
    given = _given(market, backs, tick, volume)
    taken = _given(market, lays, tick, volume)
    while given and taken:
        (back, offered), (lay, wanted) = given[0], taken[0]
        size = min(offered, wanted)
        payout = size * market.prices[tick] // 100
        match(world, market, Trade(runner, tick, size, payout, back, lay, x.SIDE_LAY))
        given[:1] = [(back, offered - size)] if offered > size else []
        taken[:1] = [(lay, wanted - size)] if wanted > size else []


def _given(market: Market, orders: list[Order], tick: int, volume: int) -> list[tuple[Order, int]]:
    """What each order of a side gives, in turn, until the volume is reached."""
    parts: list[tuple[Order, int]] = []
    for order in orders:
        if volume and _takes_part(order, tick):
            part = min(volume, _stake(market, order, tick))
            parts.append((order, part))
            volume -= part
    return [(order, part) for order, part in parts if part]
