"""Determinism: the same log gives the same state, however it is cut; and what halts an exchange keeps it halted."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from itertools import groupby, islice
from pathlib import Path

import pytest
import valletta_core
from valletta_core import Exchange, InvariantError

from services.contract import ladder
from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.cores import apply_bytes
from tests.core.differ.generator import generate, plan_of
from tests.core.model.machine import Model
from tests.core.pair import START_MS, Driver, key

RULES_1 = Path(__file__).parent / "logs" / "rules-1.jsonl"

LIMITS = {"ended_orders": 7, "keys": 50}


def a_day(seed: int) -> Driver:
    """A few hundred random commands, some of them bad, and a settlement."""
    chance = random.Random(seed)
    driver = Driver(LIMITS)
    for _ in range(5):
        driver.open_account(chance.randrange(1, 100) * 10_000)
    driver.open_market(runners=5, winners=2)
    for number in range(300):
        driver.now += chance.choice([0, 1, 50])
        place = chance.choice([driver.back, driver.lay])
        place(chance.randrange(1, 7), chance.randrange(1, 7), chance.randrange(95, 104), chance.randrange(1, 90) * 100)
        if number % 4 == 0:
            driver.cancel(chance.randrange(1, 6), chance.randrange(1, number + 2))
        if number % 100 == 50:
            driver.send_bytes(chance.randbytes(9))
    driver.send(0, x.Command(void_runner=x.VoidRunner(market=1, runner=1)))
    driver.send(0, x.Command(settle_market=x.SettleMarket(market=1, winners=[2, 3], source="judge")))
    return driver


@pytest.mark.parametrize("seed", range(5))
def test_a_replay_gives_the_same_answers_and_the_same_state_hash(seed: int) -> None:
    driver = a_day(seed)
    singly, batched = Exchange(limits=LIMITS), Exchange(limits=LIMITS)
    one_by_one = [result for time_ms, command in driver.log for result in singly.apply(time_ms, [command])]
    at_once = []
    for time_ms, commands in groupby(driver.log, key=lambda entry: entry[0]):
        at_once += batched.apply(time_ms, [command for _, command in commands])
    assert one_by_one == at_once
    assert driver.core.state_hash() == singly.state_hash() == batched.state_hash()
    assert len(driver.core.state_hash()) == 32


def test_a_log_of_rules_1_is_still_answered_byte_for_byte_as_by_the_build_that_wrote_it() -> None:
    head, *entries = [json.loads(line) for line in RULES_1.read_text().splitlines()]
    core = Exchange(check=True, limits=head["limits"])
    for number, (time_ms, *recorded) in enumerate(entries):
        command, outcome, events = recorded[0], recorded[1], recorded[2]
        ((answered, told),) = core.apply(time_ms, [base64.b64decode(command)])
        assert answered == base64.b64decode(outcome), f"entry {number}"
        assert told == [base64.b64decode(event) for event in events], f"entry {number}"
    assert core.rules() == 1


def random_log(seed: int, commands: int) -> tuple[dict[str, int], list[tuple[int, bytes]]]:
    """Bounds, and a log of every kind of command, most of it under rules 2."""
    plan = plan_of(seed)
    model = Model(plan.limits)
    log = []
    for time_ms, command in islice(generate(seed, model.world, plan), commands):
        apply_bytes(model, time_ms, command)
        log.append((time_ms, command))
    return plan.limits, log


@pytest.mark.parametrize("seed", range(4))
def test_a_snapshot_at_any_point_and_the_tail_of_the_log_end_in_the_same_state(seed: int) -> None:
    limits, log = random_log(seed, 400)
    core = Exchange(limits=limits)
    snapshots = [core.snapshot()]
    for time_ms, command in log:
        core.apply(time_ms, [command])
        snapshots.append(core.snapshot())
    assert core.rules() == 2
    for point, snapshot in enumerate(snapshots):
        restored = Exchange.restore(snapshot)
        assert restored.snapshot() == snapshot, f"point {point}: what was read is what was written"
        for time_ms, command in log[point:]:
            restored.apply(time_ms, [command])
        assert restored.state_hash() == core.state_hash(), f"point {point}"
        assert restored.snapshot() == snapshots[-1], f"point {point}"
    Exchange.restore(snapshots[-1], check=True).check_invariants()


def test_bytes_that_are_no_snapshot_are_named() -> None:
    snapshot = a_day(1).core.snapshot()
    for damaged in (snapshot[:-1], snapshot[:100] + b"\0" + snapshot[101:], snapshot[:40] + snapshot[-32:]):
        with pytest.raises(ValueError, match="cut or changed"):
            Exchange.restore(damaged)
    for other in (b"", b"short", b"VALSNAP9" + snapshot[8:]):
        with pytest.raises(ValueError, match=f"these {len(other)} bytes are no snapshot"):
            Exchange.restore(other)


def test_the_state_hash_sees_every_difference() -> None:
    def after(change: Callable[[Driver], object]) -> bytes:
        driver = Driver()
        driver.open_account(10_000)
        driver.open_account(10_000)
        driver.open_market()
        change(driver)
        return driver.core.state_hash()

    changes: list[Callable[[Driver], object]] = [
        lambda driver: None,
        lambda driver: driver.back(1, 1, 99, 100),
        lambda driver: driver.back(1, 1, 99, 200),
        lambda driver: driver.back(1, 2, 99, 100),
        lambda driver: driver.back(1, 1, 98, 100),
        lambda driver: driver.lay(1, 1, 99, 100),
        lambda driver: driver.back(2, 1, 99, 100),
        lambda driver: driver.cancel(1, 1),
        lambda driver: driver.send(0, x.Command(open_account=x.OpenAccount())),
        lambda driver: driver.send(0, x.Command(set_suspension=x.SetSuspension(market=1, suspended=True))),
        lambda driver: driver.send_bytes(b"junk"),
    ]
    hashes = [after(change) for change in changes]
    assert len(set(hashes)) == len(changes)


def test_log_time_that_goes_back_halts_the_exchange_for_good() -> None:
    driver = Driver()
    driver.open_account()
    with pytest.raises(InvariantError, match=rf"log time went back from {driver.now} to {START_MS}"):
        driver.core.apply(START_MS, [b""])
    with pytest.raises(InvariantError, match="usable state"):
        driver.core.apply(driver.now + 1, [b""])


def test_rules_that_this_build_does_not_know_halt_it() -> None:
    core = Exchange()
    core.require_rules(valletta_core.NEWEST_RULES)
    with pytest.raises(InvariantError, match=f"rules version {valletta_core.NEWEST_RULES + 1} is in force"):
        core.require_rules(valletta_core.NEWEST_RULES + 1)
    with pytest.raises(InvariantError, match="usable state"):
        core.apply(START_MS, [x.Command(key=key(1), open_account=x.OpenAccount()).SerializeToString()])


def test_reads_of_what_does_not_exist_are_none() -> None:
    driver = Driver()
    driver.open_account()
    core = driver.core
    assert core.read_market(1) is None
    assert core.read_account(2) is None
    assert core.read_orders(2) is None
    assert core.read_orders(1, 1) is None
    assert core.read_orders(1) == b""


def test_a_read_to_a_depth_gives_the_best_prices() -> None:
    driver = Driver()
    driver.open_account(1_000_000)
    driver.open_market()
    for price in (10, 30, 20):
        driver.lay(1, 1, price, 100)
        driver.back(1, 1, price + 100, 100)
    runner = driver.market(depth=2).runners[0]
    assert [level.price for level in runner.to_back] == [30, 20]
    assert [level.price for level in runner.to_lay] == [110, 120]


def test_the_ladder_is_the_contracts() -> None:
    assert ladder.CLASSIC == valletta_core.LADDER


def test_an_unknown_limit_is_named() -> None:
    with pytest.raises(ValueError, match="no limit is called 'wallets'"):
        Exchange(limits={"wallets": 1})
