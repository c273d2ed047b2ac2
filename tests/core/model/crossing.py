"""Cross-matching: one order against one resting order on every other runner, the exchange in between."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import OTHER, match, queue
from tests.core.model.holds import tell_hold
from tests.core.model.state import PENNY, Market, Order, Trade
from tests.core.model.world import World

_ONE = 2**40


@dataclass(frozen=True, slots=True)
class Cross:
    """An incoming order's stake and payout, and what it takes of the resting orders."""

    order: Order
    stake: int
    payout: int
    legs: list[tuple[Order, int]]

    def is_better_than(self, price: int) -> bool:
        """Whether the incoming order gets a better price than that."""
        mine, theirs = 100 * self.payout, price * self.stake
        return mine > theirs if self.order.is_back else mine < theirs


def plan(market: Market, order: Order) -> Cross | None:
    """The cross-match for an order, if there is one within its limit."""
    if not market.terms.cross_matching or order.force == x.TIME_IN_FORCE_FILL_OR_KILL:
        return None
    others = [runner for runner in market.active if runner != order.runner]
    if not others or any(runner in market.suspended for runner in others):
        return None
    heads = [queue(market, runner, order.side)[:1] for runner in others]
    if not all(heads):
        return None
    resting = [head for (head,) in heads]
    prices = [market.prices[head.tick] for head in resting]
    share = _ONE - sum(_ONE * 100 // price for price in prices)
    if share <= 0:
        return None
    most = (order.remaining - 100 * (len(others) + 1)) * _ONE // share
    return_ = min(most, *(head.remaining * price // 100 for head, price in zip(resting, prices, strict=True)))
    if return_ <= 0:
        return None
    return _in_pennies(market, order, resting, prices, return_)


def _in_pennies(market: Market, order: Order, resting: list[Order], prices: list[int], total: int) -> Cross | None:
    """The stakes that come to that payout on every runner, rounded so that the exchange loses nothing."""
    if order.is_back:
        stakes = [total // price * PENNY for price in prices]
        stake = -((sum(stakes) - total) // PENNY * PENNY)
    else:
        pennies = (-(-total // price) * PENNY for price in prices)
        stakes = [min(head.remaining, up) for head, up in zip(resting, pennies, strict=True)]
        stake = (total - sum(stakes)) // PENNY * PENNY
    payout = stake + sum(stakes)
    limit = market.prices[order.tick] * stake
    outside = 100 * payout < limit if order.is_back else 100 * payout > limit
    beyond = not market.prices[0] * stake <= 100 * payout <= market.prices[-1] * stake
    if stake <= 0 or min(stakes) <= 0 or stake > order.remaining or outside or beyond:
        return None
    return Cross(order, stake, payout, list(zip(resting, stakes, strict=True)))


def carry_out(world: World, market: Market, cross: Cross) -> None:
    """A trade on every other runner, then the incoming order's own; all of one group."""
    order = cross.order
    group = world.last_trade + 1
    for resting, size in cross.legs:
        payout = size * market.prices[resting.tick] // 100
        side = OTHER[resting.side]
        match(world, market, Trade(resting.runner, resting.tick, size, payout, resting, None, side, group))
    tick = _nearest_tick(market, cross)
    match(world, market, Trade(order.runner, tick, cross.stake, cross.payout, None, order, order.side, group))
    for resting, _ in cross.legs:
        if resting.account != order.account:
            tell_hold(world, resting.account, market)


def _nearest_tick(market: Market, cross: Cross) -> int:
    """For a back the highest price that is not above the one it got, for a lay the lowest that is not below."""
    if cross.order.is_back:
        return bisect_right(market.prices, 100 * cross.payout // cross.stake) - 1
    return bisect_left(market.prices, -(-100 * cross.payout // cross.stake))
