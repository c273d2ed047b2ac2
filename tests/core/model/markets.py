"""Markets: they are opened, suspended and turned in play."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.auction import hold_auction
from tests.core.model.book import accept, cancel, cancel_all, counting, in_memory
from tests.core.model.checks import LARGEST_LIABILITY
from tests.core.model.holds import risk, tell_holds
from tests.core.model.state import LARGEST_STAKE, PENNY, Market, Order, RefusalError
from tests.core.model.world import World, check_runner

MOST_RUNNERS = 1_000
MOST_COMMISSION_BP = 2_000
MOST_POSITIONS = 10_000
MOST_CROSSED = 100
LONGEST_DELAY_MS = 60_000
LINE, CLASSIC = x.LADDER_LINE_RANGE, x.LADDER_CLASSIC


def _must(holds: bool, given: int, bound: int) -> None:
    if not holds:
        raise RefusalError(x.MARKET_INVALID, given, bound)


def _check_terms(terms: x.OpenMarket) -> None:
    """What every market has."""
    ids = [runner.id for runner in terms.runners]
    count = len(ids)
    _must(count >= 1, 0, 1)
    _must(count <= MOST_RUNNERS, count, MOST_RUNNERS)
    bad = sorted(runner for runner in ids if ids.count(runner) > 1) or [runner for runner in ids if runner == 0]
    _must(not bad, bad[0] if bad else 0, 0)
    if terms.variable_winners:
        _must(terms.winners == 0, terms.winners, 0)
    else:
        _must(terms.winners >= 1, 0, 1)
        _must(terms.winners <= count, terms.winners, count)
    _must(terms.commission_bp <= MOST_COMMISSION_BP, terms.commission_bp, MOST_COMMISSION_BP)
    _must(terms.minimum_stake >= PENNY and terms.minimum_stake % PENNY == 0, terms.minimum_stake, PENNY)
    _must(terms.minimum_stake <= LARGEST_STAKE, terms.minimum_stake, LARGEST_STAKE)


def _check_kind(terms: x.OpenMarket) -> None:
    """What only some markets have."""
    count = len(terms.runners)
    _must(terms.ladder in (0, 1, 2), terms.ladder, 2)
    if terms.ladder == LINE:
        _must(count == 1, count, 1)
        _must(terms.winners == 1, terms.winners, 1)
        _must(terms.positions >= 1, terms.positions, 1)
        _must(terms.positions <= MOST_POSITIONS, terms.positions, MOST_POSITIONS)
        _must(not (terms.starting_price or terms.cross_matching or terms.reduction), LINE, 0)
    else:
        _must(terms.positions == 0, terms.positions, 0)
    _must(terms.ladder == CLASSIC or not terms.starting_price, terms.ladder, 0)
    if terms.cross_matching:
        _must(terms.winners == 1, terms.winners, 1)
        _must(count >= 2, count, 2)
        _must(count <= MOST_CROSSED, count, MOST_CROSSED)
    _must(terms.self_match in (0, 1, 2), terms.self_match, 2)
    _must(terms.in_play_delay_ms <= LONGEST_DELAY_MS, terms.in_play_delay_ms, LONGEST_DELAY_MS)
    _must(terms.reduction in (0, 1, 2), terms.reduction, 2)
    _must(terms.reduction != x.REDUCTION_WIN or terms.winners == 1, terms.winners, 1)
    _must(terms.currency <= 999, terms.currency, 999)


def open_market(world: World, terms: x.OpenMarket) -> x.Outcome:
    _check_terms(terms)
    _check_kind(terms)
    world.check_bound(len(world.markets) + 1, "markets")
    world.check_bound(len(world.open) + 1, "open_markets")
    runners = sum(len(market.runners) for market in world.open)
    world.check_bound(runners + len(terms.runners), "runners")
    world.check_currency(terms.currency)
    kept = x.OpenMarket()
    kept.CopyFrom(terms)
    market = Market(len(world.markets) + 1, kept, x.INACTIVE if terms.inactive else x.OPEN)
    world.markets[market.id] = market
    world.open.append(market)
    world.book(terms.currency)
    world.emit(x.Event(market_opened=x.MarketOpened(market=market.id, terms=terms)))
    return x.Outcome(id=market.id)


# ---------------------------------------------------------------- suspension


def set_suspension(world: World, body: x.SetSuspension) -> x.Outcome:
    """Of a market, one of its runners, or (market 0) the whole exchange."""
    if not body.market:
        if body.runner or world.rules == 1:
            raise RefusalError(x.MARKET_UNKNOWN, 0)
        markets = list(world.open)
        world.suspended = body.suspended
    else:
        market = world.market_not_closed(body.market)
        markets = [market]
        if body.runner:
            check_runner(market, body.runner)
        _suspend(market, body)
        world.changed.add(market.id)
    event = x.SuspensionSet(market=body.market, suspended=body.suspended, runner=body.runner)
    world.emit(x.Event(suspension_set=event))
    if body.suspended:
        for market in markets:
            cancel_all(world, market, [order for order in market.resting() if _is_halted(order, body.runner)], x.HALTED)
            tell_holds(world, market)
    return x.Outcome(id=body.market)


def _suspend(market: Market, body: x.SetSuspension) -> None:
    market.terms_version += 1
    if not body.runner:
        market.status = x.SUSPENDED if body.suspended else x.OPEN
    elif body.suspended:
        market.suspended.add(body.runner)
    else:
        market.suspended.discard(body.runner)


def _is_halted(order: Order, runner: int) -> bool:
    """Held by the delay, or good till halted."""
    good_till_halted = order.is_limit and order.persistence == x.PERSISTENCE_GOOD_TILL_HALTED
    return runner in (0, order.runner) and (bool(order.release_ms) or good_till_halted)


# ---------------------------------------------------------------- in play


def turn_in_play(world: World, body: x.TurnInPlay) -> x.Outcome:
    market = world.market_not_closed(body.market)
    if market.status == x.INACTIVE:
        raise RefusalError(x.MARKET_INACTIVE, market.id)
    if market.in_play:
        raise RefusalError(x.MARKET_IN_PLAY, market.id)
    market.in_play = True
    market.terms_version += 1
    world.changed.add(market.id)
    world.emit(x.Event(turned_in_play=x.TurnedInPlay(market=market.id)))
    if market.terms.starting_price:
        for order in market.resting():
            if order.is_limit and order.persistence == x.PERSISTENCE_MARKET_ON_CLOSE:
                _send_to_close(world, market, order)
        for runner in market.active:
            hold_auction(world, market, runner)
    lapsing = [order for order in market.resting() if not _persists(order)]
    cancel_all(world, market, lapsing, x.TURNED_IN_PLAY)
    tell_holds(world, market)
    return x.Outcome(id=market.id)


def _persists(order: Order) -> bool:
    return order.is_limit and order.persistence == x.PERSISTENCE_PERSIST


def _send_to_close(world: World, market: Market, order: Order) -> None:
    """What is left of a limit order takes the starting price, as a new order."""
    size = order.remaining
    if not order.is_back:
        size = min(risk(market, order) // PENNY * PENNY, LARGEST_LIABILITY)
    full = (
        counting(world, order.account) + 1 > world.limits["orders_per_account"]
        or in_memory(world) + 1 > world.limits["orders"]
    )
    if not size or full:
        cancel(world, market, order, x.TURNED_IN_PLAY)
        return
    cancel(world, market, order, x.REPLACED)
    world.last_order += 1
    new = Order(
        id=world.last_order,
        account=order.account,
        market=market.id,
        runner=order.runner,
        side=order.side,
        tick=0,
        size=size,
        placed_ms=world.now,
        remaining=size,
        type=x.ORDER_TYPE_MARKET_ON_CLOSE,
        strategy=order.strategy,
        replaces=order.id,
    )
    accept(world, market, new)
