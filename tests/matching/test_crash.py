"""Real processes, killed with SIGKILL at the worst moments: what was acknowledged is there, once, everywhere."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, func, select

from services.contract.exchange.v1.exchange_pb2 import Code, Outcome
from services.contract.exchange.v1.matching_pb2 import Placed, StatusReply
from services.journal.log import COMMANDS, Journal
from services.journal.settings import JournalSettings
from services.ledger import schema
from services.ledger.database import engine_from
from services.ledger.migrate import migrate
from services.ledger.reading import LedgerReader
from services.matching.core import new_core
from services.matching.replica import Replica
from tests.matching.betting import random_day
from tests.matching.exchange import Client, Processes, eventually

DAY = list(random_day(11, 150))


@dataclass
class Exchange:
    """A journal, a migrated database, and the processes of a test."""

    processes: Processes
    journal: Journal
    database: Engine
    client: Client


@pytest.fixture(params=["file", "kafka"])
def exchange(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, free_port: Callable[[], int]
) -> Iterator[Exchange]:
    where = {"journal": request.param, "journal_folder": str(tmp_path / "journal")}
    if request.param == "kafka":
        where["kafka_bootstrap"] = request.getfixturevalue("kafka_broker")
        where["kafka_topic_prefix"] = request.getfixturevalue("topic_prefix")
    address = f"127.0.0.1:{free_port()}"
    named = where | {
        "shard": "0",
        "shards": "1",
        "node": "test",
        "grpc_address": address,
        "metrics_address": "127.0.0.1:0",
        "database_url": database_url,
    }
    processes = Processes(tmp_path, {f"VALLETTA_{name.upper()}": value for name, value in named.items()})
    database = engine_from(database_url)
    try:
        migrate(database)
        journal = JournalSettings.model_validate(where).open_journal()
        yield Exchange(processes, journal, database, Client(address))
    finally:
        processes.end()
        database.dispose()


@pytest.mark.parametrize(("moment", "nth"), [("acknowledged", "25"), ("applied", "25"), ("published", "1")])
def test_a_shard_killed_after_the_acknowledgement_loses_and_doubles_nothing(
    exchange: Exchange, moment: str, nth: str
) -> None:
    """Between acknowledgement and projection the shard dies and is started again; the client retries by key."""
    processes = exchange.processes
    processes.start("services.ledger")
    doomed = processes.start("tests.matching.crashing", moment, nth)
    successor = Thread(target=lambda: (doomed.wait(), processes.start("services.matching")), daemon=True)
    successor.start()
    answers = [placed for i in range(0, len(DAY), 3) for placed in exchange.client.submit(*DAY[i : i + 3])]
    assert doomed.wait(10) == -signal.SIGKILL, processes.logs()
    successor.join()
    _assert_answered_once(answers)
    _assert_everywhere_the_same(exchange, exchange.client.status())


def test_a_shard_and_a_projector_that_keep_dying_still_end_with_the_same_books(exchange: Exchange) -> None:
    """Both are killed from outside, again and again, while commands keep coming; two projectors run at times."""
    processes, answers = exchange.processes, list[Placed]()
    shard, projector = processes.start("services.matching"), processes.start("services.ledger")
    for i in range(0, len(DAY), 6):
        answers += exchange.client.submit(*DAY[i : i + 6])
        if i % 90 == 30:
            shard.kill()
            shard.wait()
            shard = processes.start("services.matching")
        if i % 90 == 60:
            successor = processes.start("services.ledger")
            projector.kill()
            projector = successor
    _assert_answered_once(answers)
    _assert_everywhere_the_same(exchange, exchange.client.status())


def test_a_shard_stopped_and_started_again_has_the_same_state_hash(exchange: Exchange) -> None:
    shard = exchange.processes.start("services.matching")
    for i in range(0, len(DAY), 50):
        exchange.client.submit(*DAY[i : i + 50])
    before = exchange.client.status()
    shard.terminate()
    assert shard.wait(30) == 0, exchange.processes.logs()
    exchange.processes.start("services.matching")
    after = exchange.client.status()
    assert (after.state_hash, after.commands) == (before.state_hash, before.commands)
    assert after.offset == before.offset + 1, "only the new epoch's record was added"


def _assert_answered_once(answers: list[Placed]) -> None:
    """Every command got the answer of an exchange that never fails and sees each command once."""
    oracle = new_core()
    for command, placed in zip(DAY, answers, strict=True):
        ((expected, _),) = oracle.apply(placed.time_ms, [command.SerializeToString()])
        answer = Outcome.FromString(placed.outcome.SerializeToString())
        answer.ClearField("repeated")
        assert answer == Outcome.FromString(expected), command
    assert sum(placed.outcome.code == Code.OK for placed in answers) > len(DAY) // 2


def _assert_everywhere_the_same(exchange: Exchange, status: StatusReply) -> None:
    """The log read anew, the running shard and the ledger agree; no event is missing or twice."""
    replica, events = Replica(0), list[str]()
    reader = exchange.journal.reader(COMMANDS, 0)
    end = reader.end()
    while replica.chain.next_offset < end:
        for record in reader.read(replica.chain.next_offset, wait_s=5):
            applied = replica.apply(record.offset, record.data)
            events += [event.WhichOneof("body") or "" for event in applied.events.events] if applied else []
    reader.close()
    assert (replica.core.state_hash(), replica.commands) == (status.state_hash, status.commands)
    ledger = LedgerReader(exchange.database)
    eventually(lambda: ledger.position().get(0) == (status.offset, status.hash), "the ledger has caught up")
    balance = ledger.trial_balance()
    assert sum(balance.values()) == 0
    assert -balance["EXTERNAL"] == status.deposited - status.withdrawn
    assert (balance["WALLET"], balance["COMMISSION"]) == (status.wallets, status.commission)
    assert balance["HOUSE"] + balance["RECEIVABLE"] == status.house
    with exchange.database.connect() as connection:
        for table, kind in ((schema.fills, "matched"), (schema.refusals, "refused"), (schema.orders, "order_accepted")):
            assert connection.scalar(select(func.count()).select_from(table)) == events.count(kind)
