"""How markets end: results, what they come to for each account, and what a result is changed to later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.accounts import cover
from tests.core.model.book import cancel_account
from tests.core.model.holds import line_bets, tell_hold, uncovered
from tests.core.model.results import Result, check_result
from tests.core.model.state import DAY_MS, Account, Kept, Market, Order, RefusalError
from tests.core.model.usage import Usage
from tests.core.model.world import World

KEPT_MS = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class Booking:
    """What a market comes to for one account."""

    profit: int
    commission: int

    @property
    def net(self) -> int:
        return self.profit - self.commission


def profit(market: Market, orders: Iterable[Order], result: Result | None) -> int:
    """Payouts less stakes, rounded down once; nothing in a voided market."""
    if result is None:
        return 0
    if result.line is not None:
        return sum(line_bets(order, result.line) for order in orders)
    total = 0
    for order in orders:
        backer = order.payout * result.shares.get(order.runner, 0) - order.matched * result.parts
        total += backer if order.is_back else -backer
    return total // result.parts


def booking(market: Market, orders: list[Order], discount: int, result: Result | None) -> Booking:
    """The profit and the commission on it, down to a part in the player's favour."""
    won = profit(market, orders, result)
    return Booking(won, max(0, won) * market.terms.commission_bp * (10_000 - discount) // 10**8)


# ---------------------------------------------------------------- a market ends


def settle(world: World, body: x.SettleMarket) -> x.Outcome:
    market = world.market_not_closed(body.market)
    result = check_result(market, body)
    settled = x.MarketSettled(market=market.id, winners=body.winners, source=body.source, dead_heat=body.dead_heat)
    if body.HasField("line_result"):
        settled.line_result = body.line_result
    world.emit(x.Event(market_settled=settled))
    _end(world, market, result)
    return x.Outcome(id=market.id)


def void_market(world: World, body: x.VoidMarket) -> x.Outcome:
    """Under rules 2 a settled one too, as long as its result is not final."""
    settled = body.market in world.markets and world.markets[body.market].status == x.SETTLED
    if settled and world.rules >= 2:
        market = world.markets[body.market]
        if market.final:
            raise RefusalError(x.RESULT_FINAL, market.id)
        event = x.MarketResettled(market=market.id, source=body.reason, voided=True)
        _change_result(world, market, None, event)
        return x.Outcome(id=market.id)
    market = world.market_not_closed(body.market)
    world.emit(x.Event(market_voided=x.MarketVoided(market=market.id, reason=body.reason)))
    _end(world, market, None)
    return x.Outcome(id=market.id)


def _end(world: World, market: Market, result: Result | None) -> None:
    _lapse(world, market)
    _take_result(market, result)
    world.open.remove(market)
    world.changed.add(market.id)
    by_account = {account: market.orders_of(account) for account in market.accounts()}
    total = 0
    for account, orders in by_account.items():
        tell_hold(world, account, market)
        if any(order.matched or order.voided for order in orders):
            total += _settle_account(world, market, world.accounts[account], orders, result)
    _book_rounding(world, market, -total)
    world.ended = [order for order in world.ended if order.market != market.id]
    market.orders, market.trades, market.members = {}, {}, set()
    _keep(world, market)


def _lapse(world: World, market: Market) -> None:
    """What rests ends with the market."""
    for order in market.resting():
        lapsed = x.OrderCancelled(
            order=order.id,
            account=order.account,
            market=market.id,
            size=order.remaining,
            reason=x.MARKET_ENDED,
        )
        world.emit(x.Event(order_cancelled=lapsed))
        order.cancelled += order.remaining
        order.remaining = 0
        if order.release_ms:
            world.drop_timer("release", market.id, order.id)


def _take_result(market: Market, result: Result | None) -> None:
    market.status = x.VOIDED if result is None else x.SETTLED
    market.won = set(result.shares) if result else set()


def _settle_account(world: World, market: Market, account: Account, orders: list[Order], result: Result | None) -> int:
    booked = booking(market, orders, account.discount, result)
    fronted = _pay(world, account, booked.net, booked.commission)
    settled = x.AccountSettled(
        account=account.id,
        market=market.id,
        profit=booked.profit,
        commission=booked.commission,
        balance=account.wallet,
    )
    world.emit(x.Event(account_settled=settled))
    _tell_fronted(world, market, account, fronted)
    if world.rules >= 2:
        market.kept[account.id] = Kept(orders, account.discount, booked.profit, booked.commission)
    return booked.profit


def _pay(world: World, account: Account, net: int, commission: int) -> int:
    """Moves the wallet; what it cannot pay the house does, and that is answered."""
    book = world.book(account.currency)
    fronted = max(0, -net - account.wallet)
    account.wallet += net + fronted
    account.receivable += fronted
    book.house -= fronted
    book.commission += commission
    Usage.note(account.usage.results, net, world.now)
    if account.guest:
        account.guest.result += net
    return fronted


def _tell_fronted(world: World, market: Market, account: Account, fronted: int) -> None:
    if fronted:
        booked = x.ShortfallBooked(account=account.id, market=market.id, amount=fronted, settled=True)
        world.emit(x.Event(shortfall_booked=booked))
    cover(world, account)


def _book_rounding(world: World, market: Market, amount: int) -> None:
    """What cross-matches and dead heats leave is the house's."""
    if amount:
        world.book(market.terms.currency).rounding += amount
        world.emit(x.Event(rounding_booked=x.RoundingBooked(market=market.id, amount=amount)))


# ---------------------------------------------------------------- results are kept for a while


def _keep(world: World, market: Market) -> None:
    """For seven days, or until too many are kept."""
    if world.rules == 1:
        market.final = True
        return
    world.not_final.append(market)
    world.set_timer(world.now + KEPT_MS, "final", market.id)
    while sum(len(kept.kept) for kept in world.not_final) > world.limits["kept_results"]:
        make_final(world, world.not_final[0].id)


def make_final(world: World, number: int) -> None:
    market = world.markets[number]
    market.final = True
    market.kept = {}
    world.not_final.remove(market)
    world.drop_timer("final", number)
    world.emit(x.Event(market_final=x.MarketFinal(market=number)))


def resettle(world: World, body: x.ResettleMarket) -> x.Outcome:
    if body.market not in world.markets:
        raise RefusalError(x.MARKET_UNKNOWN, body.market)
    market = world.markets[body.market]
    if not market.ended:
        raise RefusalError(x.NOT_SETTLED, market.id)
    if market.final:
        raise RefusalError(x.RESULT_FINAL, market.id)
    result = check_result(market, body)
    event = x.MarketResettled(market=market.id, winners=body.winners, source=body.source, dead_heat=body.dead_heat)
    if body.HasField("line_result"):
        event.line_result = body.line_result
    _change_result(world, market, result, event)
    return x.Outcome(id=market.id)


def _change_result(world: World, market: Market, result: Result | None, event: x.MarketResettled) -> None:
    world.emit(x.Event(market_resettled=event))
    _take_result(market, result)
    world.changed.add(market.id)
    difference = 0
    for account, kept in sorted(market.kept.items()):
        booked = booking(market, kept.orders, kept.discount, result)
        if (booked.profit, booked.commission) != (kept.profit, kept.commission):
            difference += booked.profit - kept.profit
            _resettle_account(world, market, world.accounts[account], kept, booked)
    _book_rounding(world, market, -difference)


def _resettle_account(world: World, market: Market, account: Account, kept: Kept, booked: Booking) -> None:
    """What was booked is reversed, and what is right is booked."""
    before = uncovered(world, account.id)
    net = booked.net - (kept.profit - kept.commission)
    fronted = _pay(world, account, net, booked.commission - kept.commission)
    resettled = x.AccountResettled(
        account=account.id,
        market=market.id,
        profit_before=kept.profit,
        commission_before=kept.commission,
        profit=booked.profit,
        commission=booked.commission,
        balance=account.wallet,
    )
    world.emit(x.Event(account_resettled=resettled))
    kept.profit, kept.commission = booked.profit, booked.commission
    _tell_fronted(world, market, account, fronted)
    if uncovered(world, account.id) > before:
        cancel_account(world, account.id, x.SHORTFALL)
    missing = uncovered(world, account.id) - before
    if missing > 0:
        short = x.ShortfallBooked(account=account.id, market=market.id, amount=missing)
        world.emit(x.Event(shortfall_booked=short))
