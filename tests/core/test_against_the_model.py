"""The core beside the plain model, under random commands: every outcome, event, balance and book agrees."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.holds import available
from tests.core.pair import Pair

ACCOUNTS = st.integers(1, 4)
RUNNERS = st.integers(1, 4)
SIDES = st.sampled_from([x.SIDE_BACK, x.SIDE_LAY])
TICKS = st.sampled_from([60, 98, 99, 100, 101, 150])
STAKES = st.sampled_from([100, 300, 1_000, 2_500, 10_000])
AMOUNTS = st.sampled_from([-100, 0, 50, 100, 2_000, 10_000])
DAY_MS = 86_400_000


class ExchangeBesideModel(RuleBasedStateMachine):
    """Few accounts, prices and sizes, so that orders meet, covers break and bounds are reached."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair(keys=60, ended_orders=3)
        self.last: list[x.Command] = []

    @initialize(winners=st.integers(1, 2), wallets=st.lists(st.integers(20, 900), min_size=4, max_size=4))
    def begin(self, winners: int, wallets: list[int]) -> None:
        for wallet in wallets:
            self.pair.open_account(wallet * 100)
        self.pair.open_market(runners=4, winners=winners)

    def send(self, account: int, command: x.Command) -> None:
        self.last = [*self.last[-100:], command]
        self.pair.send(account, command)

    @property
    def market(self) -> int:
        return len(self.pair.model.world.markets)

    def place(self, account: int, runner: int, side: x.Side.ValueType, price: int, size: int) -> None:
        order = x.PlaceOrder(market=self.market, runner=runner, side=side, price=price, size=size)
        self.send(account, x.Command(place_order=order))

    @rule(orders=st.lists(st.tuples(ACCOUNTS, RUNNERS, SIDES, TICKS, STAKES), min_size=1, max_size=6))
    def place_some(self, orders: list[tuple[int, int, x.Side.ValueType, int, int]]) -> None:
        for order in orders:
            self.place(*order)

    @rule(runner=RUNNERS, makers=st.lists(st.tuples(ACCOUNTS, TICKS, STAKES), min_size=1, max_size=5), taker=ACCOUNTS)
    def sweep(self, runner: int, makers: list[tuple[int, int, int]], taker: int) -> None:
        for account, price, size in makers:
            self.place(account, runner, x.SIDE_LAY, price, size)
        self.place(taker, runner, x.SIDE_BACK, 60, 10_000)

    @rule(account=ACCOUNTS, first=RUNNERS, price=TICKS, size=STAKES, then=st.integers(0, 2))
    def lay_two_that_cover_each_other(self, account: int, first: int, price: int, size: int, then: int) -> None:
        other, second = account % 4 + 1, first % 4 + 1
        for runner in (first, second):
            self.place(other, runner, x.SIDE_BACK, price, size)
            self.place(account, runner, x.SIDE_LAY, price, size)
        self.place(account, first, x.SIDE_BACK, 349, 100)
        rest = available(self.pair.model.world, account) // 100 * 100
        self.send(account, x.Command(withdraw=x.Withdraw(amount=rest)))
        if then >= 1:
            self.void_runner(second)
            self.place(account, first, x.SIDE_BACK, 349, 100)
        if then == 2:
            self.settle(first - 1, True, 333)
            self.deposit_or_withdraw(account, 2_000, True)

    @rule(nth=st.integers(0, 12), stranger=st.booleans(), reduction=st.sampled_from([0, 0, 100, 150, 5_000, -100]))
    def cancel(self, nth: int, stranger: bool, reduction: int) -> None:
        order, owner = self.some_order(nth)
        body = x.CancelOrder(market=self.market, order=order, reduction=reduction)
        self.send(owner % 4 + 1 if stranger else owner, x.Command(cancel_order=body))

    def some_order(self, nth: int) -> tuple[int, int]:
        """One of the last orders in open markets, and whose it is; or one that there never was."""
        markets = self.pair.model.world.open
        orders = sorted((order.id, order.account) for market in markets for order in market.orders.values())
        return orders[-1 - nth :][0] if orders else (nth, 1)

    @rule(account=ACCOUNTS, amount=AMOUNTS, paid_in=st.booleans())
    def deposit_or_withdraw(self, account: int, amount: int, paid_in: bool) -> None:
        deposit, withdrawal = x.Deposit(amount=amount), x.Withdraw(amount=amount)
        self.send(account, x.Command(deposit=deposit) if paid_in else x.Command(withdraw=withdrawal))

    @rule(runner=RUNNERS)
    def void_runner(self, runner: int) -> None:
        self.send(0, x.Command(void_runner=x.VoidRunner(market=self.market, runner=runner)))

    @rule(nth=st.integers(0, 20), exact=st.booleans(), commission_bp=st.sampled_from([0, 333]))
    def settle(self, nth: int, exact: bool, commission_bp: int) -> None:
        market = self.pair.model.world.markets[self.market]
        count = market.places if exact else nth % 3
        active = market.active[nth % 4 :] + market.active[: nth % 4]
        body = x.SettleMarket(market=self.market, winners=active[:count], source="the judge")
        self.send(0, x.Command(settle_market=body))
        self._open_next(commission_bp)

    def _open_next(self, commission_bp: int) -> None:
        if self.pair.model.world.markets[self.market].ended:
            self.pair.open_market(runners=4, winners=1 + self.market % 2, commission_bp=commission_bp)

    @precondition(lambda self: self.last)
    @rule(nth=st.integers(0, 100), reused=st.booleans())
    def send_again(self, nth: int, reused: bool) -> None:
        command = x.Command()
        command.CopyFrom(self.last[nth % len(self.last)])
        if reused and command.HasField("place_order"):
            command.place_order.size += 100
        self.pair.send_command(command)

    @rule(milliseconds=st.sampled_from([1, 1_000, DAY_MS, 8 * DAY_MS]))
    def let_time_pass(self, milliseconds: int) -> None:
        self.pair.now += milliseconds

    @rule(what=st.sampled_from(["suspend", "resume", "resume", "void", "rules", "mine", "unverified"]))
    def rare(self, what: str) -> None:
        account = 1 if what == "mine" else 0
        match what:
            case "suspend" | "resume" | "mine":
                suspension = x.SetSuspension(market=self.market, suspended=what == "suspend")
                self.send(account, x.Command(set_suspension=suspension))
            case "void":
                self.send(0, x.Command(void_market=x.VoidMarket(market=self.market, reason="abandoned")))
                self._open_next(100)
            case "rules":
                self.send(0, x.Command(activate_rules=x.ActivateRules(version=self.market % 2)))
            case _:
                self.send(0, x.Command(open_account=x.OpenAccount()))
                newest = len(self.pair.model.world.accounts)
                self.send(newest, x.Command(deposit=x.Deposit(amount=100)))
                self.place(newest, 1, x.SIDE_BACK, 100, 100)

    @invariant()
    def images_agree(self) -> None:
        self.pair.compare_images()


