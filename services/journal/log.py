"""What a journal is: named logs, one a shard, of records that are appended at the end and never changed.

Offsets are dense: the first record of a log is 0, the next 1, and no offset is skipped. An append is acknowledged only
when the record is durable under the journal's fault model (kafka.py and file.py each state theirs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

COMMANDS: Final = "exchange.commands"
"""The topic of CommandRecords."""
EVENTS: Final = "exchange.events"
"""The topic of EventRecords."""
LARGEST_COMMANDS: Final = 1_000_000
"""Bytes that a CommandRecord may have."""
LARGEST_EVENTS: Final = 32 * 1024 * 1024
"""Bytes that an EventRecord may have: the settlement of a large market is one record."""


class JournalError(Exception):
    """Something is wrong with the log; the message names the log and where in it."""


class LogUnavailableError(JournalError):
    """The log cannot be reached now; trying again later may help."""


class LogLockedError(LogUnavailableError):
    """Another process has the log open for writing."""


class CorruptLogError(JournalError):
    """The log's content is not what was acknowledged: damaged, truncated, or with an offset missing."""


class AppendUnknownError(JournalError):
    """An append was not acknowledged. The record may be in the log, may still land in it, or may never do."""


class DisplacedError(JournalError):
    """An append was acknowledged at another offset than the one expected: somebody else has appended."""

    def __init__(self, expected: int, acknowledged: int) -> None:
        self.expected = expected
        self.acknowledged = acknowledged
        super().__init__(f"record acknowledged at offset {acknowledged}, expected {expected}: another writer appended")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as stored, and where."""

    offset: int
    data: bytes


class LogReader(Protocol):
    """Reads one log. Not for use by two threads at once."""

    def read(self, offset: int, *, limit: int = 500, wait_s: float = 0.0) -> list[Record]:
        """The records from `offset` on, at most `limit`, waiting up to `wait_s` seconds for the first.

        An empty list says that the log ends at `offset` for now.

        Raises:
            CorruptLogError: what is stored there is damaged or missing.
            LogUnavailableError: the log cannot be reached.
        """
        ...

    def end(self) -> int:
        """The offset that the next record will have.

        Raises:
            LogUnavailableError: the log cannot be reached.
        """
        ...

    def close(self) -> None:
        """Let go of what is held; the reader is of no more use."""
        ...


class LogWriter(Protocol):
    """Appends to one log. After AppendUnknownError it is of no more use but to be closed: open another."""

    def append(self, record: bytes) -> int:
        """Append one record and wait until it is acknowledged; returns its offset.

        Raises:
            AppendUnknownError: it was not acknowledged, for whatever reason.
        """
        ...

    def extend(self, records: Sequence[bytes]) -> None:
        """Append records in order and wait until all are acknowledged.

        Raises:
            AppendUnknownError: not all were acknowledged; of the first some may be in the log.
        """
        ...

    def close(self) -> None:
        """Let go of what is held, and stop trying to deliver what was not acknowledged."""
        ...


class Journal(Protocol):
    """Where logs are kept. Readers and writers are opened afresh by every call."""

    def prepare(self, topic: str, shards: int, largest: int) -> None:
        """Make the topic's logs where they are absent, and check that they will keep every record for ever.

        Args:
            topic: the logs' common name.
            shards: how many there must be.
            largest: bytes that a record may have.

        Raises:
            JournalError: they cannot be made, or are configured to lose records.
        """
        ...

    def reader(self, topic: str, shard: int) -> LogReader:
        """A reader of a shard's log."""
        ...

    def writer(self, topic: str, shard: int) -> LogWriter:
        """A writer to a shard's log.

        Raises:
            LogLockedError: another process writes to it (file journal).
            LogUnavailableError: the log cannot be reached.
        """
        ...


def append_at(writer: LogWriter, record: bytes, expected: int) -> None:
    """Append one record that must land at the `expected` offset.

    Raises:
        AppendUnknownError: it was not acknowledged.
        DisplacedError: it was acknowledged, but elsewhere. It is in the log, and stays there.
    """
    acknowledged = writer.append(record)
    if acknowledged != expected:
        raise DisplacedError(expected, acknowledged)
