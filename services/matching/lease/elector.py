"""Contending for a lease and keeping it, with clocks that nobody compares.

As in Kubernetes' own client-go: whether somebody else's lease has ended is judged by how long its record has not
changed before one's own eyes, never by the time written in it. A holder counts from before it asked for its renewal, a
contender from after it saw one, and the holder stops a margin early; so two nodes do not both believe in the lease as
long as their clocks run at about the same speed, whatever they show.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from services.contract.logs import logger
from services.matching.lease.store import LeaseConflictError, LeaseRecord, LeaseStore, LeaseUnavailableError

_log = logger(__name__)

_NEVER: Final = float("-inf")
_MARGIN: Final = 0.1


class _LostError(Exception):
    """The record names somebody else."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a lease lasts from its last renewal, how often it is renewed, and the pause after a failure. Seconds."""

    duration_s: int = 15
    renew_s: float = 5.0
    retry_s: float = 2.0

    @property
    def believed_s(self) -> float:
        """How long the holder itself believes in it: less, by what clocks of different speed may differ."""
        return self.duration_s * (1 - _MARGIN)


class Elector:
    """One node's part in the election.

    Args:
        store: where the record is.
        identity: this node's name in the record; no other process may ever have it.
        timing: the same for every node of the shard.
    """

    contended = True

    def __init__(self, store: LeaseStore, identity: str, timing: Timing) -> None:
        self._store = store
        self._identity = identity
        self._timing = timing
        self._seen: LeaseRecord | None = None
        self._seen_at = _NEVER
        self._held_until = _NEVER
        self._wrote = False
        self._unsure = False

    @property
    def held(self) -> bool:
        """Whether this node believes now that the lease is its own."""
        return _now() < self._held_until

    async def acquire(self) -> None:
        """Contend: look, take what is free, and look again as soon as the record changes or its time is up."""
        while not self.held:
            try:
                found = await self._look()
                left = self._left(found)
                if left <= 0:
                    await self._take(found)
                    continue
                await self._store.changed(found, min(self._timing.retry_s, left))
            except LeaseConflictError:
                await asyncio.sleep(0)
            except LeaseUnavailableError as error:
                _log.warning("the lease cannot be looked at; trying again", error=str(error))
                await asyncio.sleep(self._timing.retry_s)
        _log.info("lease acquired", identity=self._identity)

    async def keep(self) -> None:
        """Renew; every failure is tried again until the lease would have ended."""
        due = _now() + self._timing.renew_s
        try:
            while True:
                async with asyncio.timeout_at(self._held_until):
                    await asyncio.sleep(due - _now())
                    due = _now() + await self._renewed()
        except TimeoutError:
            _log.error("lease lost: it could not be renewed in time", identity=self._identity)
        except _LostError as error:
            _log.error("lease lost", error=str(error), identity=self._identity)
            self._held_until = _NEVER

    async def release(self) -> None:
        """Write that nobody has it. Where that fails, the others wait for its end, as after a crash."""
        self._held_until = _NEVER
        if not self._wrote:
            return
        try:
            async with asyncio.timeout(self._timing.renew_s):
                await self._give_up()
        except (LeaseUnavailableError, LeaseConflictError, TimeoutError) as error:
            _log.warning("lease not released; it ends by itself", error=str(error))

    async def _give_up(self) -> None:
        found = await self._look()
        if found is not None and found.holder == self._identity:
            freed = LeaseRecord("", found.duration_s, found.transitions, found.version)
            self._note(await self._store.write(freed, taken=True))
            _log.info("lease released", identity=self._identity)
        self._wrote = False

    async def _renewed(self) -> float:
        """Renew once; seconds until the next time. Raises _LostError where somebody else has it."""
        began = _now()
        try:
            await self._take(await self._mine())
        except LeaseUnavailableError as error:
            _log.warning("lease not renewed; trying again", error=str(error))
            self._unsure = True
            return max(0.0, began + self._timing.retry_s - _now())
        except LeaseConflictError:
            self._unsure = True
            return 0.0
        return self._timing.renew_s

    async def _mine(self) -> LeaseRecord | None:
        """The version to renew. A write whose answer was lost looks like somebody else's: then the record tells."""
        if not self._unsure:
            return self._seen
        found = await self._look()
        if found is None or found.holder != self._identity:
            raise _LostError(f"{found.holder if found else 'nobody'!r} has it")
        return found

    async def _take(self, found: LeaseRecord | None) -> None:
        """Write this node in as the holder, based on the version found."""
        mine = found is not None and found.holder == self._identity
        transitions = found.transitions if found else 0
        record = LeaseRecord(
            self._identity, self._timing.duration_s, transitions + (not mine), found.version if found else ""
        )
        asked, self._wrote = _now(), True
        self._note(await self._store.write(record, taken=not mine))
        self._unsure = False
        self._held_until = asked + self._timing.believed_s

    async def _look(self) -> LeaseRecord | None:
        found = await self._store.read()
        if found is None or found != self._seen:
            self._note(found)
        return found

    def _note(self, found: LeaseRecord | None) -> None:
        self._seen, self._seen_at = found, _now()

    def _left(self, found: LeaseRecord | None) -> float:
        """Seconds until the record may be overwritten, as far as this node can know."""
        if found is None or found.holder in ("", self._identity):
            return 0.0
        return self._seen_at + found.duration_s - _now()


def _now() -> float:
    """Seconds of this machine's monotonic clock."""
    return asyncio.get_running_loop().time()
