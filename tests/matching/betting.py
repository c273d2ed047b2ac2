"""Commands for tests: one function a kind, keys that a seed decides, and whole days of random betting."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import count

from services.contract.exchange.v1.exchange_pb2 import (
    ActivateRules,
    CancelOrder,
    Command,
    Deposit,
    OpenAccount,
    OpenMarket,
    PlaceOrder,
    Runner,
    SetSuspension,
    SettleMarket,
    Side,
    VerifyAccount,
    VoidMarket,
    VoidRunner,
    Withdraw,
)

NOW_MS = (
    time.time_ns() // 1_000_000
)  # keys much older than the log's time are refused, and real shards have a real clock
BACK, LAY = Side.SIDE_BACK, Side.SIDE_LAY
_numbers = count(1)


def new_key(time_ms: int = NOW_MS) -> bytes:
    """A UUIDv7 that no other call in this process returns."""
    return time_ms.to_bytes(6, "big") + b"\x70\x00\x80\x00" + next(_numbers).to_bytes(6, "big")


def open_account() -> Command:
    return Command(key=new_key(), open_account=OpenAccount())


def verify(account: int) -> Command:
    return Command(key=new_key(), verify_account=VerifyAccount(account=account))


def deposit(account: int, amount: int) -> Command:
    return Command(key=new_key(), account=account, deposit=Deposit(amount=amount))


def withdraw(account: int, amount: int) -> Command:
    return Command(key=new_key(), account=account, withdraw=Withdraw(amount=amount))


def open_market(runners: int = 3, *, name: str = "15:30 Marsa", winners: int = 1, commission_bp: int = 500) -> Command:
    terms = OpenMarket(
        name=name,
        event="Marsa races",
        event_type="Horse racing",
        start_time_ms=NOW_MS + 3_600_000,
        runners=[Runner(id=10 + i, name=f"Runner {i}") for i in range(runners)],
        winners=winners,
        commission_bp=commission_bp,
        minimum_stake=10_000,
    )
    return Command(key=new_key(), open_market=terms)


def place(account: int, market: int, runner: int, side: Side.ValueType, price: int, size: int) -> Command:  # noqa: PLR0917
    body = PlaceOrder(market=market, runner=runner, side=side, price=price, size=size)
    return Command(key=new_key(), account=account, place_order=body)


def cancel(account: int, market: int, order: int, reduction: int = 0) -> Command:
    return Command(
        key=new_key(), account=account, cancel_order=CancelOrder(market=market, order=order, reduction=reduction)
    )


def suspend(market: int, suspended: bool = True) -> Command:
    return Command(key=new_key(), set_suspension=SetSuspension(market=market, suspended=suspended))


def void_runner(market: int, runner: int) -> Command:
    return Command(key=new_key(), void_runner=VoidRunner(market=market, runner=runner))


def settle(market: int, *winners: int) -> Command:
    return Command(key=new_key(), settle_market=SettleMarket(market=market, winners=winners, source="judge"))


def void_market(market: int) -> Command:
    return Command(key=new_key(), void_market=VoidMarket(market=market, reason="abandoned"))


def activate_rules(version: int) -> Command:
    return Command(key=new_key(), activate_rules=ActivateRules(version=version))


def funded(accounts: int, amount: int = 10_000_000) -> list[Command]:
    """Accounts 1 to `accounts` of a new exchange, verified and with money."""
    return [
        command
        for account in range(1, accounts + 1)
        for command in (open_account(), verify(account), deposit(account, amount))
    ]


def random_day(seed: int, commands: int, *, accounts: int = 8, markets: int = 3) -> Iterator[Command]:
    """A new exchange's day: many orders, some cancelled, runners and markets voided and settled, much of it refused."""
    chance = random.Random(seed)
    yield from funded(accounts, 2_000_000)
    yield from (open_market(chance.randint(2, 5), name=f"Race {i}") for i in range(markets))
    for _ in range(commands):
        account, market = chance.randint(1, accounts), chance.randint(1, markets + 1)
        runner, order = 10 + chance.randint(0, 4), chance.randint(1, max(commands // 2, 1))
        yield chance.choices(
            (
                place(account, market, runner, chance.choice((BACK, LAY)), chance.randint(90, 110), _stake(chance)),
                cancel(account, market, order),
                cancel(account, market, order, 10_000),
                deposit(account, chance.choice((0, 100, 50_000, 1_000_000))),
                withdraw(account, chance.randint(0, 40) * 100_000),
                suspend(market, chance.random() < 0.3),
                void_runner(market, runner),
                settle(market, runner),
                void_market(market),
                open_market(chance.randint(1, 4)),
            ),
            weights=(70, 8, 4, 5, 5, 3, 2, 1, 0.5, 1.5),
        )[0]


def _stake(chance: random.Random) -> int:
    return chance.choice((100, 10_000, 20_000, 55_500, 200_000, 900_000))
