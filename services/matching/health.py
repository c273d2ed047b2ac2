"""Who leads, told in gRPC's standard health protocol: clients that watch it send their calls to the leader alone.

A servicer of our own, for the library's of the line that our protobuf allows forgets all watchers of a service when one
of them goes (grpcio-health-checking 1.71, `_async.py`): the other gateways would never hear of a hand-over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer
from typing_extensions import override

from services.contract.exchange.v1.matching_pb2 import DESCRIPTOR

SERVICE = DESCRIPTOR.services_by_name["Matching"].full_name
"""Serving while the node leads; the process as a whole (the empty name) always is."""


class LeaderHealth(HealthServicer):
    """Answers for one shard."""

    def __init__(self) -> None:
        self._leading = False
        self._ended = False
        self._changed = asyncio.Event()

    def tell(self, leading: bool) -> None:
        """Note whether the node leads, and tell whoever watches."""
        self._leading = leading
        self._notify()

    def end(self) -> None:
        """End the watches: the server is about to go."""
        self._ended = True
        self._notify()

    @override
    async def Check(
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> HealthCheckResponse:
        """The status now; NOT_FOUND for another service's name."""
        status = self._status(request.service)
        if status == HealthCheckResponse.SERVICE_UNKNOWN:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"here are {SERVICE!r} and ''")
        return HealthCheckResponse(status=status)

    @override
    async def Watch(
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[HealthCheckResponse]:
        """The status now, and every time that it changes."""
        told: int | None = None
        while not self._ended:
            changed, status = self._changed, self._status(request.service)
            if status != told:
                yield HealthCheckResponse(status=status)
                told = status
            await changed.wait()

    def _status(self, service: str) -> int:
        if service == SERVICE:
            return HealthCheckResponse.SERVING if self._leading else HealthCheckResponse.NOT_SERVING
        return HealthCheckResponse.SERVICE_UNKNOWN if service else HealthCheckResponse.SERVING

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
