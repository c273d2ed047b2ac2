"""Bounds that hold for every request, whatever its route: how large its body is, and how long it takes."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.errors import problem_response


class BodyLimit:
    """Refuses a body beyond the limit: by its declared length before reading, by counting while it is read."""

    def __init__(self, app: ASGIApp, limit_bytes: int) -> None:
        self._app = app
        self._limit = limit_bytes
        self._sentence = f"The body is larger than {limit_bytes} bytes; send less at a time."

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._limit:
            response = problem_response(413, "BODY_TOO_LARGE", self._sentence, headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise HTTPException(413)
            return message

        await self._app(scope, counting, send)


class TimeLimit:
    """Answers 504 when a request takes too long. Every wait below has a shorter bound; this one is the net."""

    def __init__(self, app: ASGIApp, limit_s: float) -> None:
        self._app = app
        self._limit_s = limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._limit_s):
                await self._app(scope, receive, noting)
        except TimeoutError:
            if started:
                raise
            detail = "The request took too long; a command's outcome is unknown: send it again with the same key."
            await problem_response(504, "OUTCOME_UNKNOWN", detail)(scope, receive, send)
