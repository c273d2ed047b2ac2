"""Leading: opens an epoch at the end of the log, sequences in it, and opens another where an outcome was unknown."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from services.contract.logs import logger
from services.journal.chain import EpochName
from services.journal.log import (
    COMMANDS,
    AppendUnknownError,
    DisplacedError,
    Journal,
    LogWriter,
    Record,
    append_at,
)
from services.matching.follower import Follower
from services.matching.intake import Intake
from services.matching.observer import Observer
from services.matching.publisher import Publisher
from services.matching.replica import Replica
from services.matching.sequencer import Sequencer

_log = logger(__name__)
_T = TypeVar("_T")


class FencedError(Exception):
    """Another node has opened an epoch since this one led: this one must not take the log back from it."""


class Leader:
    """One node's leading, from the take-over to the end of it; then perhaps again."""

    def __init__(
        self,
        journal: Journal,
        node: str,
        *,
        replica: Replica,
        follower: Follower,
        publisher: Publisher,
        intake: Intake,
        observer: Observer,
        thread: Executor,
        clock_ms: Callable[[], int],
        pause_s: float,
    ) -> None:
        self._journal = journal
        self._node = node
        self._replica = replica
        self._follower = follower
        self._publisher = publisher
        self._intake = intake
        self._observer = observer
        self._thread = thread
        self._clock_ms = clock_ms
        self._pause_s = pause_s
        self._led: EpochName | None = None

    async def run(self, over: Callable[[], bool]) -> None:
        """Lead until `over` and the intake is closed.

        Raises:
            LogUnavailableError, AppendUnknownError: no epoch could be opened.
            FencedError: another node leads.
            ChainError, CorruptLogError, UnknownRulesError: the log cannot be followed.
        """
        await self._publisher.look()
        while not over():
            writer = await self._take_over()
            try:
                await self._lead(writer, over)
            except (AppendUnknownError, DisplacedError) as error:
                _log.warning("outcome unknown; reading the log again", error=str(error))

    def forget(self) -> None:
        """Whoever opens epochs from here on does so by right; this node may do so again when it is its turn."""
        self._led = None

    async def _take_over(self) -> LogWriter:
        """Open an epoch at the end of the log; the writer with which to lead it."""
        writer = await self._in_thread(lambda: self._journal.writer(COMMANDS, self._replica.shard))
        try:
            while not await self._open_epoch(writer):
                await asyncio.sleep(random.uniform(0, self._pause_s))  # noqa: S311
        except BaseException:
            await self._in_thread(writer.close)
            raise
        return writer

    async def _open_epoch(self, writer: LogWriter) -> bool:
        """Read to the end and append an epoch record there; False where somebody else appended in between."""
        await self._follower.catch_up()
        self._check_not_deposed()
        chain = self._replica.chain
        expected = chain.next_offset
        data = chain.opening(self._node, self._clock_ms())
        try:
            await self._in_thread(lambda: append_at(writer, data, expected))
        except DisplacedError as error:
            _log.info("the log moved on while taking over", error=str(error))
            return False
        await self._follower.apply(Record(expected, data))
        self._led = chain.epoch
        return True

    def _check_not_deposed(self) -> None:
        """Two leaders that took the log from each other for ever would serve nobody: the older one gives way."""
        epoch = self._replica.chain.epoch
        if self._led is not None and epoch is not None and epoch != self._led:
            raise FencedError(f"node {epoch.node!r} opened an epoch at offset {epoch.offset}")

    async def _lead(self, writer: LogWriter, over: Callable[[], bool]) -> None:
        epoch = self._replica.chain.epoch
        assert epoch is not None, "leading without an epoch"  # noqa: S101
        sequencer = Sequencer(
            replica=self._replica,
            intake=self._intake,
            publisher=self._publisher,
            observer=self._observer,
            thread=self._thread,
            clock_ms=self._clock_ms,
        )
        self._observer.leading(epoch.offset)
        _log.info("leading", epoch_offset=epoch.offset, commands=self._replica.commands)
        if not over():
            self._intake.open()
        await self._publisher.begin()
        closing = asyncio.create_task(self._follower.close())
        try:
            await sequencer.lead(writer)
        finally:
            self._intake.close()
            self._observer.stopped_leading()
            await closing
            await self._in_thread(writer.close)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
