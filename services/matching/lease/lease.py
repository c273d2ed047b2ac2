"""What a shard asks of a lease, and the lease of a node that has no competitor."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Lease(Protocol):
    """Held by one node of a shard at a time. For one task at a time."""

    @property
    def contended(self) -> bool:
        """Whether other nodes may seek it: then one that was displaced waits for its turn instead of ending."""
        ...

    async def acquire(self) -> None:
        """Contend until it is this node's; cancel to contend no more."""
        ...

    async def keep(self) -> None:
        """Renew it; returns when it is this node's no longer."""
        ...

    async def release(self) -> None:
        """Give it up, so that another node may have it at once; does nothing where it is not this node's."""
        ...


class NoLease:
    """For one node alone: it leads whenever it can, and ends where it finds that another one does."""

    contended = False

    async def acquire(self) -> None:
        """At once."""

    async def keep(self) -> None:
        """For ever."""
        await asyncio.Event().wait()

    async def release(self) -> None:
        """Nobody waits for it."""
