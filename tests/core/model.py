"""The exchange's rules again, slow and plain: lists and dicts, everything recomputed, winners enumerated.

It shares no code with the core and predicts every outcome, event and image. Where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import CLASSIC

WINDOW_MS = 7 * 86_400_000
FUTURE_MS = 300_000
LARGEST_AMOUNT = 10**15
LARGEST_STAKE = 10**12
NEWEST_RULES = 1


class RefusalError(Exception):
    """The command is refused: code, the value given, the bound that it broke."""

    def __init__(self, code: x.Code.ValueType, given: int = 0, bound: int = 0) -> None:
        super().__init__(x.Code.Name(code), given, bound)
        self.code, self.given, self.bound = code, given, bound


@dataclass
class Order:
    """An order; size = matched + remaining + cancelled + voided."""

    id: int
    account: int
    market: int
    runner: int
    side: x.Side.ValueType
    tick: int
    size: int
    placed_ms: int
    remaining: int
    matched: int = 0
    payout: int = 0
    cancelled: int = 0
    voided: int = 0


@dataclass
class Market:
    """A market and, by runner, the stake traded at each tick and the tick of the last fill."""

    terms: x.OpenMarket
    status: x.MarketStatus.ValueType = x.OPEN
    version: int = 1
    voided: set[int] = field(default_factory=set)
    won: set[int] = field(default_factory=set)
    traded: dict[int, dict[int, int]] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)

    @property
    def active(self) -> list[int]:
        return [runner.id for runner in self.terms.runners if runner.id not in self.voided]

    @property
    def winners(self) -> int:
        return min(self.terms.winners, len(self.active))


@dataclass
class Account:
    """A wallet; holds are never stored."""

    verified: bool = False
    wallet: int = 0
    receivable: int = 0


def profit(order: Order, won: bool) -> int:
    """What the matched part of an order brings its owner."""
    backer = order.payout - order.matched if won else -order.matched
    return backer if order.side == x.SIDE_BACK else -backer


def worst_open(order: Order, won: bool) -> int:
    """The least that the resting part brings: nothing, or its loss at its limit."""
    if order.side == x.SIDE_BACK:
        return 0 if won else -order.remaining
    return -(order.remaining * CLASSIC[order.tick] // 100 - order.remaining) if won else 0


def commission(profit: int, basis_points: int) -> int:
    """Down to a part, in the player's favour."""
    return max(0, profit) * basis_points // 10_000


class State:
    """What there is, and what follows from it."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.markets: dict[int, Market] = {}
        self.orders: dict[int, Order] = {}
        self.last_order = 0
        self.house = self.commission = self.deposited = self.withdrawn = 0

    def orders_of(self, account: int, market: int) -> list[Order]:
        return [order for order in self.orders.values() if (order.account, order.market) == (account, market)]

    def orders_in(self, market: int) -> list[Order]:
        return [order for order in self.orders.values() if order.market == market]

    def hold(self, account: int, market: int, more: Iterable[Order] = ()) -> int:
        """The most that can be lost, over every set of winners and every way in which resting orders may match."""
        state = self.markets[market]
        orders = [*self.orders_of(account, market), *more]
        of = {runner: [order for order in orders if order.runner == runner] for runner in state.active}

        def result(winners: tuple[int, ...]) -> int:
            return sum(
                profit(order, runner in winners) + worst_open(order, runner in winners)
                for runner, theirs in of.items()
                for order in theirs
            )

        return max(0, -min(result(winners) for winners in combinations(state.active, state.winners)))

    def holds(self, account: int) -> dict[int, int]:
        open_markets = (market for market, state in self.markets.items() if state.status in (x.OPEN, x.SUSPENDED))
        return {market: self.hold(account, market) for market in open_markets}

    def available(self, account: int) -> int:
        return self.accounts[account].wallet - sum(self.holds(account).values())

    def uncovered(self, account: int) -> int:
        return max(0, -self.available(account))

    def shortfall(self, account: int) -> int:
        return self.accounts[account].receivable + self.uncovered(account)

    def resting(self, market: int, runner: int, side: x.Side.ValueType) -> list[Order]:
        """In the order in which they are matched: best price, then oldest."""
        orders = [order for order in self.orders_in(market) if (order.runner, order.side) == (runner, side)]
        sign = 1 if side == x.SIDE_BACK else -1
        return sorted((order for order in orders if order.remaining), key=lambda order: (sign * order.tick, order.id))


class Images:
    """What the core should answer to reads."""

    def __init__(self, state: State) -> None:
        self.state = state

    def account(self, account: int) -> x.AccountImage:
        state, holds = self.state.accounts[account], self.state.holds(account)
        held = sum(holds.values())
        return x.AccountImage(
            account=account,
            verified=state.verified,
            balance=state.wallet,
            held=held,
            available=state.wallet - held,
            receivable=state.receivable,
            blocked=self.state.shortfall(account) > 0,
            holds=[x.MarketHold(market=market, hold=hold) for market, hold in holds.items() if hold],
        )

    def orders(self, account: int, market: int) -> x.OrderImages:
        return x.OrderImages(
            orders=[
                x.OrderImage(
                    order=order.id,
                    account=account,
                    market=market,
                    runner=order.runner,
                    side=order.side,
                    price=order.tick,
                    size=order.size,
                    matched=order.matched,
                    matched_payout=order.payout,
                    remaining=order.remaining,
                    cancelled=order.cancelled,
                    voided=order.voided,
                    placed_ms=order.placed_ms,
                )
                for order in self.state.orders_of(account, market)
            ]
        )

    def market(self, market: int) -> x.MarketImage:
        state = self.state.markets[market]
        return x.MarketImage(
            market=market,
            status=state.status,
            winners=state.terms.winners,
            commission_bp=state.terms.commission_bp,
            minimum_stake=state.terms.minimum_stake,
            version=state.version,
            runners=[self._runner(market, state, runner.id) for runner in state.terms.runners],
        )

    def _runner(self, market: int, state: Market, runner: int) -> x.RunnerImage:
        ended = state.status in (x.SETTLED, x.VOIDED)
        traded = {} if ended else state.traded.get(runner, {})
        return x.RunnerImage(
            runner=runner,
            voided=runner in state.voided,
            winner=runner in state.won,
            to_back=self._levels(self.state.resting(market, runner, x.SIDE_LAY)),
            to_lay=self._levels(self.state.resting(market, runner, x.SIDE_BACK)),
            traded=[x.PriceSize(price=tick, size=size) for tick, size in sorted(traded.items())],
            last_price=0 if ended else state.last.get(runner, 0),
        )

    @staticmethod
    def _levels(orders: list[Order]) -> Iterator[x.PriceSize]:
        sizes: dict[int, int] = {}
        for order in orders:
            sizes[order.tick] = sizes.get(order.tick, 0) + order.remaining
        return (x.PriceSize(price=tick, size=size) for tick, size in sizes.items())
