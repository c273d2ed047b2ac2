"""A core beside the model under rules 2, and short ways to say what is done."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import tick_of
from services.contract.money import parts_of
from tests.core.pair import Pair

SECOND, HOUR, DAY = 1_000, 3_600_000, 86_400_000


def money(amount: str) -> int:
    return parts_of(Decimal(amount))


def tick(price: str) -> int:
    return tick_of(Decimal(price))


class Table(Pair):
    """Accounts 1 to 3 with 1 000.00 each, under rules 2."""

    def __init__(self) -> None:
        super().__init__()
        self.send(0, x.Command(activate_rules=x.ActivateRules(version=2)))
        for _ in range(3):
            self.open_account(money("1000"))

    def market_with(self, *, runners: int = 3, winners: int = 1, commission_bp: int = 0, **terms: object) -> int:
        """Opens a market with terms of rules 2; its id."""
        more = x.OpenMarket(**terms)  # type: ignore[arg-type]
        return self.open_market(runners=runners, winners=winners, commission_bp=commission_bp, more=more)

    def order(self, account: int, side: str, runner: int, price: str, size: str, **more: object) -> x.Outcome:
        """Places an order in market 1; `price` 0: none."""
        order = x.PlaceOrder(market=1, runner=runner, size=money(size), **more)  # type: ignore[arg-type]
        order.side = x.SIDE_BACK if side == "back" else x.SIDE_LAY
        order.price = tick(price) if price != "0" else 0
        return self.send(account, x.Command(place_order=order))

    def bet(self, backer: int, layer: int, runner: int, price: str, size: str) -> None:
        """A matched bet."""
        assert self.order(layer, "lay", runner, price, size).code == x.OK
        assert self.order(backer, "back", runner, price, size).matched == money(size)

    def do(self, account: int = 0, **body: object) -> x.Outcome:
        """Sends any command; the operator's without an account."""
        return self.send(account, x.Command(**body))  # type: ignore[arg-type]

    def settle(self, *winners: int, **more: object) -> x.Outcome:
        result = x.SettleMarket(market=1, winners=winners, source="judge", **more)  # type: ignore[arg-type]
        return self.do(settle_market=result)

    def wait(self, milliseconds: int) -> None:
        """Lets time pass, and a Tick tell it."""
        self.now += milliseconds - 1
        self.do(tick=x.Tick())

    def left(self, account: int) -> list[int]:
        """What is left of the account's resting orders."""
        return [order.remaining for order in self.orders(account) if order.remaining]

    def reasons(self) -> list[str]:
        """Why the last command cancelled orders."""
        cancelled = [event.order_cancelled for event in self.events if event.HasField("order_cancelled")]
        return [x.CancelReason.Name(event.reason) for event in cancelled]

    def balances(self) -> list[str]:
        return [f"{Decimal(self.account(account).balance) / 10_000:.2f}" for account in (1, 2, 3)]


@pytest.fixture
def table() -> Table:
    return Table()
