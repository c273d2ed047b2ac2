"""The projector: any number of them, crashed or repeated, write each event once; another past halts them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select

from services.contract.exchange.v1.exchange_pb2 import EventRecord
from services.journal.chain import ChainError
from services.ledger import projector as projector_module
from services.ledger import schema
from services.ledger.projector import Projector
from services.ledger.reading import LedgerReader
from tests.ledger.recording import Recording
from tests.matching.betting import deposit, funded, random_day


def test_projectors_that_run_together_write_what_one_alone_writes(
    recording: Recording, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_module, "_AT_ONCE", 7)
    recording.submit_all(random_day(3, 400), together=3)
    with ThreadPoolExecutor(4) as threads:
        written = list(threads.map(_project_to_the_end, [recording.projector(database) for _ in range(4)]))
    assert sum(written) == len(recording.records), "every record was written by exactly one of them"
    _assert_complete(recording, database)


def test_repeated_events_are_dropped(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(2))
    recording.publish(*recording.records)
    recording.project(database)
    recording.submit(deposit(1, 500))
    recording.publish(*recording.records[-2:])
    recording.project(database)
    _assert_complete(recording, database)


def test_a_step_that_fails_writes_nothing_and_the_next_projector_does_it_again(
    recording: Recording, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording.submit(*funded(2))
    with monkeypatch.context() as patch, pytest.raises(ConnectionError):
        patch.setattr(projector_module, "write", _power_cut)
        recording.projector(database).step()
    assert LedgerReader(database).position() == {}
    recording.project(database)
    _assert_complete(recording, database)


def test_a_missing_record_halts_and_nothing_is_written(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(1))
    recording.project(database)
    place = LedgerReader(database).position()
    gap = EventRecord(shard=0, offset=9, hash=b"9" * 32, previous_offset=8, previous=b"8" * 32)
    recording.publish(gap)
    with pytest.raises(ChainError, match=r"events of offset 9 follow offset 8 .* but offset 1"):
        recording.project(database)
    assert LedgerReader(database).position() == place


def test_another_past_halts_even_where_no_offset_is_missing(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(1))
    recording.project(database)
    changed = EventRecord.FromString(recording.records[-1].SerializeToString())
    changed.hash = b"another past".ljust(32)
    recording.publish(changed)
    with pytest.raises(ChainError, match="the log was changed"):
        recording.project(database)


def test_events_of_another_shard_halt(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(1))
    with pytest.raises(ChainError, match="events of shard 0 are in the log of shard 1"):
        Projector(database, recording.reader(), 1).step()


def test_an_event_is_written_once_even_by_a_projector_that_forgot_its_place(
    recording: Recording, database: Engine
) -> None:
    """The event's name is the last line of defence: the database itself refuses it a second time."""
    recording.submit(*funded(1))
    recording.project(database)
    with database.begin() as connection:
        connection.execute(schema.projection.delete())
    with pytest.raises(Exception, match="duplicate key value violates unique constraint"):
        recording.project(database)


def _project_to_the_end(projector: Projector) -> int:
    written = 0
    idle = 0
    while idle < 5:
        step = projector.step(0.05)
        written += step
        idle = 0 if step else idle + 1
    return written


def _power_cut(*_: object) -> None:
    raise ConnectionError("power cut")


def _assert_complete(recording: Recording, database: Engine) -> None:
    kinds = [str(event.WhichOneof("body")) for record in recording.records for event in record.events]
    with database.connect() as connection:
        for table, kind in ((schema.fills, "matched"), (schema.refusals, "refused"), (schema.orders, "order_accepted")):
            assert connection.scalar(select(func.count()).select_from(table)) == kinds.count(kind)
    balance, totals = LedgerReader(database).trial_balance(), recording.replica.core.totals()
    assert (balance["WALLET"], -balance["EXTERNAL"]) == (totals["wallets"], totals["deposited"] - totals["withdrawn"])
    last = recording.records[-1]
    assert LedgerReader(database).position() == {0: (last.offset, last.hash)}
