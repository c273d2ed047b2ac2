"""Publishes to exchange.events what the records brought about, in order, at least once, after they were applied.

Whoever leads begins with what it finds: it reads the topic's last record, and publishes what comes after it. Another
leader's late records are repeats, which readers drop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
_MOST_AT_ONCE: Final = 500
_MOST_BYTES_AT_ONCE: Final = 8 * 1024 * 1024


class Publisher:
    """A queue of event records and the task that appends them."""

    def __init__(self, journal: Journal, shard: int, observer: Observer, pause_s: float) -> None:
        self._journal = journal
        self._shard = shard
        self._observer = observer
        self._pause_s = pause_s
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._changed = asyncio.Condition()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="publisher")
        self._writer: LogWriter | None = None
        self.found: Link | None = None

    async def begin(self) -> None:
        """Learn what is published already. Raises JournalError where the topic cannot be read."""
        self.found = await self._in_thread(self._last_published)

    async def offer(self, record: EventRecord) -> None:
        """Take the next record, unless it is out already; waits while too many wait.

        Raises:
            ChainError: the topic has, for the same offset, the events of another record.
        """
        if self.found is not None and record.offset <= self.found.offset:
            if record.offset == self.found.offset and record.hash != self.found.hash:
                raise ChainError(
                    f"exchange.events has events of offset {record.offset} with the hash {self.found.hash.hex()}, "
                    f"but the log has {record.hash.hex()} there: the log was changed after they were published"
                )
            return
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._waiting) < _MOST_WAITING)
            self._waiting.append((record.offset, record.SerializeToString()))
            self._changed.notify_all()

    async def run(self) -> None:
        """Publish for ever; an append of unknown outcome is made good by looking and going on from there."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._waiting))
                batch = self._batch()
            try:
                await self._in_thread(partial(self._append, [data for _, data in batch]))
            except (AppendUnknownError, LogUnavailableError) as error:
                await self._recover(error)
                continue
            await self._drop_through(batch[-1][0])
            self._observer.published(batch[-1][0], len(batch))

    async def drained(self) -> None:
        """Returns when nothing waits."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._waiting)

    def close(self) -> None:
        """Let go of the topic."""
        self._thread.submit(self._close_writer)
        self._thread.shutdown()

    def _batch(self) -> list[tuple[int, bytes]]:
        batch: list[tuple[int, bytes]] = []
        size = 0
        for offset, data in self._waiting:
            size += len(data)
            if batch and (len(batch) == _MOST_AT_ONCE or size > _MOST_BYTES_AT_ONCE):
                break
            batch.append((offset, data))
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
            await self._drop_through(found.offset)

    async def _drop_through(self, offset: int) -> None:
        async with self._changed:
            while self._waiting and self._waiting[0][0] <= offset:
                self._waiting.popleft()
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
