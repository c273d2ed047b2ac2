"""Where a contended lease is written down: one record, replaced only by whoever has seen its newest version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class LeaseUnavailableError(Exception):
    """The record cannot be read or written now; a write may or may not have taken effect. Trying again may help."""


class LeaseConflictError(Exception):
    """Somebody else has written since the version that the write was based on; nothing was written."""


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """A version of the record.

    Args:
        holder: who has the lease; empty for nobody.
        duration_s: how long it lasts from a renewal, in whole seconds.
        transitions: how often it has changed hands.
        version: names this version; compared for equality only. Empty for a record that is not there yet.
    """

    holder: str
    duration_s: int
    transitions: int
    version: str


class LeaseStore(Protocol):
    """Keeps one record. Every call is bounded in time, and raises LeaseUnavailableError beyond it."""

    async def read(self) -> LeaseRecord | None:
        """The record as it is; None where it was never written. Raises LeaseUnavailableError."""
        ...

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        """Make or replace the record whose version it names.

        Args:
            record: the new content, with the version that it replaces.
            taken: whether the lease changes hands, rather than being renewed.

        Returns:
            The record with its new version.

        Raises:
            LeaseConflictError: there is a newer version.
            LeaseUnavailableError: as it says.
        """
        ...

    async def changed(self, record: LeaseRecord | None, within_s: float) -> None:
        """Return when there may be another version than this one, or `within_s` seconds have passed."""
        ...
