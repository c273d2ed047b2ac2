"""What must hold of the model's own world after every command: the design's invariants, as far as they are cheap."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.book import queue
from tests.core.model.holds import hold_of, uncovered
from tests.core.model.state import Market, Order
from tests.core.model.world import World


class Invariants:
    """Keeps who has an open shortfall, which the state alone does not tell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.short: set[int] = set()

    def check(self, events: list[x.Event]) -> None:
        """After a command."""
        for event in events:
            if event.HasField("shortfall_booked") and not event.shortfall_booked.settled:
                self.short.add(event.shortfall_booked.account)
        self._check_money()
        self._check_cover()

    def check_all(self) -> None:
        """What takes longer."""
        for market in self.world.open:
            for order in market.orders.values():
                check_parts(order)
            for runner in market.active:
                check_not_crossed(market, runner)
            self._check_holds(market)

    def _check_money(self) -> None:
        """Invariant 1, for every currency."""
        world = self.world
        kept = dict.fromkeys(world.books, 0)
        for account in world.accounts.values():
            kept[account.currency] += account.wallet
            assert account.wallet >= 0, account
            assert not (account.wallet and account.receivable), account
        for waiting in world.withdrawals.values():
            kept[world.accounts[waiting.account].currency] += waiting.amount
        for currency, book in world.books.items():
            rest = book.in_transit + book.commission + book.house + book.rounding
            assert book.deposited - book.withdrawn == kept[currency] + rest, (currency, book)
            assert book.house <= 0, (currency, book)
            assert book.commission >= 0, (currency, book)
            assert book.rounding >= 0, (currency, book)

    def _check_cover(self) -> None:
        """Invariant 2: what is not covered was booked as a shortfall."""
        for account in self.world.accounts:
            if uncovered(self.world, account):
                assert account in self.short, f"account {account} is not covered"
            else:
                self.short.discard(account)

    def _check_holds(self, market: Market) -> None:
        """What was said of holds is what they are, worked out afresh."""
        for account in market.members:
            hold = hold_of(market, market.orders_of(account))
            assert self.world.told_holds.get((account, market.id), 0) == hold, (account, market.id, hold)
            assert market.known_holds.get(account, hold) == hold, (account, market.id, hold)


def check_parts(order: Order) -> None:
    """Invariant 4: the parts of an order add up to it."""
    assert min(order.remaining, order.matched, order.cancelled, order.voided) >= 0, order
    if order.is_back or order.is_limit:
        assert order.matched + order.remaining + order.cancelled + order.voided == order.size, order
    assert order.payout >= order.matched, order


def check_not_crossed(market: Market, runner: int) -> None:
    """Invariant 3: nothing rests that could be matched."""
    backs, lays = queue(market, runner, x.SIDE_BACK), queue(market, runner, x.SIDE_LAY)
    if backs and lays:
        assert backs[0].tick > lays[0].tick, f"market {market.id} is crossed on runner {runner}"
