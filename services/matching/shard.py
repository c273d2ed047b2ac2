"""The shard: takes over its log, leads, and when an append goes wrong reads the log again before it leads on.

prepare -> catch up -> open an epoch -> lead --(outcome unknown)--> catch up -> open an epoch -> ...
                                            --(displaced)--> stop: another node leads
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final, TypeVar

from services.contract.logs import logger
from services.journal.chain import ChainError, EpochName
from services.journal.log import (
    COMMANDS,
    EVENTS,
    LARGEST_COMMANDS,
    LARGEST_EVENTS,
    AppendUnknownError,
    DisplacedError,
    Journal,
    LogReader,
    LogUnavailableError,
    LogWriter,
    Record,
    append_at,
)
from services.matching.intake import Intake
from services.matching.observer import NoObserver, Observer
from services.matching.publisher import Publisher
from services.matching.replica import Replica
from services.matching.sequencer import Sequencer, wall_clock_ms

_log = logger(__name__)
_T = TypeVar("_T")

_LONGEST_PAUSE_S: Final = 5.0
_READ_WAIT_S: Final = 2.0
_DRAIN_S: Final = 5.0


class FencedError(Exception):
    """Another node has opened an epoch since this one led: this one must stop, and be started anew to lead."""


class Shard:
    """One shard on one node.

    Args:
        journal: where the log is.
        shard: this shard's index.
        node: this process's name.
        observer: told of what happens.
        intake: the queue of submissions, with its bounds.
        clock_ms: milliseconds since the epoch.
        pause_s: before the first new try where the log cannot be reached; it grows from try to try.
    """

    def __init__(
        self,
        journal: Journal,
        shard: int,
        node: str,
        *,
        observer: Observer | None = None,
        intake: Intake | None = None,
        clock_ms: Callable[[], int] = wall_clock_ms,
        pause_s: float = 0.2,
    ) -> None:
        self.node = node
        self.replica = Replica(shard)
        self.intake = intake or Intake()
        self._journal = journal
        self._observer = observer or NoObserver()
        self._clock_ms = clock_ms
        self._pause_s = pause_s
        self._led: EpochName | None = None
        self._publisher = Publisher(journal, shard, self._observer, pause_s)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commands")
        self._stopping = asyncio.Event()

    @property
    def leading(self) -> bool:
        """Whether this node leads, as far as it knows."""
        return self.intake.is_open

    def stop(self) -> None:
        """Finish the batch in hand, publish what it brought about, and let `run` return."""
        self._stopping.set()
        self.intake.close()

    async def run(self) -> None:
        """Lead until stopped.

        Raises:
            FencedError: another node leads.
            ChainError, CorruptLogError, UnknownRulesError: the log cannot be followed; a person must look.
            JournalError: the log is not fit to be led on.
        """
        publishing = asyncio.create_task(self._publisher.run(), name="publisher")
        leading = asyncio.create_task(self._run(), name="leader")
        try:
            await asyncio.wait({publishing, leading}, return_when=asyncio.FIRST_COMPLETED)
            if publishing.done():
                leading.cancel()
                await publishing
            await leading
            async with asyncio.timeout(_DRAIN_S):
                await self._publisher.drained()
        except TimeoutError:
            _log.warning("stopped before all events were published; the next leader publishes them")
        finally:
            self._let_go()
            for task in (publishing, leading):
                task.cancel()
                with suppress(BaseException):
                    await task
            self._publisher.close()
            self._thread.shutdown()

    async def _run(self) -> None:
        await self._until_reachable(self._prepare)
        await self._until_reachable(self._publisher.begin)
        while not self._stopping.is_set():
            writer = await self._until_reachable(self._take_over)
            if writer is None:
                return
            try:
                await self._lead(writer)
            except (AppendUnknownError, DisplacedError) as error:
                _log.warning("outcome unknown; reading the log again", error=str(error))

    async def _lead(self, writer: LogWriter) -> None:
        epoch = self.replica.chain.epoch
        assert epoch is not None, "leading without an epoch"  # noqa: S101
        sequencer = Sequencer(
            replica=self.replica,
            intake=self.intake,
            publisher=self._publisher,
            observer=self._observer,
            thread=self._thread,
            clock_ms=self._clock_ms,
        )
        self._observer.leading(epoch.offset)
        _log.info("leading", epoch_offset=epoch.offset, commands=self.replica.commands)
        if not self._stopping.is_set():
            self.intake.open()
        try:
            await sequencer.lead(writer)
        finally:
            self._let_go()
            await self._in_thread(writer.close)

    def _let_go(self) -> None:
        self.intake.close()
        self._observer.stopped_leading()

    async def _prepare(self) -> None:
        shards = self.replica.shard + 1
        await self._in_thread(lambda: self._journal.prepare(COMMANDS, shards, LARGEST_COMMANDS))
        await self._in_thread(lambda: self._journal.prepare(EVENTS, shards, LARGEST_EVENTS))

    async def _take_over(self) -> LogWriter:
        """Open an epoch at the end of the log; the writer with which to lead it."""
        reader = self._journal.reader(COMMANDS, self.replica.shard)
        writer = await self._in_thread(lambda: self._journal.writer(COMMANDS, self.replica.shard))
        try:
            while not await self._open_epoch(reader, writer):
                await asyncio.sleep(random.uniform(0, self._pause_s))  # noqa: S311
        except BaseException:
            await self._in_thread(writer.close)
            raise
        finally:
            await self._in_thread(reader.close)
        return writer

    async def _open_epoch(self, reader: LogReader, writer: LogWriter) -> bool:
        """Read to the end and append an epoch record there; False where somebody else appended in between."""
        await self._catch_up(reader)
        self._check_not_deposed()
        expected = self.replica.chain.next_offset
        data = self.replica.chain.opening(self.node, self._clock_ms())
        try:
            await self._in_thread(lambda: append_at(writer, data, expected))
        except DisplacedError as error:
            _log.info("the log moved on while taking over", error=str(error))
            return False
        await self._apply(Record(expected, data))
        self._led = self.replica.chain.epoch
        return True

    def _check_not_deposed(self) -> None:
        """Two leaders that took the log from each other for ever would serve nobody: the older one gives way."""
        epoch = self.replica.chain.epoch
        if self._led is not None and epoch is not None and epoch != self._led:
            raise FencedError(f"node {epoch.node!r} opened an epoch at offset {epoch.offset}")

    async def _catch_up(self, reader: LogReader) -> None:
        chain = self.replica.chain
        end = await self._in_thread(reader.end)
        while chain.next_offset < end:
            at = chain.next_offset
            found = await self._in_thread(partial(reader.read, at, wait_s=_READ_WAIT_S))
            if not found:
                raise LogUnavailableError(f"the log ends at {end}, but does not give its record at {at}")
            for record in found:
                await self._apply(record)
        published = self._publisher.found
        if published is not None and (chain.last is None or chain.last.offset < published.offset):
            raise ChainError(
                f"events of offset {published.offset} are published, but the log ends at {end}: it was cut"
            )

    async def _apply(self, record: Record) -> None:
        applied = self.replica.apply(record.offset, record.data)
        if applied is not None:
            await self._publisher.offer(applied.events)

    async def _until_reachable(self, attempt: Callable[[], Awaitable[_T]]) -> _T | None:
        """Try until it works; None once stopped. Outcomes unknown and logs out of reach are tried again."""
        pause = self._pause_s
        while not self._stopping.is_set():
            try:
                return await attempt()
            except (LogUnavailableError, AppendUnknownError) as error:
                _log.warning("waiting for the log", error=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        return None

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
