"""Reads a shard's log into its replica: to the end, and on as it grows. A leader has read it so before it leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, TypeVar

from services.journal.chain import ChainError
from services.journal.log import COMMANDS, Journal, LogReader, LogUnavailableError, Record
from services.matching.observer import Observer
from services.matching.publisher import Publisher
from services.matching.replica import Replica

_T = TypeVar("_T")
_READ_WAIT_S: Final = 2.0
_FOLLOW_WAIT_S: Final = 0.05
"""How long a look at the end of the log may take: a take-over waits for it."""


class Follower:
    """Applies what the log has.

    Args:
        journal: where it is.
        replica: what it is applied to.
        publisher: offered the events.
        observer: told how far it is.
        thread: in which the log is read.
    """

    def __init__(
        self, journal: Journal, *, replica: Replica, publisher: Publisher, observer: Observer, thread: Executor
    ) -> None:
        self._journal = journal
        self._replica = replica
        self._publisher = publisher
        self._observer = observer
        self._thread = thread
        self._reader: LogReader | None = None

    async def catch_up(self) -> None:
        """Apply the log to its end.

        Raises:
            LogUnavailableError: it cannot be reached; what could be read is applied.
            ChainError, CorruptLogError, UnknownRulesError: it cannot be followed.
        """
        chain, published = self._replica.chain, self._publisher.found
        end = await self._in_thread(lambda: self._opened().end())
        if end < chain.next_offset:
            raise ChainError(f"offset {chain.next_offset - 1} was read, but the log ends at {end}: it was cut")
        while (at := chain.next_offset) < end:
            if not await self._apply_from(at, _READ_WAIT_S):
                raise LogUnavailableError(f"the log ends at {end}, but does not give its record at {at}")
        if published is not None and (chain.last is None or chain.last.offset < published.offset):
            raise ChainError(
                f"events of offset {published.offset} are published, but the log ends at {end}: it was cut"
            )

    async def follow(self) -> None:
        """Apply what has come, waiting a moment for it. Raises as `catch_up` does."""
        await self._apply_from(self._replica.chain.next_offset, _FOLLOW_WAIT_S)

    async def apply(self, record: Record) -> None:
        """Apply the next record."""
        applied = self._replica.apply(record.offset, record.data)
        self._observer.followed(record.offset)
        if applied is not None:
            await self._publisher.offer(applied.events)

    async def close(self) -> None:
        """Let go of the log, which a leader need not read; the next look at it opens it again."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await asyncio.to_thread(reader.close)  # leaving the brokers takes time, and holds nobody up elsewhere

    async def _apply_from(self, offset: int, wait_s: float) -> bool:
        found = await self._in_thread(lambda: self._opened().read(offset, wait_s=wait_s))
        for record in found:
            await self.apply(record)
        return bool(found)

    def _opened(self) -> LogReader:
        if self._reader is None:
            self._reader = self._journal.reader(COMMANDS, self._replica.shard)
        return self._reader

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
