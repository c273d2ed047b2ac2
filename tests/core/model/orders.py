"""What players do with orders: place, cancel, replace, update."""

from __future__ import annotations

from dataclasses import replace as with_changes

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import accept, cancel, cancel_all
from tests.core.model.checks import (
    check_bettor,
    check_fields,
    check_funds,
    check_memory,
    check_open,
    check_overlap,
    check_persistence,
    check_price,
    check_room,
    check_version,
)
from tests.core.model.holds import hold, hold_of, risk, tell_hold
from tests.core.model.limits import check_stake
from tests.core.model.matching import execute, would_fill_at_once
from tests.core.model.state import PENNY, Market, Order, RefusalError
from tests.core.model.world import World, check_runner


def place(world: World, sender: int, body: x.PlaceOrder) -> x.Outcome:
    account = world.accounts[sender]
    check_bettor(world, account)
    market = check_open(world, account, body.market, body.market_version)
    check_runner(market, body.runner)
    if body.runner in market.suspended:
        raise RefusalError(x.RUNNER_SUSPENDED, body.runner)
    check_fields(market, body)
    order = Order(
        id=world.last_order + 1,
        account=sender,
        market=market.id,
        runner=body.runner,
        side=body.side,
        tick=body.price,
        size=body.size,
        placed_ms=world.now,
        remaining=body.size,
        type=body.type,
        persistence=body.persistence,
        force=body.time_in_force,
        min_fill=body.min_fill,
        strategy=body.strategy,
    )
    check_overlap(market, order)
    check_room(world, market, order)
    check_stake(world, account, risk(market, order))
    orders = market.orders_of(sender)
    check_funds(world, account, hold_of(market, [*orders, order]) - hold(sender, market))
    return _carry_out(world, market, order)


def _carry_out(world: World, market: Market, order: Order) -> x.Outcome:
    """The order is good: it waits, is held by the delay, or is matched."""
    world.last_order = order.id
    delay = market.terms.in_play_delay_ms if market.in_play and order.is_limit else 0
    held = delay and (not market.terms.passive_delay or would_fill_at_once(market, order))
    if held:
        order.release_ms = world.now + delay
        world.set_timer(order.release_ms, "release", market.id, order.id)
    accept(world, market, order)
    if order.is_limit and not held:
        execute(world, market, order)
    tell_hold(world, order.account, market)
    return x.Outcome(
        id=order.id,
        matched=order.matched,
        matched_payout=order.payout,
        remaining=order.remaining,
        cancelled=order.cancelled,
    )


def release(world: World, number: int, order_id: int) -> None:
    """The delay is over."""
    market = world.markets[number]
    order = market.orders[order_id]
    order.release_ms = 0
    world.changed.add(market.id)
    released = x.OrderReleased(order=order.id, account=order.account, market=market.id)
    world.emit(x.Event(order_released=released))
    execute(world, market, order)
    tell_hold(world, order.account, market)


# ---------------------------------------------------------------- orders that are there


def _own(market: Market, sender: int, order: int) -> Order:
    found = market.orders.get(order)
    if found is None or found.account != sender:
        raise RefusalError(x.ORDER_UNKNOWN, order)
    return found


def _check_left(order: Order) -> None:
    if not order.remaining:
        raise RefusalError(x.ORDER_COMPLETE, order.id)


def _check_not_held(order: Order) -> None:
    if order.release_ms:
        raise RefusalError(x.ORDER_DELAYED, order.id, order.release_ms)


def _check_limit_order(order: Order) -> None:
    if not order.is_limit:
        raise RefusalError(x.ORDER_TYPE_INVALID, order.type)


def cancel_order(world: World, sender: int, body: x.CancelOrder) -> x.Outcome:
    market = world.market_not_closed(body.market)
    order = _own(market, sender, body.order)
    if body.reduction < 0:
        raise RefusalError(x.SIZE_INVALID, body.reduction, 0)
    if body.reduction % PENNY:
        raise RefusalError(x.SIZE_INVALID, body.reduction, PENNY)
    _check_left(order)
    _check_not_held(order)
    size = min(body.reduction or order.remaining, order.remaining)
    cancel(world, market, order, x.REQUESTED, size)
    tell_hold(world, sender, market)
    return x.Outcome(id=order.id, cancelled=size, remaining=order.remaining)


def replace(world: World, sender: int, body: x.ReplaceOrder) -> x.Outcome:
    """What is left of a limit order goes to another price, as a new order."""
    account = world.accounts[sender]
    check_bettor(world, account)
    market = world.market_taking_orders(body.market)
    check_version(market, body.market_version)
    old = _own(market, sender, body.order)
    _check_left(old)
    _check_limit_order(old)
    _check_not_held(old)
    if old.runner in market.suspended:
        raise RefusalError(x.RUNNER_SUSPENDED, old.runner)
    check_price(market, body.price)
    new = Order(
        id=world.last_order + 1,
        account=sender,
        market=market.id,
        runner=old.runner,
        side=old.side,
        tick=body.price,
        size=old.remaining,
        placed_ms=world.now,
        remaining=old.remaining,
        persistence=old.persistence,
        strategy=old.strategy,
        replaces=old.id,
    )
    check_overlap(market, new)
    check_memory(world, sender)
    grows = risk(market, new) - risk(market, old)
    if grows > 0:
        check_stake(world, account, grows)
    others = [order for order in market.orders_of(sender) if order is not old]
    replaced = [*others, with_changes(old, remaining=0), new]
    check_funds(world, account, hold_of(market, replaced) - hold(sender, market))
    cancel(world, market, old, x.REPLACED)
    outcome = _carry_out(world, market, new)
    outcome.replaced = new.size
    return outcome


def update(world: World, sender: int, body: x.UpdateOrder) -> x.Outcome:
    market = world.market_not_closed(body.market)
    order = _own(market, sender, body.order)
    _check_left(order)
    _check_limit_order(order)
    _check_not_held(order)
    check_persistence(market, body.persistence)
    order.persistence = body.persistence
    world.changed.add(market.id)
    updated = x.OrderUpdated(order=order.id, account=sender, market=market.id, persistence=order.persistence)
    world.emit(x.Event(order_updated=updated))
    return x.Outcome(id=order.id, remaining=order.remaining)


def cancel_everything(world: World, sender: int, body: x.CancelAll) -> x.Outcome:
    """What rests of an account, of a market or of both."""
    account = sender or body.account
    if not account and not body.market:
        raise RefusalError(x.MALFORMED)
    if account:
        world.account(account)
    markets = [world.market_not_closed(body.market)] if body.market else list(world.open)
    count = size = 0
    for market in markets:
        for owner in [account] if account else market.accounts():
            orders = [order for order in market.resting() if order.account == owner and _is_meant(order, sender, body)]
            count += len(orders)
            size += sum(order.remaining for order in orders)
            cancel_all(world, market, orders, x.REQUESTED)
            tell_hold(world, owner, market)
    return x.Outcome(id=count, cancelled=size)


def _is_meant(order: Order, sender: int, body: x.CancelAll) -> bool:
    """A player does not reach what is held by the delay."""
    return body.strategy in (0, order.strategy) and not (sender and order.release_ms)
