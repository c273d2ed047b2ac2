"""Runners and bets that are void: stakes are given back, prices reduced, and what cannot be covered any more."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import cancel_all, void
from tests.core.model.holds import tell_hold, uncovered
from tests.core.model.state import Market, RefusalError, Trade
from tests.core.model.world import World, check_runner

MOST_FACTOR_BP = 9_999
WIN_IGNORED_BELOW_BP = 250
PLACE_LAYS_STAY_BELOW_BP = 400


def void_runner(world: World, body: x.VoidRunner) -> x.Outcome:
    market = _market_losing(world, body.market, body.runner)
    before = _uncovered(world, market.accounts())
    world.emit(x.Event(runner_voided=x.RunnerVoided(market=market.id, runner=body.runner)))
    _lose_runner(world, market, body.runner, 0)
    _cover_or_cancel(world, market, before)
    return x.Outcome(id=market.id)


def remove_runner(world: World, body: x.RemoveRunner) -> x.Outcome:
    market = _market_losing(world, body.market, body.runner)
    factor = body.factor_bp
    if factor and market.terms.reduction == x.REDUCTION_NONE:
        raise RefusalError(x.FACTOR_INVALID, factor, 0)
    if factor > MOST_FACTOR_BP:
        raise RefusalError(x.FACTOR_INVALID, factor, MOST_FACTOR_BP)
    before = _uncovered(world, market.accounts())
    removed = x.RunnerRemoved(market=market.id, runner=body.runner, factor_bp=factor)
    world.emit(x.Event(runner_removed=removed))
    market.factors[body.runner] = factor
    _lose_runner(world, market, body.runner, factor)
    _reduce(world, market, factor)
    _cover_or_cancel(world, market, before)
    return x.Outcome(id=market.id)


def _market_losing(world: World, number: int, runner: int) -> Market:
    market = world.market_not_closed(number)
    if market.is_line:
        raise RefusalError(x.LADDER_INVALID, x.LADDER_LINE_RANGE)
    check_runner(market, runner)
    return market


def _lose_runner(world: World, market: Market, runner: int, factor: int) -> None:
    """What rests on it is cancelled, with a large factor lays on others, too; its bets and cross-matches are void."""
    cancel_all(world, market, [order for order in market.resting() if order.runner == runner], x.RUNNER_GONE)
    large = WIN_IGNORED_BELOW_BP if market.terms.reduction == x.REDUCTION_WIN else PLACE_LAYS_STAY_BELOW_BP
    if factor >= large:
        lays = [order for order in market.resting() if order.is_limit and not order.is_back]
        cancel_all(world, market, lays, x.REDUCTION)
    crossed = [trade for trade in market.trades.values() if trade.group and not trade.void]
    _void_bets(world, market, crossed, "runner removed")
    for trade in market.trades.values():
        trade.void = trade.void or trade.runner == runner
    for order in market.orders.values():
        if order.runner == runner and order.matched:
            order.voided, order.matched, order.payout = order.voided + order.matched, 0, 0
    market.gone.add(runner)
    market.known_holds.clear()
    market.terms_version += 1
    world.changed.add(market.id)


def _reduced(market: Market, trade: Trade, factor: int) -> int:
    """The payout of a bet at the price that the removed runner's factor leaves of it."""
    if market.terms.reduction == x.REDUCTION_PLACE:
        return trade.size + (trade.payout - trade.size) * (10_000 - factor) // 10_000
    return max(trade.payout * (10_000 - factor) // 10_000, trade.size * 101 // 100)


def _reduce(world: World, market: Market, factor: int) -> None:
    least = WIN_IGNORED_BELOW_BP if market.terms.reduction == x.REDUCTION_WIN else 1
    if factor < least:
        return
    before = {order.id: order.payout for order in market.orders.values()}
    for trade in market.trades.values():
        if not trade.void:
            payout = _reduced(market, trade, factor)
            for order in trade.orders:
                order.payout += payout - trade.payout
            trade.payout = payout
    market.known_holds.clear()
    for _, order in sorted(market.orders.items()):
        if order.payout != before[order.id]:
            reduced = x.OrderReduced(
                order=order.id, account=order.account, market=market.id, matched_payout=order.payout
            )
            world.emit(x.Event(order_reduced=reduced))


# ---------------------------------------------------------------- single bets


def void_bet(world: World, body: x.VoidBet) -> x.Outcome:
    """One trade, or all of a cross-match."""
    market = world.market_not_closed(body.market)
    named = market.trades.get(body.trade)
    if named is None or named.void:
        raise RefusalError(x.TRADE_UNKNOWN, body.trade)
    trades = [
        trade for trade in market.trades.values() if trade is named or (named.group and trade.group == named.group)
    ]
    orders = [order for trade in trades for order in trade.orders]
    before = _uncovered(world, sorted({order.account for order in orders}))
    _void_bets(world, market, trades, body.reason)
    _cover_or_cancel(world, market, before)
    return x.Outcome(id=body.trade)


def _void_bets(world: World, market: Market, trades: list[Trade], reason: str) -> None:
    for trade in trades:
        void(world, market, trade)
        voided = x.BetVoided(
            market=market.id,
            trade=trade.number,
            runner=trade.runner,
            size=trade.size,
            payout=trade.payout,
            backer_order=trade.backer.id if trade.backer else 0,
            backer_account=trade.backer.account if trade.backer else 0,
            layer_order=trade.layer.id if trade.layer else 0,
            layer_account=trade.layer.account if trade.layer else 0,
            reason=reason,
        )
        world.emit(x.Event(bet_voided=voided))


# ---------------------------------------------------------------- what cannot be covered any more


def _uncovered(world: World, accounts: list[int]) -> dict[int, int]:
    return {account: uncovered(world, account) for account in accounts}


def _cover_or_cancel(world: World, market: Market, before: dict[int, int]) -> None:
    """Who can cover less than before loses what rests here; what is missing then is booked."""
    for account in sorted(before):
        if uncovered(world, account) > before[account]:
            orders = [order for order in market.resting() if order.account == account]
            cancel_all(world, market, orders, x.SHORTFALL)
        tell_hold(world, account, market)
        missing = uncovered(world, account) - before[account]
        if missing > 0:
            booked = x.ShortfallBooked(account=account, market=market.id, amount=missing)
            world.emit(x.Event(shortfall_booked=booked))
