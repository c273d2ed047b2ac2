"""Cores to compare the model with: the built one, and the model itself behind the same interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from google.protobuf.message import DecodeError

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.machine import Model


class Core(Protocol):
    """What the Python binding of the core offers."""

    def apply(self, time_ms: int, commands: Sequence[bytes]) -> list[tuple[bytes, list[bytes]]]: ...
    def read_market(self, market: int, depth: int = 0) -> bytes | None: ...
    def read_account(self, account: int) -> bytes | None: ...
    def read_orders(self, account: int, market: int = 0) -> bytes | None: ...
    def totals(self) -> dict[str, int]: ...


MakeCore = Callable[[dict[str, int]], Core]


def built_core(limits: dict[str, int]) -> Core:
    """The core as it is built."""
    import valletta_core  # noqa: PLC0415 - it may not be built where only the model is measured

    return valletta_core.Exchange(limits=limits)


def apply_bytes(model: Model, time_ms: int, command: bytes) -> tuple[x.Outcome, list[x.Event]]:
    """A command as it stands in the log: bytes that are none are refused."""
    try:
        return model.apply(time_ms, x.Command.FromString(command))
    except DecodeError:
        return model.refuse(time_ms, 0, x.MALFORMED)


class ModelCore:
    """The model, spoken to as if it were the core: what it costs to compare with it, and that comparing works."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.model = Model(limits)

    def apply(self, time_ms: int, commands: Sequence[bytes]) -> list[tuple[bytes, list[bytes]]]:
        results = (apply_bytes(self.model, time_ms, command) for command in commands)
        return [
            (outcome.SerializeToString(), [event.SerializeToString() for event in events])
            for outcome, events in results
        ]

    def read_market(self, market: int, depth: int = 0) -> bytes | None:
        return self.model.images.market(market).SerializeToString()

    def read_account(self, account: int) -> bytes | None:
        return self.model.images.account(account).SerializeToString()

    def read_orders(self, account: int, market: int = 0) -> bytes | None:
        return self.model.images.orders(account, market).SerializeToString()

    def totals(self) -> dict[str, int]:
        return self.model.totals()
