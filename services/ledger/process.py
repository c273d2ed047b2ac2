"""The projector as a process: a thread a shard, metrics, probes, and an end with a reason where it cannot go on."""

from __future__ import annotations

import signal
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Event
from typing import Final

from prometheus_client import Counter, Gauge
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from services.contract.logs import logger
from services.contract.probes import Probes
from services.journal.chain import ChainError
from services.journal.log import EVENTS, Journal, JournalError, LogUnavailableError
from services.ledger.database import SecretError
from services.ledger.fold import UnknownEventError
from services.ledger.migrate import SchemaError, check_schema
from services.ledger.projector import Projector
from services.ledger.settings import LedgerSettings

_log = logger(__name__)

STOPPED: Final = 0
HALTED: Final = 1
_WAIT_S: Final = 0.5
_PAUSE_S: Final = 1.0
_PASSING: Final = (OperationalError, LogUnavailableError, SecretError)
_FATAL: Final = (ChainError, JournalError, UnknownEventError, SchemaError)

_RECORDS = Counter("valletta_ledger_records", "Event records projected by this process.", ["shard"])
_OFFSET = Gauge("valletta_ledger_projected_offset", "Offset of the last command record reflected.", ["shard"])
_WAITING = Gauge("valletta_ledger_waiting", "1 while the log or the database cannot be reached.", ["shard"])


class Projection:
    """Projects the events of every shard until stopped, or until one cannot be projected."""

    def __init__(self, database: Engine, journal: Journal, shards: int) -> None:
        self._database = database
        self._journal = journal
        self._shards = shards
        self._stopping = Event()
        self._waiting = dict.fromkeys(range(shards), "has not begun")

    def stop(self) -> None:
        """Let `run` return after the step in hand."""
        self._stopping.set()

    def not_ready(self) -> str | None:
        """What a shard's projection waits for, or None where none waits."""
        return next((f"shard {shard} {reason}" for shard, reason in self._waiting.items() if reason), None)

    def run(self) -> int:
        """The process's exit status: STOPPED, or HALTED where a person must look."""
        with ThreadPoolExecutor(self._shards, thread_name_prefix="projector") as threads:
            running = [threads.submit(self._project, shard) for shard in range(self._shards)]
            wait(running, return_when=FIRST_COMPLETED)
            self.stop()
        return max(thread.result() for thread in running)

    def _project(self, shard: int) -> int:
        reader = self._journal.reader(EVENTS, shard)
        projector = Projector(self._database, reader, shard)
        try:
            while not self._stopping.is_set():
                self._step(projector, shard)
        except _FATAL as error:
            _log.critical("halted: the events cannot be projected", shard=shard, error=str(error))
            return HALTED
        finally:
            reader.close()
        return STOPPED

    def _step(self, projector: Projector, shard: int) -> None:
        try:
            if self._waiting[shard]:
                check_schema(self._database)
            written = projector.step(_WAIT_S)
        except _PASSING as error:
            if not self._waiting[shard]:
                _log.warning("waiting", shard=shard, kind=type(error).__name__)
            self._waiting[shard] = f"waits: {type(error).__name__}"
            _WAITING.labels(shard).set(1)
            self._stopping.wait(_PAUSE_S)
            return
        self._waiting[shard] = ""
        _WAITING.labels(shard).set(0)
        _RECORDS.labels(shard).inc(written)
        if projector.offset is not None:
            _OFFSET.labels(shard).set(projector.offset)


def run_projection(settings: LedgerSettings) -> int:
    """Project until SIGTERM or SIGINT; the exit status."""
    projection = Projection(settings.open_database(), settings.open_journal(), settings.shards)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: projection.stop())
    probes = Probes(settings.metrics_address, ready=projection.not_ready)
    probes.start()
    _log.info("projecting", shards=settings.shards, metrics_port=probes.port)
    try:
        return projection.run()
    finally:
        probes.stop()
        _log.info("stopped")
