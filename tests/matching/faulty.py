"""A journal in memory whose appends go wrong as a test says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum

from services.contract.exchange.v1.exchange_pb2 import CommandRecord, Epoch
from services.journal.log import COMMANDS, EVENTS, AppendUnknownError, LogReader, LogWriter, Record


class Fault(Enum):
    """What becomes of an append."""

    NONE = "acknowledged where it should be"
    LOST = "never lands; the writer does not know"
    LANDED = "lands; the writer does not know"
    LATE = "lands after the next append; the writer does not know"
    OTHERS = "lands, but a foreign record lands before it"


class FaultyJournal:
    """Logs as lists. `faults` and `event_faults` say what becomes of each append to exchange.commands and to
    exchange.events in turn; after the last all is well."""

    def __init__(self, faults: Sequence[Fault] = (), event_faults: Sequence[Fault] = ()) -> None:
        self.logs: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)
        self.faults: Iterator[Fault] = iter(faults)
        self.event_faults: Iterator[Fault] = iter(event_faults)
        self.late: defaultdict[str, list[bytes]] = defaultdict(list)

    def prepare(self, topic: str, shards: int, largest: int) -> None:
        """Nothing to make."""

    def reader(self, topic: str, shard: int) -> LogReader:
        return _Reader(self.logs[topic, shard])

    def writer(self, topic: str, shard: int) -> LogWriter:
        return _Writer(self, topic, shard)


class _Reader:
    def __init__(self, log: list[bytes]) -> None:
        self._log = log

    def read(self, offset: int, *, limit: int = 500, wait_s: float = 0.0) -> list[Record]:
        return [Record(offset + i, data) for i, data in enumerate(self._log[offset : offset + limit])]

    def end(self) -> int:
        return len(self._log)

    def close(self) -> None:
        """Nothing to let go of."""


class _Writer:
    def __init__(self, journal: FaultyJournal, topic: str, shard: int) -> None:
        self._journal = journal
        self._log = journal.logs[topic, shard]
        self._topic = topic
        self._failed = False

    def append(self, record: bytes) -> int:
        if self._failed:
            raise AppendUnknownError("used after it failed")
        fault = next({COMMANDS: self._journal.faults, EVENTS: self._journal.event_faults}[self._topic], Fault.NONE)
        late = self._journal.late[self._topic]
        if fault is Fault.OTHERS:
            self._log.append(CommandRecord(epoch=Epoch(offset=10**9, node="foreign")).SerializeToString())
        if fault is Fault.LATE:
            late.append(record)
        elif fault is not Fault.LOST:
            self._log.append(record)
            offset = len(self._log) - 1
            self._log += late
            late.clear()
        if fault in (Fault.LOST, Fault.LANDED, Fault.LATE):
            self._failed = True
            raise AppendUnknownError(fault.value)
        return offset

    def extend(self, records: Sequence[bytes]) -> None:
        for record in records:
            self.append(record)

    def close(self) -> None:
        self._failed = True
