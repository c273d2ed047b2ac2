"""What the generator sees of the world, and how it picks from it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.state import Account, Market, Order
from tests.core.model.world import World

T = TypeVar("T")
Maker = Callable[["View"], "x.Command | None"]
"""Makes a command of what there is; None if nothing there fits."""

SIZES = (100, 100, 200, 300, 400, 500, 700, 1_000, 1_500, 2_500, 5_000)
AMOUNTS = (100, 2_000, 10_000, 20_000, 50_000, 100_000)
BAD_AMOUNTS = (-100, 0, 1, 50, 150, 10**15, 10**15 + 100)
UNKNOWN = 999_999


class View:
    """The world and a source of chance."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self.random.random() * len(options))]

    def some_of(self, options: Sequence[T], most: int) -> list[T]:
        return self.random.sample(options, min(len(options), self.random.randint(0, most)))

    def below(self, bound: int) -> int:
        return int(self.random.random() * bound)

    # ------------------------------------------------------------ who and where

    def account(self) -> int:
        """Any account, seldom one that is not there."""
        return UNKNOWN if not self.world.accounts or self.chance(0.005) else 1 + self.below(len(self.world.accounts))

    def home_account(self) -> int:
        """Mostly one that is no guest."""
        for _ in range(3):
            account = self.account()
            if account == UNKNOWN or not self.world.accounts[account].guest:
                break
        return account

    def bettor(self, market: Market) -> int:
        """Mostly one that may bet there."""
        good = [account.id for account in self.world.accounts.values() if self._may_bet(account, market)]
        return self.one_of(good) if good and self.chance(0.97) else self.account()

    def _may_bet(self, account: Account, market: Market) -> bool:
        stopped = account.guest is not None and account.guest.stopped
        kept_out = account.excluded or stopped or self.world.now < account.time_out_ms or account.wallet < 1_000
        return account.verified and not kept_out and account.currency == market.terms.currency

    def market(self) -> Market | None:
        """Mostly one that takes orders."""
        if not self.world.open:
            return None
        market = self.one_of(self.world.open)
        good = market.status == x.OPEN and market.active
        return market if good or self.chance(0.2) else self.one_of(self.world.open)

    def market_id(self) -> int:
        """Mostly an open market."""
        if not self.world.open or self.chance(0.01):
            return self.below(len(self.world.markets) + 2)
        return self.one_of(self.world.open).id

    def runner(self, market: Market) -> int:
        if self.chance(0.01):
            return self.below(30)
        good = [runner for runner in market.active if runner not in market.suspended]
        return self.one_of(good if good and not self.chance(0.02) else market.runners)

    def order(self, wanted: Callable[[Order], bool] = lambda order: bool(order.remaining)) -> Order | None:
        """Mostly one that rests."""
        market = self.market()
        if market is None or not market.orders:
            return None
        orders = list(market.orders.values())
        for _ in range(6):
            order = self.one_of(orders)
            if wanted(order):
                break
        return order

    # ------------------------------------------------------------ how much, at what price

    def size(self, market: Market) -> int:
        if self.chance(0.01):
            return self.one_of((-100, 0, 50, 150, 10**12, 10**12 + 100, 10**10 + 100))
        return max(self.one_of(SIZES), market.terms.minimum_stake)

    def amount(self) -> int:
        return self.one_of(BAD_AMOUNTS if self.chance(0.04) else AMOUNTS)

    def tick(self, market: Market) -> int:
        """Around a middle, so that orders meet: as many times the stake as there are runners."""
        last = len(market.prices) - 1
        if self.chance(0.02):
            return self.one_of((0, last, last, last + 1, 2**32 - 1))
        if market.is_line:
            return self.below(last + 1) if last < 20 else last // 2 + self.below(7)
        middle = 100 * max(2, len(market.active)) if market.terms.winners == 1 else 200
        spread = self.one_of((1, 3, 3, 8))
        tick = bisect_left(market.prices, middle) + self.random.randint(-spread, spread)
        return min(max(tick, 0), last)

    def enum(self, good: Sequence[int], most: int) -> int:
        """Mostly a good value, seldom any, a bad one too."""
        return self.one_of(good) if self.chance(0.985) else self.one_of((*range(most + 2), -1))


def operator(**body: object) -> x.Command:
    """A command from the operator."""
    return x.Command(account=0, **body)  # type: ignore[arg-type]


def player(account: int, **body: object) -> x.Command:
    return x.Command(account=account, **body)  # type: ignore[arg-type]
