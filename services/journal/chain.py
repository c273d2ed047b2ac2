"""Which records of a log count, and that they hang together: one pure reading for leader, followers and projector.

A leader names its epoch by the offset of the record that opens it, and its node. It reads the log to its end, then
appends that record with the offset at which it expects it; landing anywhere else, the record is void, and the leader
reads on and tries again. Once it stands, records of any other epoch after it are ignored by everybody: a deposed
leader's late record has no effect wherever it lands.

Every effective record carries the SHA-256 of the effective record before it, as stored. A record that does not is
proof that somebody holds another past (a lost broker truncated the log, say), and halts whoever reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from google.protobuf.message import DecodeError

from services.contract.exchange.v1.exchange_pb2 import Command, CommandRecord, Epoch, EventRecord


class ChainError(Exception):
    """A record that does not continue what was read before it. Nothing may be built on it; a person must look."""


@dataclass(frozen=True, slots=True)
class Link:
    """An effective record: where it is and the SHA-256 of its bytes."""

    offset: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class EpochName:
    """An epoch: the offset of the record that opened it, and the node that leads in it."""

    offset: int
    node: str

    def to_proto(self) -> Epoch:
        """The same, as a record carries it."""
        return Epoch(offset=self.offset, node=self.node)


@dataclass(frozen=True, slots=True)
class Effective:
    """A record that counts, with its place in the chain. `previous` is None for the first of the log."""

    link: Link
    previous: Link | None
    record: CommandRecord


class CommandChain:
    """Reads exchange.commands from its first record on, and tells the records that count from those that do not."""

    def __init__(self) -> None:
        self.next_offset = 0
        self.last: Link | None = None
        self.epoch: EpochName | None = None
        self.time_ms = 0

    def follow(self, offset: int, data: bytes) -> Effective | None:
        """Read the record at the next offset; None where it has no effect.

        Raises:
            ChainError: it is not the next one, cannot be read, or does not continue the chain. Nothing has changed.
        """
        if offset != self.next_offset:
            raise ChainError(f"offset {offset} was given where {self.next_offset} comes next")
        record = _decoded(offset, data)
        epoch = EpochName(record.epoch.offset, record.epoch.node)
        counts = epoch.offset == offset if record.opens_epoch else epoch == self.epoch
        if not counts:
            self.next_offset += 1
            return None
        self._check(offset, record)
        effective = Effective(Link(offset, sha256(data).digest()), self.last, record)
        self.next_offset, self.last, self.epoch, self.time_ms = offset + 1, effective.link, epoch, record.time_ms
        return effective

    def opening(self, node: str, time_ms: int) -> bytes:
        """The record by which `node` takes over at the end of what has been read."""
        epoch = EpochName(self.next_offset, node)
        return self._sealed(epoch, time_ms, opens_epoch=True, commands=())

    def following(self, commands: Sequence[Command], time_ms: int) -> bytes:
        """The next record of the epoch in force, holding `commands`. Raises ValueError before the first epoch."""
        if self.epoch is None:
            raise ValueError("no epoch has been opened")
        return self._sealed(self.epoch, time_ms, opens_epoch=False, commands=commands)

    def _sealed(self, epoch: EpochName, time_ms: int, *, opens_epoch: bool, commands: Sequence[Command]) -> bytes:
        return CommandRecord(
            epoch=epoch.to_proto(),
            previous=self.last.hash if self.last else b"",
            time_ms=max(time_ms, self.time_ms),
            opens_epoch=opens_epoch,
            commands=commands,
        ).SerializeToString()

    def _check(self, offset: int, record: CommandRecord) -> None:
        expected = self.last.hash if self.last else b""
        if record.previous != expected:
            before = f"the record at {self.last.offset}" if self.last else "nothing"
            raise ChainError(
                f"the record at offset {offset} follows {record.previous.hex() or 'nothing'}, "
                f"but {before} ({expected.hex() or 'no hash'}) is what was read before it: the log was changed"
            )
        if record.time_ms < self.time_ms:
            raise ChainError(f"time goes back at offset {offset}: {record.time_ms} after {self.time_ms}")
        if record.opens_epoch and record.commands:
            raise ChainError(f"the record at offset {offset} opens an epoch and carries commands too")


class EventChain:
    """Reads exchange.events: drops what was seen, and halts where something is missing or another past shows."""

    def __init__(self, last: Link | None = None) -> None:
        self.last = last

    def accept(self, record: EventRecord) -> bool:
        """Read a record; False for one that was seen before.

        Raises:
            ChainError: it does not follow the last one, or names another past. Nothing has changed.
        """
        link = Link(record.offset, record.hash)
        if self.last is not None and link.offset <= self.last.offset:
            if link.offset == self.last.offset and link.hash != self.last.hash:
                raise ChainError(
                    f"events of offset {link.offset} name the hash {link.hash.hex()}, "
                    f"but {self.last.hash.hex()} was read before: the log was changed"
                )
            return False
        previous = None if record.first else Link(record.previous_offset, record.previous)
        if previous != self.last:
            raise ChainError(
                f"events of offset {link.offset} follow {_named(previous)}, "
                f"but {_named(self.last)} is what was read before them: events are missing, or the log was changed"
            )
        self.last = link
        return True


def _decoded(offset: int, data: bytes) -> CommandRecord:
    try:
        return CommandRecord.FromString(data)
    except DecodeError as error:
        raise ChainError(f"the record at offset {offset} is no CommandRecord: {error}") from error


def _named(link: Link | None) -> str:
    return f"offset {link.offset} ({link.hash.hex()})" if link else "nothing"
