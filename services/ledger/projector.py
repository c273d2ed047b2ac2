"""Moves PostgreSQL forward along exchange.events.

The place in the log and the rows change in one transaction, and the place by compare-and-swap: of two projectors that
saw the same events, one writes them and the other finds that they are written. A crash leaves all of a step or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects import postgresql

from services.contract.exchange.v1.exchange_pb2 import EventRecord
from services.journal.chain import ChainError, EventChain, Link
from services.journal.log import LogReader, Record
from services.ledger import schema
from services.ledger.fold import fold
from services.ledger.writing import write

_AT_ONCE: Final = 500
_FIRST_RULES: Final = 1


@dataclass(frozen=True, slots=True)
class Place:
    """How far the rows reach (None: nowhere yet), where in exchange.events to read on, and the rules in force there."""

    last: Link | None
    position: int
    rules: int


class Projector:
    """Projects one shard's events. Any number may run."""

    def __init__(self, database: Engine, reader: LogReader, shard: int) -> None:
        self._database = database
        self._reader = reader
        self._shard = shard
        self._place: Place | None = None

    @property
    def offset(self) -> int | None:
        """The last command record that is known to be reflected."""
        return self._place.last.offset if self._place and self._place.last else None

    def step(self, wait_s: float = 0.0) -> int:
        """Project what has come, waiting up to `wait_s` seconds for it; the number of event records written.

        Raises:
            ChainError: the events do not continue what is in the tables. Nothing was written.
            UnknownEventError: an event is unknown to this build. Nothing was written.
            LogUnavailableError, CorruptLogError: the log cannot be read.
            sqlalchemy.exc.OperationalError: the database cannot be reached.
        """
        place = self._place or self._read_place()
        self._place = place
        found = self._reader.read(place.position, limit=_AT_ONCE, wait_s=wait_s)
        if not found:
            return 0
        chain = EventChain(place.last)
        fresh = [record for record in map(self._decoded, found) if chain.accept(record)]
        following = Place(chain.last, found[-1].offset + 1, fresh[-1].rules if fresh else place.rules)
        if fresh:
            self._place = None  # until it is known that the step was ours
            if not self._write(place, following, fresh):
                return 0
        self._place = following
        return len(fresh)

    def _write(self, place: Place, following: Place, records: list[EventRecord]) -> bool:
        """Write the records unless another projector has; whether they were written here."""
        changes = fold(records, place.rules)
        with self._database.begin() as connection:
            moved = self._move(connection, place, following, records[-1].time_ms)
            for lot in changes if moved else ():
                write(connection, lot)
        return moved

    def _move(self, connection: Connection, place: Place, following: Place, time_ms: int) -> bool:
        table = schema.projection
        assert following.last is not None, "moving without a record"  # noqa: S101
        values = {
            "offset": following.last.offset,
            "hash": following.last.hash,
            "position": following.position,
            "time_ms": time_ms,
            "rules": following.rules,
        }
        if place.last is None:
            first = postgresql.insert(table).values(shard=self._shard, **values).on_conflict_do_nothing()
            return connection.execute(first.returning(table.c.shard)).one_or_none() is not None
        swap = update(table).where(
            table.c.shard == self._shard, table.c.offset == place.last.offset, table.c.hash == place.last.hash
        )
        return connection.execute(swap.values(**values).returning(table.c.shard)).one_or_none() is not None

    def _read_place(self) -> Place:
        table = schema.projection.c
        with self._database.begin() as connection:
            found = connection.execute(
                select(table.offset, table.hash, table.position, table.rules).where(table.shard == self._shard)
            ).one_or_none()
        if found is None:
            return Place(None, 0, _FIRST_RULES)
        return Place(Link(found.offset, bytes(found.hash)), found.position, found.rules)

    def _decoded(self, stored: Record) -> EventRecord:
        try:
            record = EventRecord.FromString(stored.data)
        except DecodeError as error:
            raise ChainError(f"the record at {stored.offset} of exchange.events is no EventRecord: {error}") from error
        if record.shard != self._shard:
            raise ChainError(f"events of shard {record.shard} are in the log of shard {self._shard}")
        return record
