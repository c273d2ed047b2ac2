"""An exchange without a server: commands go through the real chain, core and logs, one call at a time."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from services.contract.exchange.v1.exchange_pb2 import Command, EventRecord, Outcome
from services.journal.file import FileJournal
from services.journal.log import COMMANDS, EVENTS, LARGEST_COMMANDS, LARGEST_EVENTS, LogReader
from services.ledger.projector import Projector
from services.matching.core import Core
from services.matching.replica import Applied, Replica
from tests.matching.betting import NOW_MS


class Recording:
    """Seals commands into records, appends them, applies them, and appends their events."""

    def __init__(self, folder: Path, *, core: Core | None = None, time_ms: int = NOW_MS) -> None:
        self.journal = FileJournal(folder)
        self.journal.prepare(COMMANDS, 1, LARGEST_COMMANDS)
        self.journal.prepare(EVENTS, 1, LARGEST_EVENTS)
        self.replica = Replica(0, core)
        self.time_ms = time_ms
        self.records: list[EventRecord] = []
        self._commands = self.journal.writer(COMMANDS, 0)
        self._events = self.journal.writer(EVENTS, 0)
        self._record(self.replica.chain.opening("test", self.time_ms))

    def submit(self, *commands: Command) -> list[Outcome]:
        """One record of these commands, a second after the last; what became of each."""
        return self.submit_at(self.time_ms + 1_000, *commands)

    def submit_at(self, time_ms: int, *commands: Command) -> list[Outcome]:
        """One record of these commands at a time; what became of each."""
        self.time_ms = time_ms
        applied = self._record(self.replica.chain.following(commands, self.time_ms))
        return [placed.outcome for placed in applied.placed]

    def submit_all(self, commands: Iterable[Command], together: int = 7) -> None:
        """Many commands, a few a record."""
        rest = iter(commands)
        while batch := list(islice(rest, together)):
            self.submit(*batch)

    def publish(self, *records: EventRecord) -> None:
        """Append to the log of events as it is."""
        self._events.extend([record.SerializeToString() for record in records])

    def projector(self, database: Engine) -> Projector:
        """A projector of this exchange's events."""
        return Projector(database, self.reader(), 0)

    def reader(self) -> LogReader:
        """A reader of the log of events."""
        return self.journal.reader(EVENTS, 0)

    def project(self, database: Engine) -> None:
        """Bring the ledger up to date."""
        projector = self.projector(database)
        while projector.step():
            pass

    def _record(self, data: bytes) -> Applied:
        offset = self._commands.append(data)
        applied = self.replica.apply(offset, data)
        assert applied is not None
        self.records.append(applied.events)
        self.publish(applied.events)
        return applied
