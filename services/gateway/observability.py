"""Logs and metrics. Neither holds a name, a token, a query string or a body: the route's template says enough."""

from __future__ import annotations

import logging
import sys
import time
from typing import Final
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.errors import problem_response

_QUIET: Final = frozenset({"/healthz", "/readyz"})
_UNEXPECTED: Final = "Something went wrong here; it has been logged under the id in X-Request-ID."
_log = structlog.get_logger(__name__)

_REQUESTS = Counter("valletta_gateway_requests", "Requests answered.", ["method", "route", "status"])
_SECONDS = Histogram(
    "valletta_gateway_request_seconds",
    "Time from the request's head to the end of its answer.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def configure_logging() -> None:
    """One JSON object a line on standard output, from our own loggers and the libraries' alike."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # the traceback alone: locals could hold a secret
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)


def _name_service(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {**event, "service": "gateway"}


class Observed:
    """Counts and times every request, and logs it with an id that the client gets too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, began, status = str(uuid4()), time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting)
            except Exception as error:
                _log.error("unexpected", error=type(error).__name__, exc_info=error)
                if status:
                    raise  # the answer has begun: all that is left is to break the connection off
                await problem_response(500, "UNEXPECTED", _UNEXPECTED)(scope, receive, noting)
            finally:
                self._note(scope, status, time.perf_counter() - began)

    @staticmethod
    def _note(scope: Scope, status: int, seconds: float) -> None:
        route, method = getattr(scope.get("route"), "path", "(none)"), scope["method"]
        _REQUESTS.labels(method, route, status).inc()
        _SECONDS.labels(method, route).observe(seconds)
        if route not in _QUIET:
            _log.info("request", method=method, route=route, status=status, ms=round(1_000 * seconds, 2))
