"""Matching: price, then time; at the resting order's price; no further than the limit."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model import crossing
from tests.core.model.book import OTHER, cancel, match, opposite, queue, rest
from tests.core.model.holds import tell_hold
from tests.core.model.state import PENNY, Market, Order, Trade
from tests.core.model.world import World


def execute(world: World, market: Market, order: Order) -> None:
    """Matches an order as far as it goes; what is left rests or is cancelled."""
    if order.force == x.TIME_IN_FORCE_FILL_OR_KILL:
        _fill_or_kill(world, market, order)
        return
    while order.remaining:
        direct = next(iter(opposite(market, order)), None)
        cross = crossing.plan(market, order)
        if cross and (direct is None or cross.is_better_than(market.prices[direct.tick])):
            crossing.carry_out(world, market, cross)
        elif direct and _is_own(market, order, direct):
            cancel(world, market, order, x.OWN_ORDER)
            return
        elif direct:
            _fill(world, market, order, direct, min(order.remaining, direct.remaining))
        else:
            break
    if order.remaining and order.force == x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL:
        cancel(world, market, order, x.KILLED)
    elif order.remaining:
        rest(world, order)


def would_fill_at_once(market: Market, order: Order) -> bool:
    """Whether an order is a taker, or not meant to rest at all."""
    if order.force != x.TIME_IN_FORCE_DAY:
        return True
    return bool(opposite(market, order)) or crossing.plan(market, order) is not None


def _is_own(market: Market, order: Order, other: Order) -> bool:
    return order.account == other.account and market.terms.self_match != x.SELF_MATCH_ALLOW


def _fill(world: World, market: Market, order: Order, resting: Order, size: int) -> None:
    payout = size * market.prices[resting.tick] // 100
    match(world, market, Trade(order.runner, resting.tick, size, payout, resting, order, order.side))
    if resting.account != order.account:
        tell_hold(world, resting.account, market)


# ---------------------------------------------------------------- fill or kill


def _fill_or_kill(world: World, market: Market, order: Order) -> None:
    takes = _plan_on_line(market, order) if market.is_line else _plan(market, order)
    if sum(size for _, size in takes) >= (order.min_fill or order.size):
        for resting, size in takes:
            _fill(world, market, order, resting, size)
    if order.remaining:
        cancel(world, market, order, x.KILLED)


def _plan(market: Market, order: Order) -> list[tuple[Order, int]]:
    """What to take of the other side, so that the average price of all of it stays within the limit."""
    limit = market.prices[order.tick]
    stake = payout = 0
    takes: list[tuple[Order, int]] = []
    for resting in queue(market, order.runner, OTHER[order.side]):
        left = order.remaining - stake
        if not left or _is_own(market, order, resting):
            break
        price = market.prices[resting.tick]
        size = min(left, resting.remaining)
        more = size * price // 100
        better = 100 * (payout + more) - limit * (stake + size)
        if better < 0 if order.is_back else better > 0:
            size = (100 * payout - limit * stake) // (limit - price) // PENNY * PENNY
            if size > 0:
                takes.append((resting, size))
            break
        takes.append((resting, size))
        stake, payout = stake + size, payout + more
    return takes


def _plan_on_line(market: Market, order: Order) -> list[tuple[Order, int]]:
    """At even money there is no average: what is within the limit."""
    left = order.remaining
    takes: list[tuple[Order, int]] = []
    for resting in opposite(market, order):
        if not left or _is_own(market, order, resting):
            break
        takes.append((resting, min(left, resting.remaining)))
        left -= takes[-1][1]
    return takes
