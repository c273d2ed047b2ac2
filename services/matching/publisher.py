"""Publishes to exchange.events what the records brought about, in order, at least once, after they were applied.

Whoever leads begins with what it finds: it reads the topic's last record, and publishes what comes after it. Another
leader's late records are repeats, which readers drop. A node that stands by keeps what the leader may not have
published yet, so that it can go on from there when it leads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from google.protobuf.message import DecodeError

from services.contract.exchange.v1.exchange_pb2 import EventRecord
from services.contract.logs import logger
from services.journal.chain import ChainError, Link
from services.journal.log import EVENTS, AppendUnknownError, Journal, LogUnavailableError, LogWriter
from services.matching.observer import Observer

_log = logger(__name__)
_T = TypeVar("_T")

_MOST_WAITING: Final = 10_000
_MOST_BYTES_WAITING: Final = 64 * 1024 * 1024
_MOST_AT_ONCE: Final = 500
_MOST_BYTES_AT_ONCE: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Waiting:
    link: Link
    data: bytes


class Publisher:
    """A queue of event records and the task that appends them while this node leads."""

    def __init__(self, journal: Journal, shard: int, observer: Observer, pause_s: float) -> None:
        self._journal = journal
        self._shard = shard
        self._observer = observer
        self._pause_s = pause_s
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._leading = False
        self._changed = asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="publisher")
        self._writer: LogWriter | None = None
        self.found: Link | None = None

    async def look(self) -> None:
        """Learn what is published already, and let go of it.

        Raises:
            JournalError: the topic cannot be read.
            ChainError: it has, for the same offset, the events of another record.
        """
        self.found = found = await self._in_thread(self._last_published)
        if found is not None:
            await self._drop_through(found)

    async def begin(self) -> None:
        """Publish from here on: this node leads."""
        await self._set_leading(True)

    async def stand_by(self) -> None:
        """Publish no more: another node may lead. What waits is kept until it is known to be published."""
        await self._set_leading(False)
        await self._in_thread(self._close_writer)

    async def offer(self, record: EventRecord) -> None:
        """Take the next record, unless it is out already; returns once there is room for another.

        Raises:
            ChainError: the topic has, for the same offset, the events of another record.
        """
        link = Link(record.offset, record.hash)
        if self.found is not None and link.offset <= self.found.offset:
            _check_same(link, self.found)
            return
        data = record.SerializeToString()
        async with self._changed:
            self._waiting.append(_Waiting(link, data))
            self._bytes += len(data)
            self._changed.notify_all()
        while self._is_full():
            await self._make_room()

    async def run(self) -> None:
        """Publish whenever this node leads; an unknown outcome is made good by looking and going on from there."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._leading and bool(self._waiting))
                batch = self._batch()
            try:
                await self._in_thread(partial(self._append, [each.data for each in batch]))
            except (AppendUnknownError, LogUnavailableError) as error:
                await self._recover(error)
                continue
            await self._drop_through(batch[-1].link)
            self._observer.published(batch[-1].link.offset, len(batch))

    async def drained(self) -> None:
        """Returns when nothing waits, or it is not for this node to publish it."""
        async with self._changed:
            await self._changed.wait_for(lambda: not (self._leading and self._waiting))

    def close(self) -> None:
        """Let go of the topic."""
        self._thread.submit(self._close_writer)
        self._thread.shutdown()

    async def _set_leading(self, leading: bool) -> None:
        async with self._changed:
            self._leading = leading
            self._changed.notify_all()

    def _is_full(self) -> bool:
        return len(self._waiting) >= _MOST_WAITING or self._bytes >= _MOST_BYTES_WAITING

    async def _make_room(self) -> None:
        """A leader waits for its own publishing; a node that stands by looks how far the leader's has come."""
        if self._leading:
            async with self._changed:
                await self._changed.wait_for(lambda: not (self._leading and self._is_full()))
            return
        with suppress(LogUnavailableError):
            await self.look()
        if self._is_full():
            await asyncio.sleep(self._pause_s)

    def _batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        for each in self._waiting:
            size += len(each.data)
            if batch and (len(batch) == _MOST_AT_ONCE or size > _MOST_BYTES_AT_ONCE):
                break
            batch.append(each)
        return batch

    async def _recover(self, error: Exception) -> None:
        self._observer.unknown(EVENTS)
        _log.warning("events not acknowledged; looking what is there", error=str(error))
        await self._in_thread(self._close_writer)
        await asyncio.sleep(self._pause_s)
        try:
            found = await self._in_thread(self._last_published)
        except LogUnavailableError as unavailable:
            _log.warning("events cannot be read; trying again", error=str(unavailable))
            return
        if found is not None:
            await self._drop_through(found)

    async def _drop_through(self, link: Link) -> None:
        async with self._changed:
            while self._waiting and self._waiting[0].link.offset <= link.offset:
                published = self._waiting.popleft()
                self._bytes -= len(published.data)
                _check_same(published.link, link)
            self._changed.notify_all()

    def _append(self, records: list[bytes]) -> None:
        if self._writer is None:
            self._writer = self._journal.writer(EVENTS, self._shard)
        self._writer.extend(records)

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _last_published(self) -> Link | None:
        reader = self._journal.reader(EVENTS, self._shard)
        try:
            end = reader.end()
            if end == 0:
                return None
            found = reader.read(end - 1, limit=1, wait_s=10.0)
        finally:
            reader.close()
        if not found:
            raise LogUnavailableError(f"exchange.events does not give its record at {end - 1}")
        try:
            record = EventRecord.FromString(found[0].data)
        except DecodeError as error:
            raise ChainError(f"the record at {end - 1} of exchange.events is no EventRecord: {error}") from error
        return Link(record.offset, record.hash)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _check_same(own: Link, found: Link) -> None:
    if own.offset == found.offset and own.hash != found.hash:
        raise ChainError(
            f"exchange.events has events of offset {own.offset} with the hash {found.hash.hex()}, "
            f"but the log has {own.hash.hex()} there: the log was changed after they were published"
        )
