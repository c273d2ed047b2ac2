"""Keys: the same command again is answered from memory; another under the same key, or one too old, is refused."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.keys import FUTURE_MS, WINDOW_MS
from tests.core.pair import Pair, key


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    pair.open_account(10_000)
    pair.open_market()
    return pair


def deposit(number: int, time_ms: int, amount: int = 100, account: int = 1) -> x.Command:
    return x.Command(key=key(number, time_ms), account=account, deposit=x.Deposit(amount=amount))


def test_a_repeat_gets_the_first_outcome_and_no_events_even_when_the_state_has_moved_on(pair: Pair) -> None:
    order = x.PlaceOrder(market=1, runner=1, side=x.SIDE_BACK, price=99, size=5_000)
    command = x.Command(key=key(77, pair.now), account=1, place_order=order)
    first = pair.send_command(command)
    pair.cancel(1, first.id)
    pair.now += WINDOW_MS - 10
    repeat = pair.send_command(command)
    assert repeat.repeated
    assert not first.repeated
    repeat.repeated = False
    assert repeat == first
    assert pair.events == []
    assert pair.account(1).held == 0


def test_a_refusal_is_remembered_too(pair: Pair) -> None:
    command = x.Command(key=key(77, pair.now), account=1, withdraw=x.Withdraw(amount=20_000))
    assert pair.send_command(command).code == x.INSUFFICIENT_FUNDS
    pair.send(1, x.Command(deposit=x.Deposit(amount=50_000)))
    repeat = pair.send_command(command)
    assert (repeat.code, repeat.repeated, pair.events) == (x.INSUFFICIENT_FUNDS, True, [])


def test_another_payload_under_a_used_key_is_refused_and_the_first_stays_remembered(pair: Pair) -> None:
    pair.send_command(deposit(77, pair.now))
    assert pair.send_command(deposit(77, pair.now, amount=200)).code == x.KEY_REUSED
    assert pair.send_command(deposit(77, pair.now)).repeated
    assert pair.account(1).balance == 10_100


def test_a_key_belongs_to_its_account(pair: Pair) -> None:
    pair.open_account()
    pair.send_command(deposit(77, pair.now))
    assert not pair.send_command(deposit(77, pair.now, account=2)).repeated
    assert (pair.account(1).balance, pair.account(2).balance) == (10_100, 100)


def test_a_key_from_before_the_window_is_too_old(pair: Pair) -> None:
    start = pair.now - WINDOW_MS
    assert pair.send_command(deposit(77, start)).code == x.OK
    outcome = pair.send_command(deposit(78, start - 1))
    assert (outcome.code, outcome.given, outcome.bound) == (x.KEY_TOO_OLD, start - 1, start)


def test_a_used_key_is_never_carried_out_again_however_late(pair: Pair) -> None:
    command = deposit(77, pair.now + FUTURE_MS)
    assert pair.send_command(command).code == x.OK
    pair.now += WINDOW_MS + FUTURE_MS
    assert pair.send_command(command).repeated
    pair.now += 1
    assert pair.send_command(command).code == x.KEY_TOO_OLD
    assert pair.account(1).balance == 10_100


def test_a_key_from_the_future_is_invalid(pair: Pair) -> None:
    latest = pair.now + FUTURE_MS
    outcome = pair.send_command(deposit(77, latest + 1))
    assert (outcome.code, outcome.given, outcome.bound) == (x.KEY_INVALID, latest + 1, latest)


@pytest.mark.parametrize(
    ("bad", "given", "bound"),
    [
        (b"", 0, 16),
        (key(1)[:15], 15, 16),
        (key(1) + b"\0", 17, 16),
        (key(1)[:6] + b"\x40" + key(1)[7:], 4, 7),
        (key(1)[:8] + b"\xc0" + key(1)[9:], 3, 2),
    ],
    ids=["empty", "short", "long", "version 4", "another variant"],
)
def test_a_key_that_is_no_uuidv7_is_invalid(pair: Pair, bad: bytes, given: int, bound: int) -> None:
    outcome = pair.send_command(x.Command(key=bad, account=1, deposit=x.Deposit(amount=100)))
    assert (outcome.code, outcome.given, outcome.bound) == (x.KEY_INVALID, given, bound)
    assert pair.account(1).balance == 10_000


def test_a_full_memory_moves_only_the_window_of_the_account_whose_key_it_gave_up() -> None:
    pair = Pair(keys=4)
    pair.open_account()
    pair.open_account()
    given_up = deposit(77, pair.now + 1)
    pair.now += 2
    pair.send_command(given_up)
    for number in range(80, 84):
        assert pair.send_command(deposit(number, pair.now, account=2)).code == x.OK
    outcome = pair.send_command(given_up)
    assert (outcome.code, outcome.bound) == (x.KEY_TOO_OLD, pair.now)
    assert pair.send_command(deposit(84, pair.now - 2, account=2)).code == x.OK
    assert pair.account(1).balance == 100
