"""Bad input: each gets its code, what was given and the bound, and changes nothing but the memory of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.pair import Driver, Pair, key

UNIT = 10_000
MANY = 10**15


class Case(NamedTuple):
    """A command that must be refused."""

    actor: int
    command: x.Command
    code: x.Code.ValueType
    given: int = 0
    bound: int = 0


def place(runner: int = 1, side: int = 1, price: int = 99, size: int = 100 * UNIT, market: int = 1) -> x.Command:
    order = x.PlaceOrder(market=market, runner=runner, price=price, size=size)
    order.MergeFromString(bytes([3 << 3, side]))  # the enum's setter refuses what a client may well send
    return x.Command(place_order=order)


def cancel(order: int = 1, reduction: int = 0, market: int = 1) -> x.Command:
    return x.Command(cancel_order=x.CancelOrder(market=market, order=order, reduction=reduction))


def terms(runners: int = 2, winners: int = 1, commission_bp: int = 500, minimum: int = 100) -> x.Command:
    ids = [x.Runner(id=number) for number in range(1, runners + 1)]
    market = x.OpenMarket(runners=ids, winners=winners, commission_bp=commission_bp, minimum_stake=minimum)
    return x.Command(open_market=market)


def settle(*winners: int, market: int = 1) -> x.Command:
    return x.Command(settle_market=x.SettleMarket(market=market, winners=winners, source="judge"))


CASES = {
    "a player opens an account": Case(1, x.Command(open_account=x.OpenAccount()), x.MALFORMED),
    "a player settles": Case(1, settle(1), x.MALFORMED),
    "the operator bets": Case(0, place(), x.MALFORMED),
    "the operator deposits": Case(0, x.Command(deposit=x.Deposit(amount=100)), x.MALFORMED),
    "an unknown account bets": Case(99, place(), x.ACCOUNT_UNKNOWN, 99),
    "an unknown account is verified": Case(
        0, x.Command(verify_account=x.VerifyAccount(account=99)), x.ACCOUNT_UNKNOWN, 99
    ),
    "verified twice": Case(0, x.Command(verify_account=x.VerifyAccount(account=1)), x.ACCOUNT_ALREADY_VERIFIED, 1),
    "an unverified deposit": Case(3, x.Command(deposit=x.Deposit(amount=100)), x.ACCOUNT_NOT_VERIFIED, 3),
    "an unverified withdrawal": Case(3, x.Command(withdraw=x.Withdraw(amount=100)), x.ACCOUNT_NOT_VERIFIED, 3),
    "an unverified bet": Case(3, place(), x.ACCOUNT_NOT_VERIFIED, 3),
    "a deposit of nothing": Case(1, x.Command(deposit=x.Deposit()), x.AMOUNT_OUT_OF_RANGE, 0, 100),
    "a negative deposit": Case(1, x.Command(deposit=x.Deposit(amount=-100)), x.AMOUNT_OUT_OF_RANGE, -100, 100),
    "a deposit finer than a penny": Case(1, x.Command(deposit=x.Deposit(amount=150)), x.AMOUNT_OUT_OF_RANGE, 150, 100),
    "a huge deposit": Case(1, x.Command(deposit=x.Deposit(amount=MANY + 100)), x.AMOUNT_OUT_OF_RANGE, MANY + 100, MANY),
    "a deposit beyond what a wallet holds": Case(
        1, x.Command(deposit=x.Deposit(amount=MANY)), x.AMOUNT_OUT_OF_RANGE, MANY, MANY
    ),
    "a negative withdrawal": Case(1, x.Command(withdraw=x.Withdraw(amount=-100)), x.AMOUNT_OUT_OF_RANGE, -100, 100),
    "a withdrawal of what is held": Case(
        1, x.Command(withdraw=x.Withdraw(amount=100 * UNIT)), x.INSUFFICIENT_FUNDS, 100 * UNIT, 90 * UNIT
    ),
    "a bet beyond the balance": Case(1, place(size=91 * UNIT), x.INSUFFICIENT_FUNDS, 91 * UNIT, 90 * UNIT),
    "a lay beyond the balance": Case(
        2, place(side=2, price=349, size=UNIT), x.INSUFFICIENT_FUNDS, 999 * UNIT, 100 * UNIT
    ),
    "an unknown market": Case(1, place(market=9), x.MARKET_UNKNOWN, 9),
    "market 0": Case(1, place(market=0), x.MARKET_UNKNOWN, 0),
    "a suspended market": Case(1, place(market=2), x.MARKET_SUSPENDED, 2),
    "a closed market": Case(1, place(market=3), x.MARKET_CLOSED, 3),
    "a cancel in a closed market": Case(1, cancel(market=3), x.MARKET_CLOSED, 3),
    "settled twice": Case(0, settle(1, market=3), x.MARKET_CLOSED, 3),
    "voided after settlement": Case(0, x.Command(void_market=x.VoidMarket(market=3)), x.MARKET_CLOSED, 3),
    "suspended after settlement": Case(0, x.Command(set_suspension=x.SetSuspension(market=3)), x.MARKET_CLOSED, 3),
    "an unknown runner": Case(1, place(runner=9), x.RUNNER_UNKNOWN, 9),
    "a voided runner": Case(1, place(runner=4), x.RUNNER_VOIDED, 4),
    "voided twice": Case(0, x.Command(void_runner=x.VoidRunner(market=1, runner=4)), x.RUNNER_VOIDED, 4),
    "an unknown winner": Case(0, settle(9), x.RUNNER_UNKNOWN, 9),
    "a voided winner": Case(0, settle(4), x.RUNNER_VOIDED, 4),
    "no winner": Case(0, settle(), x.WINNERS_INVALID, 0, 1),
    "too many winners": Case(0, settle(1, 2), x.WINNERS_INVALID, 2, 1),
    "the same winner twice": Case(0, settle(1, 1, market=4), x.WINNERS_INVALID, 1, 2),
    "no side": Case(1, place(side=0), x.SIDE_INVALID, 0),
    "an unknown side": Case(1, place(side=3), x.SIDE_INVALID, 3),
    "a price off the ladder": Case(1, place(price=350), x.PRICE_INVALID, 350, 349),
    "a size below the minimum": Case(1, place(size=100), x.SIZE_INVALID, 100, UNIT),
    "a negative size": Case(1, place(size=-UNIT), x.SIZE_INVALID, -UNIT, UNIT),
    "a size finer than a penny": Case(1, place(size=UNIT + 50), x.SIZE_INVALID, UNIT + 50, 100),
    "a huge size": Case(1, place(size=10**12 + 100), x.SIZE_INVALID, 10**12 + 100, 10**12),
    "an unknown order": Case(1, cancel(order=99), x.ORDER_UNKNOWN, 99),
    "another account's order": Case(2, cancel(order=1), x.ORDER_UNKNOWN, 1),
    "an order in another market": Case(1, cancel(order=1, market=2), x.ORDER_UNKNOWN, 1),
    "a negative reduction": Case(1, cancel(reduction=-100), x.SIZE_INVALID, -100, 0),
    "a reduction finer than a penny": Case(1, cancel(reduction=150), x.SIZE_INVALID, 150, 100),
    "an order that is cancelled already": Case(1, cancel(order=2), x.ORDER_COMPLETE, 2),
    "no runners": Case(0, terms(runners=0), x.MARKET_INVALID, 0, 1),
    "too many runners": Case(0, terms(runners=1_001), x.MARKET_INVALID, 1_001, 1_000),
    "no winners": Case(0, terms(winners=0), x.MARKET_INVALID, 0, 1),
    "more winners than runners": Case(0, terms(winners=3), x.MARKET_INVALID, 3, 2),
    "too much commission": Case(0, terms(commission_bp=2_001), x.MARKET_INVALID, 2_001, 2_000),
    "a minimum of nothing": Case(0, terms(minimum=0), x.MARKET_INVALID, 0, 100),
    "a minimum finer than a penny": Case(0, terms(minimum=150), x.MARKET_INVALID, 150, 100),
    "a huge minimum": Case(0, terms(minimum=10**12 + 100), x.MARKET_INVALID, 10**12 + 100, 10**12),
    "a runner named twice": Case(
        0,
        x.Command(open_market=x.OpenMarket(runners=[x.Runner(id=7)] * 2, winners=1, minimum_stake=100)),
        x.MARKET_INVALID,
        7,
    ),
    "rules that this build does not know": Case(
        0, x.Command(activate_rules=x.ActivateRules(version=3)), x.RULES_UNKNOWN, 3, 1
    ),
    "rules of version 0": Case(0, x.Command(activate_rules=x.ActivateRules()), x.RULES_UNKNOWN, 0, 1),
}


@pytest.fixture
def driver() -> Driver:
    """Every state that a case needs.

    Accounts 1 and 2 have 100.00, of which order 1 holds 10.00 of account 1's; 3 is unverified. Market 1 is open, its
    runner 4 voided; 2 is suspended, 3 settled, 4 open with two winners.
    """
    driver = Driver()
    for _ in range(2):
        driver.open_account(100 * UNIT)
    driver.send(0, x.Command(open_account=x.OpenAccount()))
    driver.open_market(runners=4, minimum=UNIT)
    for winners in (1, 1, 2):
        driver.open_market(runners=3, winners=winners, minimum=UNIT)
    driver.send(0, x.Command(void_runner=x.VoidRunner(market=1, runner=4)))
    driver.send(0, x.Command(set_suspension=x.SetSuspension(market=2, suspended=True)))
    driver.send(0, settle(1, market=3))
    driver.back(1, 1, 99, 10 * UNIT)
    driver.cancel(1, driver.back(1, 2, 99, 10 * UNIT).id)
    return driver


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_bad_input_is_refused_with_the_value_and_the_bound_and_changes_nothing(driver: Driver, case: Case) -> None:
    before = driver.core.state_hash(memory=False)
    whole = driver.core.state_hash()
    command = x.Command()
    command.CopyFrom(case.command)
    outcome = driver.send(case.actor, command)
    assert (x.Code.Name(outcome.code), outcome.given, outcome.bound) == (
        x.Code.Name(case.code), case.given, case.bound,
    )  # fmt: skip
    refused = x.Refused(account=case.actor, code=case.code, given=case.given, bound=case.bound)
    assert driver.events == [x.Event(refused=refused)]
    assert driver.core.state_hash(memory=False) == before
    assert driver.core.state_hash() != whole, "the command is counted"
    if case.actor in (1, 2):
        assert outcome.balance == 100 * UNIT
        assert outcome.available == (90 if case.actor == 1 else 100) * UNIT


@pytest.mark.parametrize("junk", [b"\xff", b"\x0a\x7f", b"no protobuf", b""], ids=["tag", "cut", "text", "none"])
def test_bytes_that_are_no_command_are_refused_and_halt_nothing(driver: Driver, junk: bytes) -> None:
    before = driver.core.state_hash(memory=False)
    outcome = driver.send_bytes(junk)
    assert outcome.code == (x.KEY_INVALID if junk == b"" else x.MALFORMED)
    assert driver.core.state_hash(memory=False) == before
    assert driver.back(1, 1, 99, UNIT).code == x.OK


def test_a_command_without_a_body_is_malformed(driver: Driver) -> None:
    outcome = driver.send_command(x.Command(key=key(1, driver.now), account=1))
    assert (outcome.code, outcome.balance) == (x.MALFORMED, 100 * UNIT)


def test_an_order_may_be_cancelled_while_its_market_is_suspended(driver: Driver) -> None:
    driver.send(0, x.Command(set_suspension=x.SetSuspension(market=1, suspended=True)))
    assert driver.cancel(1, 1).cancelled == 10 * UNIT


def accounts(driver: Driver) -> x.Outcome:
    return driver.send(0, x.Command(open_account=x.OpenAccount()))


def markets(driver: Driver) -> x.Outcome:
    return driver.send(0, terms())


def orders(driver: Driver) -> x.Outcome:
    return driver.back(1, 1, 99, 100)


def exposures(driver: Driver) -> x.Outcome:
    return driver.back(2, 1, 99, 100)


@pytest.mark.parametrize(
    ("limit", "most", "given", "attempt"),
    [
        ("accounts", 2, 3, accounts),
        ("markets", 1, 2, markets),
        ("open_markets", 1, 2, markets),
        ("runners", 3, 5, markets),
        ("orders", 1, 2, orders),
        ("orders_per_account", 1, 2, orders),
        ("exposures", 1, 2, exposures),
    ],
)
def test_a_bound_of_the_shard_is_named_when_it_is_reached(
    limit: str, most: int, given: int, attempt: Callable[[Driver], x.Outcome]
) -> None:
    driver = Driver({limit: most})
    for _ in range(2):
        driver.open_account(UNIT)
    driver.open_market(runners=3)
    driver.back(1, 1, 99, 100)
    before = driver.core.state_hash(memory=False)
    outcome = attempt(driver)
    assert (outcome.code, outcome.given, outcome.bound) == (x.CAPACITY_REACHED, given, most)
    assert driver.core.state_hash(memory=False) == before


def test_an_account_has_no_more_than_the_largest_stake_at_work_in_a_market() -> None:
    pair = Pair()
    pair.open_account(4 * 10**12)
    pair.open_market()
    assert pair.back(1, 1, 99, 10**12).code == x.OK
    outcome = pair.back(1, 2, 99, 100)
    assert (outcome.code, outcome.given, outcome.bound) == (x.CAPACITY_REACHED, 10**12 + 100, 10**12)


def test_placing_and_cancelling_all_day_reaches_no_bound() -> None:
    pair = Pair(ended_orders=2)
    pair.open_account(UNIT)
    pair.open_market()
    for _ in range(10):
        newest = pair.back(1, 1, 99, 100).id
        assert pair.cancel(1, newest).cancelled == 100
    assert [order.order for order in pair.orders(1)] == [newest - 1, newest], "the last two are remembered"
    assert pair.cancel(1, newest).code == x.ORDER_COMPLETE
    assert pair.cancel(1, newest - 2).code == x.ORDER_UNKNOWN
