"""The shard from outside: commands a second and latency through gRPC, over a log in a file and over a Kafka broker.

`python -m bench.shard` runs the real process against each journal. The floor is measured in the same run on the same
log: one bare append at a time, without a shard. What the shard adds is the ratio to it. Client, shard and broker share
the machine's cores, so the throughput is a lower bound.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import grpc
import uuid_utils

from bench.record import Figure, conditions, record
from sandbox.runtime import broker
from sandbox.runtime.ports import any_free_port
from services.contract.exchange.v1.exchange_pb2 import (
    Command,
    Deposit,
    OpenAccount,
    OpenMarket,
    PlaceOrder,
    Runner,
    Side,
    VerifyAccount,
)
from services.contract.exchange.v1.matching_pb2 import StatusRequest, SubmitRequest
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub
from services.journal.log import COMMANDS, EVENTS, LARGEST_COMMANDS, LARGEST_EVENTS, Journal
from services.journal.settings import JournalSettings

if TYPE_CHECKING:
    from services.contract.exchange.v1.matching_pb2_grpc import MatchingAsyncStub

ACCOUNTS: Final = 200
SINGLES: Final = 1_000
BATCH: Final = 100
IN_FLIGHT: Final = 8
SECONDS: Final = 8.0
FLOOR_APPENDS: Final = 500
CHANCE: Final = random.Random(7)


@dataclass(frozen=True)
class Measured:
    """Latencies in milliseconds, and commands a second."""

    floor_ms: float
    floor_p99_ms: float
    single_ms: float
    single_p99_ms: float
    commands_s: float
    floor_commands_s: float


def main() -> bool:
    """Measure both journals, print and write; whether every target was met."""
    with tempfile.TemporaryDirectory() as folder:
        file = _measure({"journal": "file", "journal_folder": f"{folder}/journal"}, Path(folder))
    with tempfile.TemporaryDirectory() as folder, _kafka(Path(folder)) as bootstrap:
        kafka = _measure({"journal": "kafka", "kafka_bootstrap": bootstrap}, Path(folder))
    figures = [*_figures("file", file), *_figures("kafka", kafka)]
    under = conditions(
        accounts=ACCOUNTS,
        mix="limit orders, half backs and half lays within 10 ticks of each other",
        singles=SINGLES,
        batch=BATCH,
        in_flight=IN_FLIGHT,
        brokers=1,
    )
    return record("shard", under, figures)


def _figures(journal: str, measured: Measured) -> list[Figure]:
    added, share = measured.single_ms / measured.floor_ms, measured.commands_s / measured.floor_commands_s
    bare = f"bare appends of one command, {journal}"
    batches = f"bare appends of {BATCH} commands, one at a time, {journal}"
    return [
        Figure(f"{journal}: one command, median", measured.single_ms, "ms", against=bare),
        Figure(f"{journal}: one command, p99", measured.single_p99_ms, "ms", against=bare),
        Figure(f"{journal}: floor of one command, median", measured.floor_ms, "ms"),
        Figure(f"{journal}: floor of one command, p99", measured.floor_p99_ms, "ms"),
        Figure(f"{journal}: one command, times the floor", added, "x", against=bare),
        Figure(f"{journal}: commands a second", measured.commands_s, "/s", against=batches),
        Figure(f"{journal}: floor of commands a second", measured.floor_commands_s, "/s"),
        Figure(f"{journal}: commands a second, share of the floor", share, "x", against=batches),
    ]


def _measure(where: dict[str, str], folder: Path) -> Measured:
    journal = JournalSettings.model_validate(where).open_journal()
    floor = _floor(journal, [_order(random.Random(1))])
    batches = _floor(journal, [_order(random.Random(1)) for _ in range(BATCH)])
    with _shard(where, folder) as address:
        singles, commands_s = asyncio.run(_drive(address))
    return Measured(
        floor_ms=statistics.median(floor),
        floor_p99_ms=_p99(floor),
        single_ms=statistics.median(singles),
        single_p99_ms=_p99(singles),
        commands_s=commands_s,
        floor_commands_s=BATCH * 1_000 / statistics.mean(batches),
    )


def _floor(journal: Journal, commands: list[Command]) -> list[float]:
    """Milliseconds an append of so many commands, to a log that nobody reads."""
    journal.prepare("bench.floor", 1, LARGEST_COMMANDS)
    writer = journal.writer("bench.floor", 0)
    data = b"".join(command.SerializeToString() for command in commands)
    writer.append(data)
    try:
        return [_milliseconds(lambda: writer.append(data)) for _ in range(FLOOR_APPENDS)]
    finally:
        writer.close()


async def _drive(address: str) -> tuple[list[float], float]:
    """One command at a time, for latency; then full batches, several in flight, for throughput."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub = MatchingStub(channel)
        await _open(stub)
        singles = []
        for _ in range(SINGLES):
            request = SubmitRequest(commands=[_order(CHANCE)])
            began = time.perf_counter()
            await stub.Submit(request)
            singles.append((time.perf_counter() - began) * 1_000)
        before = (await stub.Status(StatusRequest())).commands
        began = time.perf_counter()
        await asyncio.gather(*(_keep_sending(stub, began + SECONDS) for _ in range(IN_FLIGHT)))
        took = time.perf_counter() - began
        after = (await stub.Status(StatusRequest())).commands
    return singles, (after - before) / took


