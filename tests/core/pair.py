"""Drives the core, alone or beside the model."""

from __future__ import annotations

from valletta_core import Exchange

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.machine import Model

START_MS = 1_800_000_000_000


def key(number: int, time_ms: int = START_MS) -> bytes:
    """A UUIDv7 of that time; `number` tells it from others."""
    return (time_ms << 80 | 7 << 76 | 2 << 62 | number).to_bytes(16, "big")


class Driver:
    """Sends commands under fresh keys to a core that checks every invariant, if it is not told otherwise."""

    def __init__(self, limits: dict[str, int] | None = None, *, check: bool = True) -> None:
        self.core = Exchange(check=check, limits=limits)
        self.now = START_MS
        self.sent = 0
        self.outcome = x.Outcome()
        self.events: list[x.Event] = []
        self.log: list[tuple[int, bytes]] = []

    def send(self, account: int, command: x.Command) -> x.Outcome:
        """Sends a command for an account under a fresh key, a millisecond after the last."""
        self.sent += 1
        self.now += 1
        command.account, command.key = account, key(self.sent, self.now)
        return self.send_command(command)

    def send_command(self, command: x.Command) -> x.Outcome:
        return self.send_bytes(command.SerializeToString())

    def send_bytes(self, command: bytes) -> x.Outcome:
        ((outcome, events),) = self.core.apply(self.now, [command])
        self.log.append((self.now, command))
        self.outcome, self.events = x.Outcome.FromString(outcome), [x.Event.FromString(event) for event in events]
        return self.outcome

    # ------------------------------------------------------------ shorthand

    def open_account(self, deposit: int = 0) -> int:
        account = self.send(0, x.Command(open_account=x.OpenAccount())).id
        self.send(0, x.Command(verify_account=x.VerifyAccount(account=account)))
        if deposit:
            self.send(account, x.Command(deposit=x.Deposit(amount=deposit)))
        return account

    def open_market(
        self,
        runners: int = 3,
        winners: int = 1,
        commission_bp: int = 500,
        minimum: int = 100,
        more: x.OpenMarket | None = None,
    ) -> int:
        """Opens a market with runners 1, 2, ...; `more` are terms beside these."""
        terms = x.OpenMarket(
            name="Winner",
            event="Race",
            runners=[x.Runner(id=number, name=f"runner {number}") for number in range(1, runners + 1)],
            winners=winners,
            commission_bp=commission_bp,
            minimum_stake=minimum,
        )
        if more is not None:
            terms.MergeFrom(more)
        return self.send(0, x.Command(open_market=terms)).id

    def back(self, account: int, runner: int, price: int, size: int, market: int = 1) -> x.Outcome:
        order = x.PlaceOrder(market=market, runner=runner, side=x.SIDE_BACK, price=price, size=size)
        return self.send(account, x.Command(place_order=order))

    def lay(self, account: int, runner: int, price: int, size: int, market: int = 1) -> x.Outcome:
        order = x.PlaceOrder(market=market, runner=runner, side=x.SIDE_LAY, price=price, size=size)
        return self.send(account, x.Command(place_order=order))

    def cancel(self, account: int, order: int, reduction: int = 0, market: int = 1) -> x.Outcome:
        body = x.CancelOrder(market=market, order=order, reduction=reduction)
        return self.send(account, x.Command(cancel_order=body))

    def account(self, account: int) -> x.AccountImage:
        image = self.core.read_account(account)
        assert image is not None
        return x.AccountImage.FromString(image)

    def market(self, market: int = 1, depth: int = 0) -> x.MarketImage:
        image = self.core.read_market(market, depth)
        assert image is not None
        return x.MarketImage.FromString(image)

    def orders(self, account: int, market: int = 0) -> list[x.OrderImage]:
        image = self.core.read_orders(account, market)
        assert image is not None
        return list(x.OrderImages.FromString(image).orders)

    def kinds(self) -> list[str]:
        """The names of the last command's events."""
        return [event.WhichOneof("body") or "" for event in self.events]


class Pair(Driver):
    """The core beside the model: every outcome, event and image must be the model's."""

    def __init__(self, *, keys: int = 1_000, ended_orders: int = 1_000) -> None:
        limits = {"keys": keys, "ended_orders": ended_orders}
        super().__init__(limits)
        self.model = Model(limits)

    def send_command(self, command: x.Command) -> x.Outcome:
        outcome = super().send_command(command)
        expected, events = self.model.apply(self.now, command)
        assert outcome == expected, f"{command}\ncore: {outcome}\nmodel: {expected}"
        assert self.events == events, f"{command}\ncore: {self.events}\nmodel: {events}"
        return outcome

    def compare_images(self) -> None:
        world = self.model.world
        for account in world.accounts:
            assert self.account(account) == self.model.images.account(account)
            for market in world.markets:
                assert self.orders(account, market) == list(self.model.images.orders(account, market).orders)
        for market in world.markets:
            assert self.market(market) == self.model.images.market(market)
        assert self.core.totals() == self.model.totals()
