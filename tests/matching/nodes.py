"""Two nodes of one shard in one process, and a lease that the test gives and takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from services.journal.log import LogReader, LogUnavailableError
from services.matching.shard import Shard
from tests.matching.betting import NOW_MS
from tests.matching.faulty import FaultyJournal


class Turn:
    """A lease that the test gives and takes."""

    contended = True

    def __init__(self) -> None:
        self._given = asyncio.Event()
        self._taken = asyncio.Event()
        self.releases = 0

    def give(self) -> None:
        self._taken.clear()
        self._given.set()

    def take(self) -> None:
        self._given.clear()
        self._taken.set()

    async def acquire(self) -> None:
        await self._given.wait()

    async def keep(self) -> None:
        await self._taken.wait()

    async def release(self) -> None:
        self.releases += 1
        self.take()


class UnreachableJournal(FaultyJournal):
    """Its logs cannot be read."""

    def reader(self, topic: str, shard: int) -> LogReader:
        raise LogUnavailableError("the brokers are away")


class Node:
    """A shard's node, and its turn to lead."""

    def __init__(self, journal: FaultyJournal, name: str) -> None:
        self.turn = Turn()
        self.shard = Shard(journal, 0, name, lease=self.turn, clock_ms=lambda: NOW_MS, pause_s=0.001)
        self.running = asyncio.create_task(self.shard.run())

    async def leads(self) -> None:
        await self._until(lambda: self.shard.leading)

    async def stands_by(self) -> None:
        await self._until(lambda: self.shard.standing_by)

    async def has_read(self, offset: int) -> None:
        await self._until(lambda: self.shard.replica.chain.next_offset > offset)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self.running.done():
                await self.running
                raise AssertionError("the node has ended")
            await asyncio.sleep(0.001)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


@asynccontextmanager
async def two_nodes(journal: FaultyJournal) -> AsyncIterator[tuple[Node, Node]]:
    """The first leads, the second stands by."""
    nodes = Node(journal, "a"), Node(journal, "b")
    nodes[0].turn.give()
    await nodes[0].leads()
    await nodes[1].stands_by()
    yield nodes
    for node in nodes:
        node.shard.stop()
    await asyncio.gather(*(node.running for node in nodes))
