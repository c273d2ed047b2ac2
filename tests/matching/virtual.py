"""An event loop whose time passes only while everybody waits, and then at once: hours of a protocol in milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import TypeVar

from typing_extensions import override

_T = TypeVar("_T")


class _Clock(selectors.SelectSelector):
    """Instead of waiting for a file, moves the time on."""

    now = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for ever"
        self.now += max(timeout, 0.0)
        return []


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._virtual = _Clock()
        super().__init__(self._virtual)

    @override
    def time(self) -> float:
        return self._virtual.now


def in_virtual_time(scenario: Callable[[], Awaitable[_T]]) -> _T:
    """Runs a scenario that does no I/O and uses no threads."""

    async def run() -> _T:
        return await scenario()

    with asyncio.Runner(loop_factory=_VirtualLoop) as runner:
        return runner.run(run())
