"""The core beside the plain model, under random commands: every outcome, event, balance and book agrees."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.contract.exchange.v1 import exchange_pb2 as x
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
        return len(self.pair.model.markets)

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
        rest = self.pair.model.available(account) // 100 * 100
        self.send(account, x.Command(withdraw=x.Withdraw(amount=rest)))
        if then >= 1:
            self.void_runner(second)
            self.place(account, first, x.SIDE_BACK, 349, 100)
        if then == 2:
            self.settle(first - 1, True, 333)
            self.deposit_or_withdraw(account, 2_000, True)

    @rule(nth=st.integers(0, 12), stranger=st.booleans(), reduction=st.sampled_from([0, 0, 100, 150, 5_000, -100]))
    def cancel(self, nth: int, stranger: bool, reduction: int) -> None:
        orders = list(self.pair.model.orders.values())[-1 - nth :]
        order, owner = (orders[0].id, orders[0].account) if orders else (nth, 1)
        body = x.CancelOrder(market=self.market, order=order, reduction=reduction)
        self.send(owner % 4 + 1 if stranger else owner, x.Command(cancel_order=body))

    @rule(account=ACCOUNTS, amount=AMOUNTS, paid_in=st.booleans())
    def deposit_or_withdraw(self, account: int, amount: int, paid_in: bool) -> None:
        deposit, withdrawal = x.Deposit(amount=amount), x.Withdraw(amount=amount)
        self.send(account, x.Command(deposit=deposit) if paid_in else x.Command(withdraw=withdrawal))

    @rule(runner=RUNNERS)
    def void_runner(self, runner: int) -> None:
        self.send(0, x.Command(void_runner=x.VoidRunner(market=self.market, runner=runner)))

    @rule(nth=st.integers(0, 20), exact=st.booleans(), commission_bp=st.sampled_from([0, 333]))
    def settle(self, nth: int, exact: bool, commission_bp: int) -> None:
        market = self.pair.model.markets[self.market]
        count = market.winners if exact else nth % 3
        active = market.active[nth % 4 :] + market.active[: nth % 4]
        body = x.SettleMarket(market=self.market, winners=active[:count], source="the judge")
        self.send(0, x.Command(settle_market=body))
        self._open_next(commission_bp)

    def _open_next(self, commission_bp: int) -> None:
        if self.pair.model.markets[self.market].status in (x.SETTLED, x.VOIDED):
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
                self.send(0, x.Command(activate_rules=x.ActivateRules(version=self.market % 3)))
            case _:
                self.send(0, x.Command(open_account=x.OpenAccount()))
                newest = len(self.pair.model.accounts)
                self.send(newest, x.Command(deposit=x.Deposit(amount=100)))
                self.place(newest, 1, x.SIDE_BACK, 100, 100)

    @invariant()
    def images_agree(self) -> None:
        self.pair.compare_images()


ExchangeBesideModel.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestExchangeBesideModel = ExchangeBesideModel.TestCase