async def _keep_sending(stub: MatchingAsyncStub, until: float) -> None:
    while time.perf_counter() < until:
        await stub.Submit(SubmitRequest(commands=[_order(CHANCE) for _ in range(BATCH)]))


async def _open(stub: MatchingAsyncStub) -> None:
    """Funded accounts and one market, once the shard leads."""
    while True:
        try:
            if (await stub.Status(StatusRequest())).leading:
                break
        except grpc.aio.AioRpcError:
            pass
        await asyncio.sleep(0.05)
    for account in range(1, ACCOUNTS + 1):
        opened = Command(key=_key(), open_account=OpenAccount())
        verified = Command(key=_key(), verify_account=VerifyAccount(account=account))
        funded = Command(key=_key(), account=account, deposit=Deposit(amount=10**13))
        await stub.Submit(SubmitRequest(commands=[opened, verified, funded]))
    terms = OpenMarket(
        name="bench",
        runners=[Runner(id=1, name="one"), Runner(id=2, name="two")],
        winners=1,
        commission_bp=200,
        minimum_stake=10_000,
    )
    await stub.Submit(SubmitRequest(commands=[Command(key=_key(), open_market=terms)]))


def _order(chance: random.Random) -> Command:
    side, price = (Side.SIDE_BACK, 100) if chance.random() < 0.5 else (Side.SIDE_LAY, 101)
    order = PlaceOrder(
        market=1,
        runner=chance.randint(1, 2),
        side=side,
        price=price + chance.randint(-5, 5),
        size=chance.randint(1, 50) * 10_000,
    )
    return Command(key=_key(), account=chance.randint(1, ACCOUNTS), place_order=order)


def _key() -> bytes:
    return uuid_utils.uuid7().bytes


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1_000


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


@contextmanager
def _shard(where: dict[str, str], folder: Path) -> Iterator[str]:
    """The real shard as a process of its own."""
    address = f"127.0.0.1:{any_free_port()}"
    named = where | {"shard": "0", "node": "bench", "grpc_address": address, "metrics_address": "127.0.0.1:0"}
    environment = os.environ | {f"VALLETTA_{name.upper()}": value for name, value in named.items()}
    with (folder / "shard.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "services.matching"], env=environment, stdout=log)
    try:
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def _kafka(folder: Path) -> Iterator[str]:
    """A broker of one node with the exchange's topics."""
    node = broker.Broker(folder / "kafka", any_free_port(), any_free_port())
    node.prepare()
    with (folder / "broker.log").open("wb") as log:
        process = subprocess.Popen(node.command(), stdout=log, stderr=log)
    try:
        broker.wait_ready(node.bootstrap)
        journal = JournalSettings(journal="kafka", kafka_bootstrap=node.bootstrap).open_journal()
        journal.prepare(COMMANDS, 1, LARGEST_COMMANDS)
        journal.prepare(EVENTS, 1, LARGEST_EVENTS)
        yield node.bootstrap
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
