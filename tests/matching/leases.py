"""The model of a lease's election: one record with versions, and ways to it that are slow, lossy or cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import count

from services.matching.lease.elector import Elector, Timing
from services.matching.lease.store import LeaseConflictError, LeaseRecord, LeaseUnavailableError

TIMING = Timing()
SLOW_S = 2.9


class Trip(Enum):
    """What becomes of a request to the record."""

    WELL = "answered at once"
    SLOW = "takes effect late, and is answered later"
    LATE = "takes effect at once, and is answered late"
    LOST = "never arrives"
    UNANSWERED = "takes effect, but the answer is lost"


class Record:
    """The one record. Asserts, whenever it changes hands, that the holder before no longer believes in its lease."""

    def __init__(self) -> None:
        self.content: LeaseRecord | None = None
        self.electors: dict[str, Elector] = {}
        self.holders: list[str] = []
        self._versions = count(1)
        self.changed = asyncio.Event()

    def write(self, record: LeaseRecord) -> LeaseRecord:
        if record.version != (self.content.version if self.content else ""):
            raise LeaseConflictError("there is a newer version")
        if record.holder and record.holder != (self.content.holder if self.content else ""):
            believers = [name for name, elector in self.electors.items() if elector.held]
            assert not believers, f"{record.holder} got the lease while {believers} still believed in it"
            self.holders.append(record.holder)
        written = LeaseRecord(record.holder, record.duration_s, record.transitions, str(next(self._versions)))
        self.content = written
        self.changed.set()
        self.changed = asyncio.Event()
        return written

    def elector(self, name: str, trips: Sequence[Trip] = (), *, watches: bool = True) -> Elector:
        """A contender whose requests fare as `trips` says, in turn; after the last all go well."""
        self.electors[name] = Elector(Way(self, iter(trips), watches=watches), name, TIMING)
        return self.electors[name]


class Way:
    """One contender's way to the record."""

    def __init__(self, record: Record, trips: Iterator[Trip], *, watches: bool) -> None:
        self._record = record
        self._trips = trips
        self._watches = watches

    async def read(self) -> LeaseRecord | None:
        trip = await self._go()
        found = self._record.content
        await self._return(trip)
        return found

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        trip = await self._go()
        written = self._record.write(record)
        await self._return(trip)
        return written

    async def changed(self, record: LeaseRecord | None, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                while not self._watches or self._record.content == record:
                    await self._record.changed.wait()
        except TimeoutError:
            return

    async def _go(self) -> Trip:
        trip = next(self._trips, Trip.WELL)
        await asyncio.sleep(SLOW_S / 2 if trip is Trip.SLOW else 0)
        if trip is Trip.LOST:
            await asyncio.sleep(SLOW_S)
            raise LeaseUnavailableError(trip.value)
        return trip

    async def _return(self, trip: Trip) -> None:
        await asyncio.sleep({Trip.SLOW: SLOW_S / 2, Trip.LATE: SLOW_S}.get(trip, 0))
        if trip is Trip.UNANSWERED:
            await asyncio.sleep(SLOW_S)
            raise LeaseUnavailableError(trip.value)
