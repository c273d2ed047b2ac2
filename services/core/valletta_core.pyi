"""Valletta's deterministic exchange state machine: commands in, outcomes and events out, all as protobuf bytes.

The messages are those of `valletta/exchange/v1/exchange.proto`. Nothing here reads a clock, a file or a random number.
"""

from collections.abc import Mapping, Sequence
from typing import final

NEWEST_RULES: int
"""The newest version of the rules that this build knows."""

LADDER: tuple[int, ...]
"""The CLASSIC ladder: price in hundredths by tick."""

class InvariantError(RuntimeError):
    """An invariant is violated (the message names it): the exchange must not be used any more, and refuses to be."""

@final
class Exchange:
    """One shard's whole state. Threads may share it; calls wait for each other without the interpreter's lock."""

    def __init__(self, *, check: bool = False, limits: Mapping[str, int] | None = None) -> None:
        """A shard before its first command.

        Args:
            check: check every invariant after every command. Slow.
            limits: bounds to reach in a test (`accounts`, `markets`, `open_markets`, `runners`, `exposures`, `orders`,
                `orders_per_account`, `ended_orders`, `keys`, `kept_results`, `withdrawals`). They belong to the rules:
                leave them alone elsewhere.

        Raises:
            ValueError: no limit has that name.
        """

    def apply(self, time_ms: int, commands: Sequence[bytes]) -> list[tuple[bytes, list[bytes]]]:
        """Applies serialized `Command`s at a log time: for each its `Outcome` and its `Event`s, serialized.

        Bytes that are no command get a MALFORMED outcome. A repeat of a remembered key gets its first outcome, marked
        as repeated, and no events.

        Raises:
            InvariantError: an invariant is violated, now or earlier, or log time went back.
        """

    def read_market(self, market: int, depth: int = 0) -> bytes | None:
        """The `MarketImage`, with at most `depth` prices a side (0: all). None: no such market."""

    def read_account(self, account: int) -> bytes | None:
        """The `AccountImage`. None: no such account."""

    def read_orders(self, account: int, market: int = 0) -> bytes | None:
        """The `OrderImages` in one market, or (0) in all. None: no such account or market."""

    def totals(self) -> dict[str, int]:
        """The shard's money, over all currencies, and `commands` applied.

        deposited - withdrawn = wallets + withdrawing + in_transit + commission + house + rounding.
        """

    def rules(self) -> int:
        """The version of the rules in force."""

    def require_rules(self, version: int) -> None:
        """Halts before a version in force (named by a record, an event, a snapshot) that this build does not know.

        Raises:
            InvariantError: it is not known; the exchange refuses to be used any more.
        """

    def state_hash(self, *, memory: bool = True) -> bytes:
        """SHA-256 over a canonical walk of the state.

        Args:
            memory: all of it. False leaves out what a refused command may change: keys, counter, log time.
        """

    def snapshot(self) -> bytes:
        """The whole state, to go on from with `restore`: same answers, events and hashes as if it had never stopped."""

    @staticmethod
    def restore(snapshot: bytes, *, check: bool = False) -> Exchange:
        """A shard as a snapshot left it.

        Raises:
            ValueError: the bytes are no snapshot, were cut or changed, or are of rules that this build does not know.
        """

    def check_invariants(self) -> None:
        """Checks every invariant from scratch.

        Raises:
            InvariantError: the first that does not hold.
        """
