"""Risk and holds: the most that can be lost, over every way a market can end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.state import Market, Order
from tests.core.model.world import World


def risk(market: Market, order: Order, left: int | None = None) -> int:
    """What an order loses if what is left of it is matched and lost."""
    left = order.remaining if left is None else left
    if order.is_back or not order.is_limit:
        return left
    return left * market.prices[order.tick] // 100 - left


def bets(order: Order, won: bool) -> int:
    """What the matched part of an order brings its owner."""
    backer = order.payout - order.matched if won else -order.matched
    return backer if order.is_back else -backer


def at_worst(market: Market, order: Order, won: bool) -> int:
    """The least that the resting part brings: nothing, or its risk."""
    return 0 if order.is_back == won or not order.remaining else -risk(market, order)


def ways_to_end(market: Market) -> list[tuple[int, ...]]:
    """Every set of active runners that can win."""
    active = market.active
    if market.terms.variable_winners:
        return list(chain.from_iterable(combinations(active, winners) for winners in range(len(active) + 1)))
    return list(combinations(active, market.places))


def hold_of(market: Market, orders: Sequence[Order]) -> int:
    """The most that these orders can lose."""
    if market.is_line:
        return _hold_on_line(market, orders)
    if_won = dict.fromkeys(market.active, 0)
    if_lost = dict.fromkeys(market.active, 0)
    for order in orders:
        if order.runner in if_won:
            if_won[order.runner] += bets(order, True) + at_worst(market, order, True)
            if_lost[order.runner] += bets(order, False) + at_worst(market, order, False)
    lost = sum(if_lost.values())
    gains = {runner: if_won[runner] - if_lost[runner] for runner in if_won}
    return max(0, -min(lost + sum(gains[runner] for runner in winners) for winners in ways_to_end(market)))


def _hold_on_line(market: Market, orders: Sequence[Order]) -> int:
    """Every result is tried at which some bet or order ends otherwise than at the one below."""
    positions = {order.tick for order in orders} | {tick for order in orders for tick in order.lines}
    results = [0, *(position + 1 for position in positions)]
    return max(
        0, -min(sum(line_bets(order, result) + _line_worst(order, result) for order in orders) for result in results)
    )


def line_bets(order: Order, result: int) -> int:
    """What the matched part brings at a result, at even money: a back wins at or below its position."""
    backer = sum(stake if result <= tick else -stake for tick, stake in order.lines.items())
    return backer if order.is_back else -backer


def _line_worst(order: Order, result: int) -> int:
    return 0 if order.is_back == (result <= order.tick) else -order.remaining


# ---------------------------------------------------------------- of an account


def hold(account: int, market: Market) -> int:
    """The hold of an account in a market; an ended one holds nothing."""
    if market.ended:
        return 0
    if account not in market.known_holds:
        market.known_holds[account] = hold_of(market, market.orders_of(account))
    return market.known_holds[account]


def held(world: World, account: int) -> int:
    return sum(hold(account, market) for market in world.open if account in market.members)


def available(world: World, account: int) -> int:
    return world.accounts[account].wallet - held(world, account)


def uncovered(world: World, account: int) -> int:
    """What the wallet does not cover of the holds."""
    return max(0, -available(world, account))


def shortfall(world: World, account: int) -> int:
    return world.accounts[account].receivable + uncovered(world, account)


def open_risk(world: World, account: int) -> int:
    """Of all that rests, on close and held too."""
    return sum(
        risk(market, order)
        for market in world.open
        if account in market.members
        for order in market.orders_of(account)
        if order.remaining
    )


def tell_hold(world: World, account: int, market: Market) -> None:
    """HoldChanged, if the hold is another than was said last."""
    before, after = world.told_holds.get((account, market.id), 0), hold(account, market)
    if after != before:
        world.told_holds[account, market.id] = after
        change = x.HoldChanged(account=account, market=market.id, before=before, after=after)
        world.emit(x.Event(hold_changed=change))
    if not after:
        world.told_holds.pop((account, market.id), None)


def tell_holds(world: World, market: Market) -> None:
    """Of every account that bet in the market, ascending; its orders may be forgotten by now."""
    for account in sorted(market.members):
        tell_hold(world, account, market)
