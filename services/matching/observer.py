"""The moments in a command's life that somebody may want to see: metrics in production, a crash in a test."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Told of each moment as it passes, in the shard's own thread of events: be quick."""

    def leading(self, epoch_offset: int) -> None:
        """An epoch has begun, and this node leads it."""
        ...

    def stopped_leading(self) -> None:
        """This node leads no more."""
        ...

    def acknowledged(self, offset: int, commands: int, seconds: float) -> None:
        """The log has acknowledged a record, `seconds` after it was handed over. It is not applied yet."""
        ...

    def applied(self, offset: int, seconds: float) -> None:
        """The record was applied, in `seconds`. It is neither answered nor published yet."""
        ...

    def followed(self, offset: int) -> None:
        """The record was read from the log and applied, by a node that does not lead, or not yet."""
        ...

    def published(self, offset: int, records: int) -> None:
        """The events of `records` records, the last at `offset`, are in exchange.events."""
        ...

    def queued(self, commands: int) -> None:
        """So many commands wait for their turn."""
        ...

    def unknown(self, log: str) -> None:
        """An append to `log` was not acknowledged."""
        ...


class NoObserver:
    """Sees nothing."""

    def leading(self, epoch_offset: int) -> None:
        """Ignored."""

    def stopped_leading(self) -> None:
        """Ignored."""

    def acknowledged(self, offset: int, commands: int, seconds: float) -> None:
        """Ignored."""

    def applied(self, offset: int, seconds: float) -> None:
        """Ignored."""

    def followed(self, offset: int) -> None:
        """Ignored."""

    def published(self, offset: int, records: int) -> None:
        """Ignored."""

    def queued(self, commands: int) -> None:
        """Ignored."""

    def unknown(self, log: str) -> None:
        """Ignored."""
