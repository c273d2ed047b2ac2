"""Worked examples: holds, price improvement, price then time, own orders, voids, settlement, commission."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import tick_of
from services.contract.money import parts_of
from tests.core.pair import Driver, Pair

EVENS = tick_of(Decimal(2))


def money(amount: str) -> int:
    return parts_of(Decimal(amount))


def tick(price: str) -> int:
    return tick_of(Decimal(price))


@pytest.fixture
def pair() -> Pair:
    """Accounts 1 to 3 with 1 000.00 each, and a market of three runners with one winner at 5 %."""
    pair = Pair()
    for _ in range(3):
        pair.open_account(money("1000"))
    pair.open_market()
    return pair


def matched_lay(pair: Pair, layer: int, runner: int, price: str, size: str) -> None:
    assert pair.back(1, runner, tick(price), money(size)).code == x.OK
    assert pair.lay(layer, runner, tick(price), money(size)).matched == money(size)


def test_two_lays_on_two_runners_hold_11_50_together_and_21_50_once_the_second_runner_is_void(pair: Pair) -> None:
    matched_lay(pair, 2, 1, "3.15", "10")
    assert pair.account(2).held == money("21.50")
    matched_lay(pair, 2, 2, "2.52", "10")
    assert pair.account(2).held == money("11.50")
    pair.send(0, x.Command(void_runner=x.VoidRunner(market=1, runner=2)))
    assert pair.account(2).held == money("21.50")
    assert not pair.account(2).blocked
    pair.compare_images()


def test_a_fill_happens_at_the_resting_price_so_that_crossing_gets_better_odds(pair: Pair) -> None:
    pair.lay(1, 1, tick("3"), money("10"))
    outcome = pair.back(2, 1, tick("2.5"), money("4"))
    assert (outcome.matched, outcome.matched_payout, outcome.remaining) == (money("4"), money("12"), 0)
    pair.back(1, 2, tick("2"), money("10"))
    outcome = pair.lay(3, 2, tick("4"), money("1"))
    assert (outcome.matched, outcome.matched_payout) == (money("1"), money("2"))
    assert pair.account(3).held == money("1"), "the hold is that of the price got, not of the limit"


def test_the_best_price_is_taken_first_and_the_oldest_at_the_same_price(pair: Pair) -> None:
    worse = pair.lay(1, 1, tick("2.98"), money("1")).id
    older = pair.lay(2, 1, tick("3"), money("1")).id
    newer = pair.lay(1, 1, tick("3"), money("1")).id
    pair.back(3, 1, tick("2.5"), money("2.50"))
    fills = [event.matched for event in pair.events if event.HasField("matched")]
    assert [(fill.resting_order, fill.size) for fill in fills] == [
        (older, money("1")), (newer, money("1")), (worse, money("0.50")),
    ]  # fmt: skip


def test_the_remainder_rests_at_its_own_limit(pair: Pair) -> None:
    pair.lay(1, 1, tick("3"), money("1"))
    outcome = pair.back(2, 1, tick("2.5"), money("4"))
    assert (outcome.matched, outcome.remaining) == (money("1"), money("3"))
    runner = pair.market().runners[0]
    assert [(level.price, level.size) for level in runner.to_lay] == [(tick("2.5"), money("3"))]
    assert not runner.to_back
    assert (runner.last_price, list(runner.traded)) == (tick("3"), [x.PriceSize(price=tick("3"), size=money("1"))])


def test_what_would_meet_an_own_order_is_cancelled_and_nothing_behind_it_is_reached(pair: Pair) -> None:
    pair.lay(1, 1, tick("3"), money("1"))
    pair.lay(2, 1, tick("2.9"), money("1"))
    pair.lay(3, 1, tick("2.8"), money("5"))
    outcome = pair.back(2, 1, tick("2"), money("4"))
    assert (outcome.matched, outcome.cancelled, outcome.remaining) == (money("1"), money("3"), 0)
    cancelled = [event.order_cancelled for event in pair.events if event.HasField("order_cancelled")]
    assert [(event.size, event.reason) for event in cancelled] == [(money("3"), x.OWN_ORDER)]
    assert [level.price for level in pair.market().runners[0].to_back] == [tick("2.9"), tick("2.8")]


def test_cancelling_in_the_middle_of_a_queue_leaves_the_rest_to_be_swept_in_order(pair: Pair) -> None:
    orders = [pair.lay(account, 1, EVENS, money("1")).id for account in (1, 2, 1, 2)]
    pair.cancel(1, orders[2])
    pair.back(3, 1, EVENS, money("5"))
    fills = [event.matched.resting_order for event in pair.events if event.HasField("matched")]
    assert fills == [orders[0], orders[1], orders[3]]
    assert pair.outcome.remaining == money("2")


def test_an_order_that_was_filled_cannot_be_cancelled_any_more(pair: Pair) -> None:
    order = pair.lay(1, 1, EVENS, money("1")).id
    pair.back(2, 1, EVENS, money("1"))
    outcome = pair.cancel(1, order)
    assert (outcome.code, outcome.given) == (x.ORDER_COMPLETE, order)


def test_an_emptied_price_is_no_best_price(pair: Pair) -> None:
    best = pair.lay(1, 1, tick("5"), money("1")).id
    pair.lay(1, 1, tick("4"), money("1"))
    pair.cancel(1, best)
    outcome = pair.back(2, 1, tick("4.5"), money("1"))
    assert (outcome.matched, outcome.remaining) == (0, money("1"))
    assert [level.price for level in pair.market().runners[0].to_back] == [tick("4")]


def test_a_reduced_order_keeps_its_place_and_what_is_left_of_it_is_filled(pair: Pair) -> None:
    first = pair.lay(1, 1, EVENS, money("3")).id
    pair.lay(2, 1, EVENS, money("3"))
    outcome = pair.cancel(1, first, reduction=money("1"))
    assert (outcome.cancelled, outcome.remaining) == (money("1"), money("2"))
    pair.back(3, 1, EVENS, money("2"))
    (fill,) = [event.matched for event in pair.events if event.HasField("matched")]
    assert (fill.resting_order, fill.size) == (first, money("2"))
    more_than_is_left = pair.cancel(2, first + 1, reduction=money("9"))
    assert (more_than_is_left.cancelled, more_than_is_left.remaining) == (money("3"), 0)


def test_one_order_sweeps_five_thousand() -> None:
    driver = Driver(check=False)
    for _ in range(2):
        driver.open_account(money("100000"))
    driver.open_market()
    for number in range(5_000):
        driver.lay(1, 1, 100 + number % 100, 100)
    outcome = driver.back(2, 1, 0, 600_000)
    assert (outcome.matched, outcome.remaining) == (500_000, 100_000)
    fills = [event.matched for event in driver.events if event.HasField("matched")]
    keys = [(-fill.price, fill.resting_order) for fill in fills]
    assert len(keys) == 5_000
    assert keys == sorted(keys)
    driver.core.check_invariants()


def test_a_void_runner_gives_the_stakes_back_and_the_orders_say_so(pair: Pair) -> None:
    matched_lay(pair, 2, 1, "3", "10")
    pair.back(1, 1, tick("4"), money("2"))
    pair.send(0, x.Command(void_runner=x.VoidRunner(market=1, runner=1)))
    assert pair.account(1).available == pair.account(2).available == money("1000")
    first, second = pair.orders(1)
    assert (first.voided, first.matched, first.matched_payout) == (money("10"), 0, 0)
    assert (second.cancelled, second.remaining) == (money("2"), 0)
    assert "order_cancelled" in pair.kinds()
    pair.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[2], source="judge")))
    assert pair.account(1).balance == pair.account(2).balance == money("1000")


def test_settlement_pays_the_winner_less_commission_and_money_is_conserved(pair: Pair) -> None:
    matched_lay(pair, 2, 1, "3", "10")
    pair.back(3, 1, tick("5"), money("1"))
    pair.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[1], source="judge")))
    assert [pair.account(account).balance for account in (1, 2, 3)] == [money("1019"), money("980"), money("1000")]
    totals = pair.core.totals()
    assert (totals["commission"], totals["house"]) == (money("1"), 0)
    assert totals["deposited"] - totals["withdrawn"] == totals["wallets"] + totals["commission"]
    assert pair.kinds()[:2] == ["market_settled", "order_cancelled"], "what still rests lapses"
    assert pair.orders(1) == pair.orders(3) == []
    assert pair.market().runners[0].winner


def test_commission_is_rounded_once_in_the_players_favour() -> None:
    pair = Pair()
    pair.open_account(money("10"))
    pair.open_account(money("10"))
    pair.open_market(commission_bp=333)
    matched_lay(pair, 2, 1, "1.01", "0.01")
    pair.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[1], source="judge")))
    assert pair.account(1).balance == money("10") + 1, "3.33 % of one part is nothing"
    pair.open_market(commission_bp=333)
    pair.back(1, 1, EVENS, 700, market=2)
    pair.lay(2, 1, EVENS, 700, market=2)
    pair.send(0, x.Command(settle_market=x.SettleMarket(market=2, winners=[1], source="judge")))
    (mine, _) = [event.account_settled for event in pair.events if event.HasField("account_settled")]
    assert (mine.profit, mine.commission) == (700, 23), "23.31 parts are 23"


def test_a_voided_market_gives_every_stake_back(pair: Pair) -> None:
    matched_lay(pair, 2, 1, "3", "10")
    pair.lay(3, 2, EVENS, money("1"))
    pair.send(0, x.Command(void_market=x.VoidMarket(market=1, reason="abandoned")))
    assert [pair.account(account).available for account in (1, 2, 3)] == [money("1000")] * 3
    assert pair.core.totals()["commission"] == 0
    assert pair.market().status == x.VOIDED


def test_several_winners_hold_the_worst_set_of_them() -> None:
    pair = Pair()
    for _ in range(2):
        pair.open_account(money("100"))
    pair.open_market(runners=4, winners=2)
    for runner in (1, 2, 3):
        matched_lay(pair, 2, runner, "3", "10")
    assert pair.account(2).held == money("30"), "two of three win: 20 + 20 - 10"
    assert pair.account(1).held == 0, "at worst the fourth and one of the three win: 20 - 10 - 10"
    pair.compare_images()


class TestShortfall:
    """Invariant 2: what a later event makes worse than the wallet can bear."""

    @pytest.fixture
    def short(self) -> Pair:
        """Account 2 with the 11.50 that its two lays need together, and 0.01 for an order that rests."""
        pair = Pair()
        for deposit in ("100", "30"):
            pair.open_account(money(deposit))
        pair.open_market()
        pair.lay(2, 1, tick("1.5"), money("0.01"))
        matched_lay(pair, 2, 1, "3.15", "10")
        matched_lay(pair, 2, 2, "2.52", "10")
        pair.send(2, x.Command(withdraw=x.Withdraw(amount=money("18.49"))))
        return pair

    @staticmethod
    def void(pair: Pair) -> x.Outcome:
        return pair.send(0, x.Command(void_runner=x.VoidRunner(market=1, runner=2)))

    def test_it_is_booked_unmatched_orders_go_and_betting_is_blocked(self, short: Pair) -> None:
        self.void(short)
        (booked,) = [event.shortfall_booked for event in short.events if event.HasField("shortfall_booked")]
        (cancelled,) = [event.order_cancelled for event in short.events if event.HasField("order_cancelled")]
        assert (booked.account, booked.amount, booked.settled) == (2, money("9.99"), False)
        assert (cancelled.order, cancelled.reason) == (1, x.SHORTFALL)
        image = short.account(2)
        assert (image.held, image.available, image.receivable, image.blocked) == (
            money("21.50"), -money("9.99"), 0, True,
        )  # fmt: skip
        refused = short.back(2, 1, EVENS, money("1"))
        assert (refused.code, refused.bound) == (x.ACCOUNT_BLOCKED, money("9.99"))

    def test_a_deposit_that_covers_it_opens_betting_again(self, short: Pair) -> None:
        self.void(short)
        short.send(2, x.Command(deposit=x.Deposit(amount=money("9.98"))))
        assert short.account(2).blocked
        short.send(2, x.Command(deposit=x.Deposit(amount=money("0.01"))))
        assert not short.account(2).blocked
        assert short.back(2, 1, tick("3"), money("1")).code == x.OK, "it covers part of the lay"

    def test_the_house_pays_what_the_wallet_cannot_and_the_next_money_in_pays_it_back(self, short: Pair) -> None:
        self.void(short)
        short.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[1], source="judge")))
        (booked,) = [event.shortfall_booked for event in short.events if event.HasField("shortfall_booked")]
        assert (booked.amount, booked.settled) == (money("9.99"), True)
        assert (short.account(2).balance, short.account(2).receivable) == (0, money("9.99"))
        assert short.core.totals()["house"] == -money("9.99")
        short.send(2, x.Command(deposit=x.Deposit(amount=money("10"))))
        assert short.kinds() == ["deposited", "shortfall_covered"]
        assert (short.account(2).balance, short.account(2).receivable) == (money("0.01"), 0)
        assert short.core.totals()["house"] == 0
        short.compare_images()

    def test_winnings_pay_it_back_too(self, short: Pair) -> None:
        short.open_market()
        short.lay(2, 3, tick("1.01"), money("0.01"), market=2)
        short.back(1, 3, tick("1.01"), money("0.01"), market=2)
        self.void(short)
        short.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[1], source="judge")))
        short.send(0, x.Command(settle_market=x.SettleMarket(market=2, winners=[1], source="judge")))
        assert short.kinds()[-1] == "shortfall_covered"
        assert short.account(2).balance == 0
        short.compare_images()

    def test_orders_elsewhere_stay_for_they_are_covered_as_they_were_accepted(self, short: Pair) -> None:
        short.open_market()
        short.send(2, x.Command(deposit=x.Deposit(amount=money("1"))))
        assert short.back(2, 1, EVENS, money("1"), market=2).code == x.OK
        self.void(short)
        assert short.account(2).blocked
        assert [order.remaining for order in short.orders(2, 2)] == [money("1")]
