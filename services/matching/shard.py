"""The shard: follows its log, and leads it while it has the lease.

prepare -> stand by --(lease)--> lead --(stopped)--> publish what is left -> release the lease -> end
              ^                   |
              +---(lease lost, log out of reach, or displaced by another node)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from services.contract.logs import logger
from services.journal.log import (
    COMMANDS,
    EVENTS,
    LARGEST_COMMANDS,
    LARGEST_EVENTS,
    AppendUnknownError,
    Journal,
    LogUnavailableError,
)
from services.matching.follower import Follower
from services.matching.intake import Intake
from services.matching.leader import FencedError, Leader
from services.matching.lease.lease import Lease, NoLease
from services.matching.observer import NoObserver, Observer
from services.matching.publisher import Publisher
from services.matching.replica import Replica
from services.matching.sequencer import wall_clock_ms

_log = logger(__name__)
_T = TypeVar("_T")

_LONGEST_PAUSE_S: Final = 5.0
_CHECK_S: Final = 1.0
_DRAIN_S: Final = 5.0


class Shard:
    """One shard on one node.

    Args:
        journal: where the log is.
        shard: this shard's index.
        node: this process's name.
        lease: whose turn it is to lead; none where the node has no competitor.
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
        lease: Lease | None = None,
        observer: Observer | None = None,
        intake: Intake | None = None,
        clock_ms: Callable[[], int] = wall_clock_ms,
        pause_s: float = 0.2,
    ) -> None:
        self.node = node
        self.replica = replica = Replica(shard)
        self.intake = intake or Intake()
        self.standing_by = False
        self._journal = journal
        self._lease = lease or NoLease()
        self._observer = observer = observer or NoObserver()
        self._pause_s = pause_s
        self._thread = thread = ThreadPoolExecutor(1, thread_name_prefix="commands")
        self._publisher = publisher = Publisher(journal, shard, observer, pause_s)
        self._follower = follower = Follower(
            journal, replica=replica, publisher=publisher, observer=observer, thread=thread
        )
        self._leader = Leader(
            journal,
            node,
            replica=replica,
            follower=follower,
            publisher=publisher,
            intake=self.intake,
            observer=observer,
            thread=thread,
            clock_ms=clock_ms,
            pause_s=pause_s,
        )
        self._stopping = asyncio.Event()

    @property
    def leading(self) -> bool:
        """Whether this node leads, as far as it knows."""
        return self.intake.is_open

    @property
    def ready(self) -> bool:
        """Whether this node leads, or is at the end of the log and could at once."""
        return self.leading or self.standing_by

    def stop(self) -> None:
        """Finish the batch in hand, publish what it brought about, release the lease, and let `run` return."""
        self._stopping.set()
        self.intake.close()

    async def run(self) -> None:
        """Stand by and lead until stopped.

        Raises:
            FencedError: another node leads, and this one has no lease to wait for.
            ChainError, CorruptLogError, UnknownRulesError: the log cannot be followed; a person must look.
            JournalError: the log is not fit to be led on.
        """
        publishing = asyncio.create_task(self._publisher.run(), name="publisher")
        working = asyncio.create_task(self._run(), name="shard")
        try:
            await asyncio.wait({publishing, working}, return_when=asyncio.FIRST_COMPLETED)
            if publishing.done():
                working.cancel()
                await publishing
            await working
            async with asyncio.timeout(_DRAIN_S):
                await self._publisher.drained()
        except TimeoutError:
            _log.warning("stopped before all events were published; the next leader publishes them")
        finally:
            self.intake.close()
            await _ended(publishing, working)
            await self._lease.release()
            await self._follower.close()
            self._publisher.close()
            self._thread.shutdown()

    async def _run(self) -> None:
        await self._until_reachable(self._prepare)
        await self._until_reachable(self._publisher.look)
        pause = self._pause_s
        while not self._stopping.is_set():
            if not await self._stand_by():
                continue
            if await self._serve():
                pause = self._pause_s
                continue
            await self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _prepare(self) -> None:
        shards = self.replica.shard + 1
        await self._in_thread(lambda: self._journal.prepare(COMMANDS, shards, LARGEST_COMMANDS))
        await self._in_thread(lambda: self._journal.prepare(EVENTS, shards, LARGEST_EVENTS))

    async def _stand_by(self) -> bool:
        """Follow the log, and seek the lease for as long as that goes well; whether this node has it now."""
        await self._until_reachable(self._follower.catch_up)
        seeking = asyncio.create_task(self._lease.acquire(), name="lease")
        await asyncio.sleep(0)  # where there is no competitor it is there at once
        self.standing_by = not self._stopping.is_set()
        try:
            await self._follow_until(lambda: seeking.done() or self._stopping.is_set())
        except LogUnavailableError as error:
            # Who cannot read the log must not keep the lease from those who can.
            _log.warning("standing by no longer", error=str(error))
            await _ended(seeking)
            await self._lease.release()
            return False
        finally:
            self.standing_by = False
            got = seeking.done() and not seeking.cancelled()
            await _ended(seeking)
        if got:
            seeking.result()
        return got

    async def _follow_until(self, over: Callable[[], bool]) -> None:
        """Follow the log; now and then ask where it ends, for a log out of reach looks like a quiet one."""
        now = asyncio.get_running_loop().time
        check = now() + _CHECK_S
        while not over():
            await self._follower.follow()
            if now() >= check:
                await self._follower.catch_up()
                check = now() + _CHECK_S

    async def _serve(self) -> bool:
        """Lead for as long as the lease is this node's; False where the log cannot be led on now."""
        try:
            await self._lead_while_held()
        except (LogUnavailableError, AppendUnknownError) as error:
            _log.warning("the log cannot be led on now", error=str(error))
            await self._lease.release()
            return False
        except FencedError as error:
            if not self._lease.contended:
                raise
            _log.warning("displaced", error=str(error))
        finally:
            if self._lease.contended:
                self._leader.forget()
            if not self._stopping.is_set():
                await self._publisher.stand_by()
        return True

    async def _lead_while_held(self) -> None:
        """Lead until stopped or until the lease is lost; what the leader raises."""
        lost = asyncio.Event()
        keeping = asyncio.create_task(self._lease.keep(), name="lease")
        leading = asyncio.create_task(self._leader.run(lambda: self._stopping.is_set() or lost.is_set()), name="leader")
        try:
            await asyncio.wait({keeping, leading}, return_when=asyncio.FIRST_COMPLETED)
            if not leading.done():
                lost.set()
                self.intake.close()
                keeping.result()
            await leading
        finally:
            await _ended(keeping, leading)

    async def _until_reachable(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Try until it works, or until stopped."""
        pause = self._pause_s
        while not self._stopping.is_set():
            try:
                return await attempt()
            except LogUnavailableError as error:
                _log.warning("waiting for the log", error=str(error))
            await self._sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        return None

    async def _sleep(self, seconds: float) -> None:
        """Wait, unless stopped."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel what has not ended, and wait for its end; what it raised is for those who await it."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
