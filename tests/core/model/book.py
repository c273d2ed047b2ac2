"""What happens to orders: they are accepted, rest, are matched, cancelled and voided."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.holds import tell_hold
from tests.core.model.state import Market, Order, Trade
from tests.core.model.usage import Usage
from tests.core.model.world import World

OTHER = {x.SIDE_BACK: x.SIDE_LAY, x.SIDE_LAY: x.SIDE_BACK}


def changed(world: World, market: Market, account: int) -> None:
    """An account's orders in a market are others than before."""
    market.known_holds.pop(account, None)
    world.changed.add(market.id)


# ---------------------------------------------------------------- queues


def queue(market: Market, runner: int, side: x.Side.ValueType) -> list[Order]:
    """What rests on one side of a runner, in the order in which it is matched: best price, then oldest."""
    sign = 1 if side == x.SIDE_BACK else -1
    orders = [
        order
        for order in market.orders.values()
        if order.rested and order.remaining and order.runner == runner and order.side == side
    ]
    return sorted(orders, key=lambda order: (sign * order.tick, order.rested))


def within_limit(order: Order, resting: Order) -> bool:
    """Whether an order's limit allows for the price of one on the other side."""
    return resting.tick >= order.tick if order.is_back else resting.tick <= order.tick


def opposite(market: Market, order: Order) -> list[Order]:
    """What an order may be matched with directly, in that order."""
    return [other for other in queue(market, order.runner, OTHER[order.side]) if within_limit(order, other)]


# ---------------------------------------------------------------- what counts


def counting(world: World, account: int) -> int:
    """The account's orders that rest or have a matched or voided part, in open markets."""
    return sum(order.account == account and order.counts for market in world.open for order in market.orders.values())


def in_memory(world: World) -> int:
    return sum(len(market.orders) for market in world.open)


def at_work(market: Market, account: int) -> int:
    """The stake that an account has at work in a market."""
    return sum(order.matched + stake_at_most(order, order.remaining) for order in market.orders_of(account))


def stake_at_most(order: Order, left: int) -> int:
    """A lay on close may come to a hundred times its liability."""
    return left if order.is_back or order.is_limit else left * 100


# ---------------------------------------------------------------- changes


def accept(world: World, market: Market, order: Order) -> None:
    """The order is in memory from now on."""
    market.orders[order.id] = order
    market.members.add(order.account)
    changed(world, market, order.account)
    accepted = x.OrderAccepted(
        order=order.id,
        account=order.account,
        market=market.id,
        runner=order.runner,
        side=order.side,
        price=order.tick,
        size=order.size,
        type=order.type,
        persistence=order.persistence,
        time_in_force=order.force,
        min_fill=order.min_fill,
        strategy=order.strategy,
        replaces=order.replaces,
        release_ms=order.release_ms,
    )
    world.emit(x.Event(order_accepted=accepted))


def rest(world: World, order: Order) -> None:
    """To the end of its queue."""
    world.last_rested += 1
    order.rested = world.last_rested


def cancel(world: World, market: Market, order: Order, reason: x.CancelReason.ValueType, size: int = 0) -> None:
    """Takes a part of an order off the book; 0: all that is left."""
    size = size or order.remaining
    order.remaining -= size
    order.cancelled += size
    changed(world, market, order.account)
    taken_off = x.OrderCancelled(order=order.id, account=order.account, market=market.id, size=size, reason=reason)
    world.emit(x.Event(order_cancelled=taken_off))
    if order.release_ms and not order.remaining:
        order.release_ms = 0
        world.drop_timer("release", market.id, order.id)
    if not order.counts:
        _remember_ended(world, order)


def _remember_ended(world: World, order: Order) -> None:
    """Nothing of it was ever matched: it is forgotten when so many others have ended likewise."""
    world.ended.append(order)
    if len(world.ended) > world.limits["ended_orders"]:
        forgotten = world.ended.pop(0)
        del world.markets[forgotten.market].orders[forgotten.id]


def cancel_all(world: World, market: Market, orders: list[Order], reason: x.CancelReason.ValueType) -> None:
    """By id, all that is left of them."""
    for order in sorted(orders, key=lambda order: order.id):
        cancel(world, market, order, reason)


def cancel_account(world: World, account: int, reason: x.CancelReason.ValueType) -> None:
    """All that rests of an account, market by market, each with its hold."""
    for market in list(world.open):
        cancel_all(world, market, [order for order in market.resting() if order.account == account], reason)
        tell_hold(world, account, market)


def _fill(world: World, market: Market, order: Order, trade: Trade) -> None:
    """A part of an order is matched."""
    account = world.accounts[order.account]
    risked = trade.size if order.is_back else trade.payout - trade.size
    order.remaining -= risked if not order.is_back and not order.is_limit else trade.size
    order.matched += trade.size
    order.payout += trade.payout
    if market.is_line:
        order.lines[trade.tick] = order.lines.get(trade.tick, 0) + trade.size
    changed(world, market, order.account)
    Usage.note(account.usage.stakes, risked, world.now)
    if account.guest:
        account.guest.staked += risked


def match(world: World, market: Market, trade: Trade) -> None:
    """Two orders are matched, or one with the exchange."""
    for order in trade.orders:
        _fill(world, market, order, trade)
    traded = market.traded.setdefault(trade.runner, {})
    traded[trade.tick] = traded.get(trade.tick, 0) + trade.size
    market.last[trade.runner] = trade.tick
    matched = x.Matched(
        market=market.id,
        runner=trade.runner,
        price=trade.tick,
        size=trade.size,
        resting_order=trade.resting.id if trade.resting else 0,
        resting_account=trade.resting.account if trade.resting else 0,
        incoming_order=trade.incoming.id if trade.incoming else 0,
        incoming_account=trade.incoming.account if trade.incoming else 0,
        incoming_side=trade.incoming_side,
    )
    world.last_trade += 1
    trade.number = world.last_trade
    market.trades[trade.number] = trade
    if world.rules >= 2:
        matched.payout, matched.trade, matched.group = trade.payout, trade.number, trade.group
    world.emit(x.Event(matched=matched))


def void(world: World, market: Market, trade: Trade) -> None:
    """A trade is void: the stakes are given back."""
    trade.void = True
    for order in trade.orders:
        order.matched -= trade.size
        order.payout -= trade.payout
        order.voided += trade.size
        if market.is_line:
            order.lines[trade.tick] -= trade.size
        changed(world, market, order.account)
