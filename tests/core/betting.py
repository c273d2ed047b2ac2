"""The plain model's bets: markets, orders, matching, and how bets end."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import CLASSIC
from tests.core.model import LARGEST_STAKE, Market, Order, RefusalError, State, commission, profit


class Betting(State):
    """Everything about markets; events are noted as they happen."""

    def __init__(self, *, ended_orders: int) -> None:
        super().__init__()
        self.most_ended = ended_orders
        self.ended: list[int] = []
        self.now = 0
        self.events: list[x.Event] = []

    def _emit(self, event: x.Event) -> None:
        self.events.append(event)

    def _cover(self, account: int) -> None:
        state = self.accounts[account]
        amount = min(state.receivable, state.wallet)
        state.receivable -= amount
        state.wallet -= amount
        self.house += amount
        if amount:
            self._emit(x.Event(shortfall_covered=x.ShortfallCovered(account=account, amount=amount)))

    # ------------------------------------------------------------ markets

    def _open_market(self, terms: x.OpenMarket) -> x.Outcome:
        market = len(self.markets) + 1
        self.markets[market] = Market(terms)
        self._emit(x.Event(market_opened=x.MarketOpened(market=market, terms=terms)))
        return x.Outcome(id=market)

    def _market(self, market: int) -> Market:
        if market not in self.markets:
            raise RefusalError(x.MARKET_UNKNOWN, market)
        if self.markets[market].status in (x.SETTLED, x.VOIDED):
            raise RefusalError(x.MARKET_CLOSED, market)
        return self.markets[market]

    def _check_runner(self, market: Market, runner: int) -> None:
        if runner not in {runner.id for runner in market.terms.runners}:
            raise RefusalError(x.RUNNER_UNKNOWN, runner)
        if runner in market.voided:
            raise RefusalError(x.RUNNER_VOIDED, runner)

    def _suspend(self, body: x.SetSuspension) -> x.Outcome:
        market = self._market(body.market)
        market.status = x.SUSPENDED if body.suspended else x.OPEN
        market.version += 1
        self._emit(x.Event(suspension_set=x.SuspensionSet(market=body.market, suspended=body.suspended)))
        return x.Outcome(id=body.market)

    # ------------------------------------------------------------ orders

    def _check_order(self, account: int, body: x.PlaceOrder) -> Order:
        if not self.accounts[account].verified:
            raise RefusalError(x.ACCOUNT_NOT_VERIFIED, account)
        if self.shortfall(account):
            raise RefusalError(x.ACCOUNT_BLOCKED, 0, self.shortfall(account))
        market = self._market(body.market)
        if market.status == x.SUSPENDED:
            raise RefusalError(x.MARKET_SUSPENDED, body.market)
        self._check_runner(market, body.runner)
        if body.side not in (x.SIDE_BACK, x.SIDE_LAY):
            raise RefusalError(x.SIDE_INVALID, body.side)
        if body.price >= len(CLASSIC):
            raise RefusalError(x.PRICE_INVALID, body.price, len(CLASSIC) - 1)
        if body.size < market.terms.minimum_stake:
            raise RefusalError(x.SIZE_INVALID, body.size, market.terms.minimum_stake)
        if body.size % 100:
            raise RefusalError(x.SIZE_INVALID, body.size, 100)
        if body.size > LARGEST_STAKE:
            raise RefusalError(x.SIZE_INVALID, body.size, LARGEST_STAKE)
        at_work = sum(order.matched + order.remaining for order in self.orders_of(account, body.market))
        if at_work + body.size > LARGEST_STAKE:
            raise RefusalError(x.CAPACITY_REACHED, at_work + body.size, LARGEST_STAKE)
        number = self.last_order + 1
        order = Order(number, account, body.market, body.runner, body.side, body.price, body.size, self.now, body.size)
        needed = self.hold(account, body.market, [order]) - self.hold(account, body.market)
        if needed > self.available(account):
            raise RefusalError(x.INSUFFICIENT_FUNDS, needed, self.available(account))
        return order

    def _place(self, account: int, body: x.PlaceOrder) -> x.Outcome:
        order = self._check_order(account, body)
        before = self.hold(account, body.market)
        self.last_order = order.id
        self.orders[order.id] = order
        self._emit(
            x.Event(
                order_accepted=x.OrderAccepted(
                    order=order.id,
                    account=account,
                    market=order.market,
                    runner=order.runner,
                    side=order.side,
                    price=order.tick,
                    size=order.size,
                )
            )
        )
        met_own = self._match(order)
        cancelled = order.remaining if met_own else 0
        if cancelled:
            self._take_off(order, cancelled, x.OWN_ORDER)
        self._hold_changed(account, order.market, before)
        self.markets[order.market].version += 1
        return x.Outcome(
            id=order.id,
            matched=order.matched,
            matched_payout=order.payout,
            remaining=order.remaining,
            cancelled=cancelled,
        )

    def _match(self, order: Order) -> bool:
        other = x.SIDE_LAY if order.side == x.SIDE_BACK else x.SIDE_BACK
        for resting in self.resting(order.market, order.runner, other):
            within = resting.tick >= order.tick if order.side == x.SIDE_BACK else resting.tick <= order.tick
            if not order.remaining or not within:
                return False
            if resting.account == order.account:
                return True
            self._fill(order, resting)
        return False

    def _fill(self, order: Order, resting: Order) -> None:
        size = min(order.remaining, resting.remaining)
        before = self.hold(resting.account, resting.market)
        for filled in (order, resting):
            filled.remaining -= size
            filled.matched += size
            filled.payout += size * CLASSIC[resting.tick] // 100
        market = self.markets[order.market]
        traded = market.traded.setdefault(order.runner, {})
        traded[resting.tick] = traded.get(resting.tick, 0) + size
        market.last[order.runner] = resting.tick
        self._emit(
            x.Event(
                matched=x.Matched(
                    market=order.market,
                    runner=order.runner,
                    price=resting.tick,
                    size=size,
                    resting_order=resting.id,
                    resting_account=resting.account,
                    incoming_order=order.id,
                    incoming_account=order.account,
                    incoming_side=order.side,
                )
            )
        )
        self._hold_changed(resting.account, resting.market, before)

    def _cancel(self, account: int, body: x.CancelOrder) -> x.Outcome:
        market = self._market(body.market)
        order = self.orders.get(body.order)
        if order is None or (order.account, order.market) != (account, body.market):
            raise RefusalError(x.ORDER_UNKNOWN, body.order)
        if body.reduction < 0:
            raise RefusalError(x.SIZE_INVALID, body.reduction, 0)
        if body.reduction % 100:
            raise RefusalError(x.SIZE_INVALID, body.reduction, 100)
        if not order.remaining:
            raise RefusalError(x.ORDER_COMPLETE, body.order)
        before = self.hold(account, body.market)
        cancelled = min(body.reduction or order.remaining, order.remaining)
        self._take_off(order, cancelled, x.REQUESTED)
        self._hold_changed(account, body.market, before)
        market.version += 1
        return x.Outcome(id=order.id, cancelled=cancelled, remaining=order.remaining)

    def _take_off(self, order: Order, size: int, reason: x.CancelReason.ValueType) -> None:
        order.remaining -= size
        order.cancelled += size
        self._emit(
            x.Event(
                order_cancelled=x.OrderCancelled(
                    order=order.id, account=order.account, market=order.market, size=size, reason=reason
                )
            )
        )
        if order.cancelled == order.size:
            self.ended.append(order.id)
            if len(self.ended) > self.most_ended:
                del self.orders[self.ended.pop(0)]

    def _hold_changed(self, account: int, market: int, before: int, after: int | None = None) -> None:
        now = self.hold(account, market) if after is None else after
        if now != before:
            change = x.HoldChanged(account=account, market=market, before=before, after=now)
            self._emit(x.Event(hold_changed=change))

    # ------------------------------------------------------------ the end of bets

    def _void_runner(self, body: x.VoidRunner) -> x.Outcome:
        market = self._market(body.market)
        self._check_runner(market, body.runner)
        before = {account: self.hold(account, body.market) for account in self.accounts}
        uncovered = {account: self.uncovered(account) for account in self.accounts}
        self._emit(x.Event(runner_voided=x.RunnerVoided(market=body.market, runner=body.runner)))
        for order in self.orders_in(body.market):
            if order.runner == body.runner and order.remaining:
                self._take_off(order, order.remaining, x.RUNNER_GONE)
        market.voided.add(body.runner)
        market.version += 1
        for order in self.orders_in(body.market):
            if order.runner == body.runner:
                order.voided, order.matched, order.payout = order.matched, 0, 0
        for account in self.accounts:
            if self.uncovered(account) > uncovered[account]:
                for order in self.orders_of(account, body.market):
                    if order.remaining:
                        self._take_off(order, order.remaining, x.SHORTFALL)
            self._hold_changed(account, body.market, before[account])
            missing = self.uncovered(account) - uncovered[account]
            if missing > 0:
                booked = x.ShortfallBooked(account=account, market=body.market, amount=missing)
                self._emit(x.Event(shortfall_booked=booked))
        return x.Outcome(id=body.market)

    def _settle(self, body: x.SettleMarket) -> x.Outcome:
        market = self._market(body.market)
        for winner in body.winners:
            self._check_runner(market, winner)
        named = len(body.winners) if len(body.winners) != market.winners else len(set(body.winners))
        if named != market.winners:
            raise RefusalError(x.WINNERS_INVALID, named, market.winners)
        settled = x.MarketSettled(market=body.market, winners=body.winners, source=body.source)
        self._emit(x.Event(market_settled=settled))
        market.won = set(body.winners)
        self._end(body.market, x.SETTLED)
        return x.Outcome(id=body.market)

    def _void_market(self, body: x.VoidMarket) -> x.Outcome:
        self._market(body.market)
        self._emit(x.Event(market_voided=x.MarketVoided(market=body.market, reason=body.reason)))
        self._end(body.market, x.VOIDED)
        return x.Outcome(id=body.market)

    def _end(self, number: int, status: x.MarketStatus.ValueType) -> None:
        market = self.markets[number]
        before = {account: self.hold(account, number) for account in self.accounts}
        results: dict[int, int] = {}
        for order in self.orders_in(number):
            if order.matched or order.voided:
                result = profit(order, order.runner in market.won) if status == x.SETTLED else 0
                results[order.account] = results.get(order.account, 0) + result
        for order in self.orders_in(number):
            if order.remaining:
                lapsed = x.OrderCancelled(
                    order=order.id, account=order.account, market=number, size=order.remaining, reason=x.MARKET_ENDED
                )
                self._emit(x.Event(order_cancelled=lapsed))
        self.orders = {key: order for key, order in self.orders.items() if order.market != number}
        self.ended = [order for order in self.ended if order in self.orders]
        market.status = status
        market.version += 1
        for account in self.accounts:
            self._hold_changed(account, number, before[account], after=0)
            if account in results:
                self._book(account, number, results[account], market.terms.commission_bp)

    def _book(self, account: int, market: int, result: int, basis_points: int) -> None:
        state, charge = self.accounts[account], commission(result, basis_points)
        net = result - charge
        fronted = max(0, -net - state.wallet)
        state.wallet += net + fronted
        state.receivable += fronted
        self.house -= fronted
        self.commission += charge
        settled = x.AccountSettled(
            account=account, market=market, profit=result, commission=charge, balance=state.wallet
        )
        self._emit(x.Event(account_settled=settled))
        if fronted:
            booked = x.ShortfallBooked(account=account, market=market, amount=fronted, settled=True)
            self._emit(x.Event(shortfall_booked=booked))
        self._cover(account)
