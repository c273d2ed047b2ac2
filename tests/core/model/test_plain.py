"""The plain model by itself: the recorded log of rules 1, and examples of rules 2 that were worked by hand."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import CLASSIC
from tests.core.differ.cores import apply_bytes
from tests.core.model.machine import Model

LOG = Path(__file__).parent.parent / "logs" / "rules-1.jsonl"
START_MS = 1_800_000_000_000
EVENS, THREE, FOUR = 99, 149, 169
BACK, LAY = x.SIDE_BACK, x.SIDE_LAY


class Table:
    """A model under rules 2 with five accounts of 100.00 each, spoken to in short."""

    def __init__(self) -> None:
        self.model = Model()
        self.now = START_MS
        self.events: list[x.Event] = []
        self.send(0, activate_rules=x.ActivateRules(version=2))
        for account in range(1, 6):
            self.send(0, open_account=x.OpenAccount())
            self.send(0, verify_account=x.VerifyAccount(account=account))
            self.send(account, deposit=x.Deposit(amount=1_000_000))

    def send(self, account: int, **body: object) -> x.Outcome:
        self.now += 1
        key = (self.now << 80 | 7 << 76 | 2 << 62).to_bytes(16, "big")
        outcome, self.events = self.model.apply(self.now, x.Command(key=key, account=account, **body))  # type: ignore[arg-type]
        return outcome

    def open(self, runners: int = 3, **terms: object) -> None:
        ids = [x.Runner(id=number) for number in range(1, runners + 1)]
        terms = {"winners": 1, "minimum_stake": 100} | terms
        assert self.send(0, open_market=x.OpenMarket(runners=ids, **terms)).code == x.OK  # type: ignore[arg-type]

    def order(self, account: int, side: int, price: int, size: int, runner: int = 1, **more: object) -> x.Outcome:
        body = x.PlaceOrder(market=1, runner=runner, price=price, size=size, **more)  # type: ignore[arg-type]
        body.side = x.Side.ValueType(side)
        return self.send(account, place_order=body)

    def kinds(self) -> list[str | None]:
        return [event.WhichOneof("body") for event in self.events]

    def fills(self) -> list[tuple[int, int, int, int]]:
        """Runner, tick, size and payout."""
        matched = (event.matched for event in self.events if event.HasField("matched"))
        return [(fill.runner, fill.price, fill.size, fill.payout) for fill in matched]


@pytest.fixture
def table() -> Table:
    return Table()


def test_the_recorded_log_of_rules_1_comes_out_the_same() -> None:
    head, *lines = [json.loads(line) for line in LOG.read_text().splitlines()]
    model = Model(head["limits"])
    for time_ms, command, outcome, events in lines:
        said, happened = apply_bytes(model, time_ms, base64.b64decode(command))
        assert said == x.Outcome.FromString(base64.b64decode(outcome))
        assert happened == [x.Event.FromString(base64.b64decode(event)) for event in events]


def test_a_back_crosses_backs_on_every_other_runner(table: Table) -> None:
    table.open(cross_matching=True)
    table.order(1, BACK, FOUR, 1_000, runner=2)
    table.order(2, BACK, FOUR, 1_000, runner=3)
    outcome = table.order(3, BACK, 0, 5_000)
    assert table.fills() == [(2, FOUR, 1_000, 4_000), (3, FOUR, 1_000, 4_000), (1, EVENS, 2_000, 4_000)]
    assert (outcome.matched, outcome.matched_payout, outcome.remaining) == (2_000, 4_000, 3_000)
    table.send(0, settle_market=x.SettleMarket(market=1, winners=[2]))
    assert "rounding_booked" not in table.kinds(), "at these prices nothing is rounded"


def test_the_limit_of_fill_or_kill_bounds_the_average(table: Table) -> None:
    table.open()
    table.order(1, LAY, THREE, 1_000)
    table.order(2, LAY, EVENS - 20, 5_000)
    outcome = table.order(3, BACK, EVENS + 10, 9_000, time_in_force=1, min_fill=100)
    assert table.fills()[0] == (1, THREE, 1_000, 3_000)
    stake, payout = outcome.matched, outcome.matched_payout
    assert payout * 100 >= stake * 220, "2.20 on average"
    assert (payout + 180) * 100 < (stake + 100) * 220, "a penny more would be too much"
    assert outcome.cancelled == 9_000 - stake


def test_two_in_a_dead_heat_share_one_place(table: Table) -> None:
    table.open(commission_bp=0)
    table.order(1, BACK, THREE, 1_000)
    table.order(2, LAY, THREE, 1_000)
    table.send(0, settle_market=x.SettleMarket(market=1, dead_heat=[1, 2]))
    profits = [event.account_settled.profit for event in table.events if event.HasField("account_settled")]
    assert profits == [500, -500], "half of 30.00 less the stake of 10.00"


def test_the_starting_price_is_where_most_is_matched(table: Table) -> None:
    table.open(starting_price=True)
    table.order(1, BACK, 0, 1_000, type=x.ORDER_TYPE_MARKET_ON_CLOSE)
    table.order(2, LAY, THREE, 3_000, type=x.ORDER_TYPE_LIMIT_ON_CLOSE)
    table.send(0, turn_in_play=x.TurnInPlay(market=1))
    (price,) = [event.starting_price for event in table.events if event.HasField("starting_price")]
    # A liability of 0.30 is a stake of 0.15 in whole pennies from 3.00 down to 2.88, and more below that.
    assert (CLASSIC[price.price], price.size) == (288, 1_000)
    image = table.model.images.orders(2, 1).orders[0]
    assert (image.matched, image.matched_payout, image.remaining, image.cancelled) == (1_000, 2_880, 0, 1_120)


def test_a_removed_favourite_reduces_what_was_matched_and_takes_the_lays_away(table: Table) -> None:
    table.open(reduction=x.REDUCTION_WIN)
    table.order(1, BACK, FOUR, 1_000)
    table.order(2, LAY, FOUR, 1_000)
    table.order(3, LAY, EVENS, 500, runner=2)
    table.send(0, remove_runner=x.RemoveRunner(market=1, runner=3, factor_bp=2_500))
    assert table.kinds() == [
        "runner_removed",
        "order_cancelled",
        "order_reduced",
        "order_reduced",
        *["hold_changed"] * 2,
    ]
    assert [order.matched_payout for order in table.model.images.orders(1, 1).orders] == [3_000]


def test_a_back_on_a_line_wins_at_or_below_its_position(table: Table) -> None:
    table.open(1, ladder=x.LADDER_LINE_RANGE, positions=10)
    table.order(1, BACK, 4, 1_000)
    table.order(2, LAY, 4, 1_000)
    table.send(0, settle_market=x.SettleMarket(market=1, line_result=4))
    assert table.model.images.account(1).balance == 1_001_000
    table.send(0, resettle_market=x.ResettleMarket(market=1, line_result=5))
    assert table.model.images.account(1).balance == 999_000


def test_a_limit_is_lowered_at_once_and_raised_after_a_day(table: Table) -> None:
    table.open()
    table.send(1, set_limit=x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_DAY, amount=1_000))
    refused = table.order(1, BACK, EVENS, 1_100)
    assert (refused.code, refused.given, refused.bound) == (x.LOSS_LIMIT_EXCEEDED, 1_100, 1_000)
    table.send(1, set_limit=x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_DAY, amount=2_000))
    table.now += 86_400_000 - 2
    assert table.order(1, BACK, EVENS, 1_100).code == x.LOSS_LIMIT_EXCEEDED
    table.order(1, BACK, EVENS, 1_100)
    assert table.kinds()[:2] == ["limit_in_force", "order_accepted"]
