"""Stopping without a refused connection: first not ready, then no new connections, then the requests in flight end.

Whoever sends traffic learns of a gateway's end some seconds after the gateway itself. For that long it goes on serving,
and asks each client on its way to open its next connection elsewhere.
"""

from __future__ import annotations

import time
from types import FrameType

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override


class Draining:
    """Whether the gateway has been asked to stop."""

    def __init__(self) -> None:
        self.begun = False


class CloseConnections:
    """While the gateway drains, every answer ends its connection."""

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""

        async def closing(message: Message) -> None:
            if self._draining.begun and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, closing if scope["type"] == "http" else send)


class DrainingServer(uvicorn.Server):
    """Serves for some seconds more after the signal to stop; a second signal ends them.

    Args:
        config: as for any server of uvicorn; its graceful timeout bounds the requests in flight at the end.
        draining: set when the signal comes.
        drain_s: the seconds.
    """

    def __init__(self, config: uvicorn.Config, draining: Draining, drain_s: float) -> None:
        super().__init__(config)
        self._draining = draining
        self._drain_s = drain_s
        self._until = float("inf")

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The signal's handler. It is not raised again at the end, so that an orderly stop has exit status 0."""
        now = time.monotonic()
        self._until = now if self._draining.begun else now + self._drain_s
        self._draining.begun = True

    @override
    async def on_tick(self, counter: int) -> bool:
        """Asked ten times a second."""
        self.should_exit = self.should_exit or time.monotonic() >= self._until
        return await super().on_tick(counter)
