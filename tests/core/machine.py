"""The plain model's transitions: a command in, an outcome and events out."""

from __future__ import annotations

from collections.abc import Callable

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.keys import time_ms_of
from services.contract.ladder import CLASSIC
from tests.core.model import (
    FUTURE_MS,
    LARGEST_AMOUNT,
    LARGEST_STAKE,
    NEWEST_RULES,
    WINDOW_MS,
    Account,
    Images,
    Market,
    Order,
    RefusalError,
    State,
    commission,
    profit,
)

PLAYERS = {"deposit", "withdraw", "place_order", "cancel_order"}


class Model(State):
    """The whole exchange."""

    def __init__(self, *, keys: int, ended_orders: int) -> None:
        super().__init__()
        self.images = Images(self)
        self.most_keys, self.most_ended = keys, ended_orders
        self.keys: dict[tuple[int, bytes], tuple[int, bytes, x.Outcome]] = {}
        self.windows: dict[int, int] = {}
        self.ended: list[int] = []
        self.now = self.commands = 0
        self.events: list[x.Event] = []

    def apply(self, now: int, command: x.Command) -> tuple[x.Outcome, list[x.Event]]:
        self.now, self.events, self.commands = now, [], self.commands + 1
        try:
            remembered = self._admit(command)
        except RefusalError as refusal:
            return self._refused(command.account, refusal), self.events
        if remembered is not None:
            repeated = x.Outcome(repeated=True)
            repeated.MergeFrom(remembered)
            return repeated, []
        try:
            outcome = self._dispatch(command)
            outcome.code = x.OK
            self._add_balance(command.account, outcome)
        except RefusalError as refusal:
            outcome = self._refused(command.account, refusal)
        self._remember(command, outcome)
        return outcome, self.events

    # ------------------------------------------------------------ keys

    def _admit(self, command: x.Command) -> x.Outcome | None:
        key = command.key
        if len(key) != 16:
            raise RefusalError(x.KEY_INVALID, len(key), 16)
        if key[6] >> 4 != 7:
            raise RefusalError(x.KEY_INVALID, key[6] >> 4, 7)
        if key[8] >> 6 != 2:
            raise RefusalError(x.KEY_INVALID, key[8] >> 6, 2)
        if command.WhichOneof("body") is None:
            raise RefusalError(x.MALFORMED)
        time_ms = time_ms_of(key)
        if time_ms > self.now + FUTURE_MS:
            raise RefusalError(x.KEY_INVALID, time_ms, self.now + FUTURE_MS)
        if command.account != 0 and command.account not in self.accounts:
            raise RefusalError(x.ACCOUNT_UNKNOWN, command.account)
        window = max(self.now - WINDOW_MS, self.windows.get(command.account, 0))
        if time_ms < window:
            raise RefusalError(x.KEY_TOO_OLD, time_ms, window)
        if (command.account, key) not in self.keys:
            return None
        _, payload, outcome = self.keys[command.account, key]
        if payload != self._payload(command):
            raise RefusalError(x.KEY_REUSED)
        return outcome

    @staticmethod
    def _payload(command: x.Command) -> bytes:
        body = x.Command()
        body.CopyFrom(command)
        body.ClearField("key")
        return body.SerializeToString(deterministic=True)

    def _remember(self, command: x.Command, outcome: x.Outcome) -> None:
        self.keys = {key: kept for key, kept in self.keys.items() if kept[0] + WINDOW_MS + FUTURE_MS >= self.now}
        if len(self.keys) == self.most_keys:
            account, key = next(iter(self.keys))
            del self.keys[account, key]
            self.windows[account] = max(self.windows.get(account, 0), time_ms_of(key) + 1)
        self.keys[command.account, command.key] = (self.now, self._payload(command), outcome)

    # ------------------------------------------------------------ answers

    def _refused(self, account: int, refusal: RefusalError) -> x.Outcome:
        code, given, bound = refusal.code, refusal.given, refusal.bound
        self.events = [x.Event(refused=x.Refused(account=account, code=code, given=given, bound=bound))]
        outcome = x.Outcome(code=code, given=given, bound=bound)
        self._add_balance(account, outcome)
        return outcome

    def _add_balance(self, account: int, outcome: x.Outcome) -> None:
        if account in self.accounts:
            outcome.balance, outcome.available = self.accounts[account].wallet, self.available(account)

    def _emit(self, event: x.Event) -> None:
        self.events.append(event)

    def _dispatch(self, command: x.Command) -> x.Outcome:
        body = command.WhichOneof("body")
        assert body is not None
        if (body in PLAYERS) != (command.account != 0):
            raise RefusalError(x.MALFORMED)
        handlers: dict[str, Callable[[], x.Outcome]] = {
            "open_account": self._open_account,
            "verify_account": lambda: self._verify(command.verify_account.account),
            "deposit": lambda: self._deposit(command.account, command.deposit.amount),
            "withdraw": lambda: self._withdraw(command.account, command.withdraw.amount),
            "open_market": lambda: self._open_market(command.open_market),
            "set_suspension": lambda: self._suspend(command.set_suspension),
            "place_order": lambda: self._place(command.account, command.place_order),
            "cancel_order": lambda: self._cancel(command.account, command.cancel_order),
            "void_runner": lambda: self._void_runner(command.void_runner),
            "settle_market": lambda: self._settle(command.settle_market),
            "void_market": lambda: self._void_market(command.void_market),
            "activate_rules": lambda: self._activate(command.activate_rules.version),
        }
        return handlers[body]()

    # ------------------------------------------------------------ accounts

    def _open_account(self) -> x.Outcome:
        account = len(self.accounts) + 1
        self.accounts[account] = Account()
        self._emit(x.Event(account_opened=x.AccountOpened(account=account)))
        return x.Outcome(id=account)

    def _verify(self, account: int) -> x.Outcome:
        if account not in self.accounts:
            raise RefusalError(x.ACCOUNT_UNKNOWN, account)
        if self.accounts[account].verified:
            raise RefusalError(x.ACCOUNT_ALREADY_VERIFIED, account)
        self.accounts[account].verified = True
        self._emit(x.Event(account_verified=x.AccountVerified(account=account)))
        return x.Outcome(id=account)

    def _check_money(self, account: int, amount: int) -> None:
        if not self.accounts[account].verified:
            raise RefusalError(x.ACCOUNT_NOT_VERIFIED, account)
        if amount < 100 or amount % 100:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, 100)
        if amount > LARGEST_AMOUNT:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, LARGEST_AMOUNT)

    def _deposit(self, account: int, amount: int) -> x.Outcome:
        self._check_money(account, amount)
        state = self.accounts[account]
        if state.wallet + amount > LARGEST_AMOUNT:
            raise RefusalError(x.AMOUNT_OUT_OF_RANGE, amount, LARGEST_AMOUNT)
        state.wallet += amount
        self.deposited += amount
        self._emit(x.Event(deposited=x.Deposited(account=account, amount=amount, balance=state.wallet)))
        self._cover(account)
        return x.Outcome(id=account)

    def _cover(self, account: int) -> None:
        state = self.accounts[account]
        amount = min(state.receivable, state.wallet)
        state.receivable -= amount
        state.wallet -= amount
        self.house += amount
        if amount:
            self._emit(x.Event(shortfall_covered=x.ShortfallCovered(account=account, amount=amount)))

    def _withdraw(self, account: int, amount: int) -> x.Outcome:
        self._check_money(account, amount)
        available = self.available(account)
        if amount > available:
            raise RefusalError(x.INSUFFICIENT_FUNDS, amount, available)
        self.accounts[account].wallet -= amount
        self.withdrawn += amount
        balance = self.accounts[account].wallet
        self._emit(x.Event(withdrawn=x.Withdrawn(account=account, amount=amount, balance=balance)))
        return x.Outcome(id=account)

    def _activate(self, version: int) -> x.Outcome:
        if version != NEWEST_RULES:
            raise RefusalError(x.RULES_UNKNOWN, version, NEWEST_RULES)
        self._emit(x.Event(rules_activated=x.RulesActivated(version=version)))
        return x.Outcome(id=version)

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
