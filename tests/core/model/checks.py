"""What an order has to be before it is accepted; the checks come in the order of docs/exchange-log.md."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.accounts import check_verified
from tests.core.model.book import at_work, counting, in_memory, opposite, stake_at_most
from tests.core.model.holds import available, shortfall
from tests.core.model.limits import check_loss
from tests.core.model.protection import check_protection
from tests.core.model.state import LARGEST_STAKE, PENNY, Account, Market, Order, RefusalError
from tests.core.model.world import World

LARGEST_LIABILITY = LARGEST_STAKE // 100
"""Of a lay on close: at the shortest price its stake is a hundred times that."""
LARGEST_STRATEGY = 65_535
ON_CLOSE = (x.ORDER_TYPE_LIMIT_ON_CLOSE, x.ORDER_TYPE_MARKET_ON_CLOSE)


def check_bettor(world: World, account: Account) -> None:
    """Check 1: who bets."""
    check_verified(world, account.id)
    check_protection(world, account)
    missing = shortfall(world, account.id)
    if missing:
        raise RefusalError(x.ACCOUNT_BLOCKED, 0, missing)


def check_open(world: World, account: Account, number: int, version: int) -> Market:
    """Check 2: where."""
    market = world.market_taking_orders(number)
    if account.currency != market.terms.currency:
        raise RefusalError(x.CURRENCY_MISMATCH, account.currency, market.terms.currency)
    check_version(market, version)
    return market


def check_version(market: Market, version: int) -> None:
    """Whether the sender knows the market as it is."""
    if version not in (0, market.terms_version):
        raise RefusalError(x.MARKET_VERSION_CHANGED, version, market.terms_version)


def check_fields(market: Market, body: x.PlaceOrder) -> None:
    """Checks 3 to 8: what the order says of itself."""
    if body.side not in (x.SIDE_BACK, x.SIDE_LAY):
        raise RefusalError(x.SIDE_INVALID, body.side)
    _check_type(market, body)
    if body.type == x.ORDER_TYPE_MARKET_ON_CLOSE and body.price:
        raise RefusalError(x.PRICE_INVALID, body.price, 0)
    check_price(market, body.price)
    _check_size(market, body)
    _check_min_fill(body)
    if body.strategy > LARGEST_STRATEGY:
        raise RefusalError(x.CAPACITY_REACHED, body.strategy, LARGEST_STRATEGY)


def _check_type(market: Market, body: x.PlaceOrder) -> None:
    on_close = body.type in ON_CLOSE
    if not on_close and body.type != x.ORDER_TYPE_LIMIT:
        raise RefusalError(x.ORDER_TYPE_INVALID, body.type)
    if on_close and not market.terms.starting_price:
        raise RefusalError(x.ORDER_TYPE_INVALID, body.type)
    if on_close and market.in_play:
        raise RefusalError(x.MARKET_IN_PLAY, market.id)
    if body.time_in_force not in (0, 1, 2) or (on_close and body.time_in_force):
        raise RefusalError(x.TIME_IN_FORCE_INVALID, body.time_in_force)
    if body.persistence and (on_close or body.time_in_force):
        raise RefusalError(x.PERSISTENCE_INVALID, body.persistence)
    check_persistence(market, body.persistence)


def check_persistence(market: Market, persistence: int) -> None:
    without_price = persistence == x.PERSISTENCE_MARKET_ON_CLOSE and not market.terms.starting_price
    if persistence not in (0, 1, 2, 3) or without_price:
        raise RefusalError(x.PERSISTENCE_INVALID, persistence)


def check_price(market: Market, tick: int) -> None:
    last = len(market.prices) - 1
    if tick > last:
        raise RefusalError(x.PRICE_INVALID, tick, last)


def _check_size(market: Market, body: x.PlaceOrder) -> None:
    least = market.terms.minimum_stake
    lay_on_close = body.type in ON_CLOSE and body.side == x.SIDE_LAY
    most = LARGEST_LIABILITY if lay_on_close else LARGEST_STAKE
    if body.size < least:
        raise RefusalError(x.SIZE_INVALID, body.size, least)
    if body.size % PENNY:
        raise RefusalError(x.SIZE_INVALID, body.size, PENNY)
    if body.size > most:
        raise RefusalError(x.SIZE_INVALID, body.size, most)


def _check_min_fill(body: x.PlaceOrder) -> None:
    given = body.min_fill
    if given < 0 or (given and body.time_in_force != x.TIME_IN_FORCE_FILL_OR_KILL):
        raise RefusalError(x.SIZE_INVALID, given, 0)
    if given > body.size:
        raise RefusalError(x.SIZE_INVALID, given, body.size)
    if given % PENNY:
        raise RefusalError(x.SIZE_INVALID, given, PENNY)


def check_overlap(market: Market, order: Order) -> None:
    """Check 9: where own orders must not meet, none is there to be met."""
    if market.terms.self_match != x.SELF_MATCH_REJECT or not order.is_limit:
        return
    own = [other.id for other in opposite(market, order) if other.account == order.account]
    if own:
        raise RefusalError(x.ORDERS_OVERLAP, min(own))


def check_room(world: World, market: Market, order: Order) -> None:
    """Check 10: the bounds."""
    stake = at_work(market, order.account) + stake_at_most(order, order.size)
    if stake > LARGEST_STAKE:
        raise RefusalError(x.CAPACITY_REACHED, stake, LARGEST_STAKE)
    check_memory(world, order.account)
    if order.account not in market.members:
        world.check_bound(sum(len(market.members) for market in world.open) + 1, "exposures")


def check_memory(world: World, account: int) -> None:
    """One more order, of the account and of all."""
    world.check_bound(counting(world, account) + 1, "orders_per_account")
    world.check_bound(in_memory(world) + 1, "orders")


def check_funds(world: World, account: Account, increase: int) -> None:
    """Checks 12 and 13: what the hold grows by."""
    if increase > 0:
        check_loss(world, account, increase)
    free = available(world, account.id)
    if increase > free:
        raise RefusalError(x.INSUFFICIENT_FUNDS, increase, free)
