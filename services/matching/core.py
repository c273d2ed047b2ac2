"""The deterministic core, as the shard sees it: bytes in, bytes out, no clock, no input or output of its own."""

from __future__ import annotations

from typing import Protocol

from valletta_core import NEWEST_RULES, Exchange, InvariantError


class Core(Protocol):
    """The exchange's state machine. Messages are the contract's, serialised."""

    def apply(self, time_ms: int, commands: list[bytes]) -> list[tuple[bytes, list[bytes]]]:
        """Apply Commands in order at one time; for each its Outcome and Events."""
        ...

    def read_market(self, market: int, depth: int) -> bytes | None:
        """A MarketImage of `depth` prices a side (0: all); None for an unknown market."""
        ...

    def read_account(self, account: int) -> bytes | None:
        """An AccountImage; None for an unknown account."""
        ...

    def read_orders(self, account: int, market: int) -> bytes | None:
        """OrderImages (market 0: every market); None for an unknown account or market."""
        ...

    def totals(self) -> dict[str, int]:
        """deposited, withdrawn, wallets, withdrawing, in_transit, commission, house and rounding, in money."""
        ...

    def rules(self) -> int:
        """The rules' version in force."""
        ...

    def state_hash(self) -> bytes:
        """A hash of the whole state."""
        ...


def new_core() -> Core:
    """A core before its first command."""
    core: Core = Exchange()
    return core


__all__ = ["NEWEST_RULES", "Core", "InvariantError", "new_core"]