class ExchangeUnderRules2(ExchangeBesideModel):
    """The same under rules 2, with markets of every kind, and with what only they know."""

    @initialize(winners=st.integers(1, 2), wallets=st.lists(st.integers(20, 900), min_size=4, max_size=4))
    def begin(self, winners: int, wallets: list[int]) -> None:
        self.pair.send(0, x.Command(activate_rules=x.ActivateRules(version=2)))
        super().begin(winners, wallets)

    @rule(
        ladder=st.sampled_from([x.LADDER_CLASSIC, x.LADDER_FINEST]),
        more=st.builds(
            x.OpenMarket,
            cross_matching=st.booleans(),
            self_match=st.sampled_from(x.SelfMatch.values()),
            in_play_delay_ms=st.sampled_from([0, 1_000]),
            passive_delay=st.booleans(),
            reduction=st.sampled_from(x.Reduction.values()),
        ),
        starting=st.booleans(),
    )
    def open_another(self, ladder: x.Ladder.ValueType, more: x.OpenMarket, starting: bool) -> None:
        terms = x.OpenMarket(ladder=ladder, starting_price=starting and ladder == x.LADDER_CLASSIC)
        terms.MergeFrom(more)
        self.pair.open_market(runners=4, winners=1, commission_bp=500, more=terms)

    @rule(
        terms=st.tuples(ACCOUNTS, RUNNERS, SIDES, TICKS, STAKES),
        kind=st.sampled_from(["persist", "close", "halted", "kill", "immediate", "at close", "limit at close"]),
    )
    def place_otherwise(self, terms: tuple[int, int, x.Side.ValueType, int, int], kind: str) -> None:
        account, runner, side, price, size = terms
        order = x.PlaceOrder(market=self.market, runner=runner, side=side, price=price, size=size)
        match kind:
            case "persist":
                order.persistence = x.PERSISTENCE_PERSIST
            case "close":
                order.persistence = x.PERSISTENCE_MARKET_ON_CLOSE
            case "halted":
                order.persistence = x.PERSISTENCE_GOOD_TILL_HALTED
            case "kill":
                order.time_in_force, order.min_fill = x.TIME_IN_FORCE_FILL_OR_KILL, 100
            case "immediate":
                order.time_in_force = x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL
            case "at close":
                order.type, order.price = x.ORDER_TYPE_MARKET_ON_CLOSE, 0
            case _:
                order.type = x.ORDER_TYPE_LIMIT_ON_CLOSE
        self.send(account, x.Command(place_order=order))

    @rule(nth=st.integers(0, 12), price=TICKS)
    def replace(self, nth: int, price: int) -> None:
        order, owner = self.some_order(nth)
        self.send(owner, x.Command(replace_order=x.ReplaceOrder(market=self.market, order=order, price=price)))

    @rule(
        what=st.sampled_from(["in play", "remove", "void bet", "resettle", "cancel all", "heartbeat"]),
        nth=st.integers(1, 12),
    )
    def what_rules_2_know(self, what: str, nth: int) -> None:
        account, runner = 1 + nth % 4, 1 + nth % 4
        match what:
            case "in play":
                self.send(0, x.Command(turn_in_play=x.TurnInPlay(market=self.market)))
            case "remove":
                removal = x.RemoveRunner(market=self.market, runner=runner, factor_bp=nth * 100)
                self.send(0, x.Command(remove_runner=removal))
            case "void bet":
                self.send(0, x.Command(void_bet=x.VoidBet(market=self.market, trade=nth, reason="error")))
            case "resettle":
                result = x.ResettleMarket(market=max(1, self.market - 1), winners=[runner], source="judge")
                self.send(0, x.Command(resettle_market=result))
            case "cancel all":
                self.send(account, x.Command(cancel_all=x.CancelAll()))
            case _:
                self.send(account, x.Command(heartbeat=x.Heartbeat(timeout_ms=10_000)))


for machine in (ExchangeBesideModel, ExchangeUnderRules2):
    machine.TestCase.settings = settings(
        max_examples=120, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
TestExchangeBesideModel = ExchangeBesideModel.TestCase
TestExchangeUnderRules2 = ExchangeUnderRules2.TestCase
