"""The way to the shard: one gRPC channel to its leader, retries under the same keys, and failures in plain kinds.

The shard's nodes tell in gRPC's health protocol which of them leads (gRFC A17). The channel watches all of them and
sends calls to that one alone; while there is none, calls wait for it within their deadline. So a hand-over is a slower
answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

import grpc
from prometheus_client import Counter, Histogram

from services.contract.exchange.v1.exchange_pb2 import AccountImage, Command, MarketImage, OrderImage
from services.contract.exchange.v1.matching_pb2 import (
    DESCRIPTOR,
    Placed,
    ReadAccountRequest,
    ReadMarketRequest,
    ReadOrdersRequest,
    StatusReply,
    StatusRequest,
    SubmitRequest,
)
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub

MOST_COMMANDS: Final = 200
"""The shard's bound on one Submit."""
_MATCHING: Final = DESCRIPTOR.services_by_name["Matching"].full_name
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.5
_LEADER_ONLY: Final = json.dumps(
    {"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": _MATCHING}}
)
_CHANNEL_OPTIONS: Final = [
    ("grpc.service_config", _LEADER_ONLY),
    # A shard that comes back is found within a second; gRPC's own back-off grows to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # A standby that came after the last look is found when the leader goes.
    ("grpc.dns_min_time_between_resolutions_ms", 500),
    # A machine that fell silent is noticed before its lease ends.
    ("grpc.keepalive_time_ms", 5_000),
    ("grpc.keepalive_timeout_ms", 3_000),
    ("grpc.http2.max_pings_without_data", 0),
]

_LATENCY = Histogram(
    "valletta_gateway_shard_seconds",
    "Time to the shard's answer, retries included.",
    ["call"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_FAILURES = Counter("valletta_gateway_shard_failures", "Calls that the shard did not answer.", ["call", "status"])


class ShardUnavailableError(Exception):
    """No answer within the deadline. A command's outcome is unknown; the same key tells."""


class ShardBusyError(Exception):
    """The shard's queue is full; nothing was appended."""


class ShardRefusedError(Exception):
    """The shard found the request itself not well-formed; nothing was appended."""


class UnknownToShardError(Exception):
    """The market or account that was to be read does not exist."""


_RequestT_contra = TypeVar("_RequestT_contra", contravariant=True)
_ReplyT_co = TypeVar("_ReplyT_co", covariant=True)


class _Call(Protocol[_RequestT_contra, _ReplyT_co]):
    def __call__(self, request: _RequestT_contra, *, timeout: float, wait_for_ready: bool) -> Awaitable[_ReplyT_co]: ...


class MatchingClient:
    """Calls the shard. Safe for many tasks of one event loop at once.

    Args:
        target: gRPC's name for the shard, such as `dns:///host:port`; behind each of its addresses is a node.
        deadline_s: how long a call is tried.
    """

    def __init__(self, target: str, deadline_s: float) -> None:
        self._channel = grpc.aio.insecure_channel(target, options=_CHANNEL_OPTIONS)
        self._stub = MatchingStub(self._channel)
        self._deadline_s = deadline_s

    async def close(self) -> None:
        """Ends the channel; calls in flight may finish for a second."""
        await self._channel.close(grace=1.0)

    async def submit(self, commands: Sequence[Command]) -> list[Placed]:
        """The outcomes of 1 to 200 commands, in order; retried under their own keys while the shard is away.

        Raises:
            ShardUnavailableError, ShardBusyError, ShardRefusedError: as they say.
        """
        reply = await self._ask("Submit", self._stub.Submit, SubmitRequest(commands=commands))
        return list(reply.results)

    async def market(self, market: int, depth: int) -> MarketImage:
        """A market as it stands, `depth` prices a side (0: all). Raises UnknownToShardError and as `submit`."""
        return await self._ask("ReadMarket", self._stub.ReadMarket, ReadMarketRequest(market=market, depth=depth))

    async def account(self, account: int) -> AccountImage:
        """An account as it stands. Raises UnknownToShardError and the failures of submit."""
        return await self._ask("ReadAccount", self._stub.ReadAccount, ReadAccountRequest(account=account))

    async def orders(self, account: int, market: int = 0) -> list[OrderImage]:
        """An account's orders in the unsettled markets (0) or in one. Raises as `account` does."""
        request = ReadOrdersRequest(account=account, market=market)
        return list((await self._ask("ReadOrders", self._stub.ReadOrders, request)).orders)

    async def status(self, deadline_s: float | None = None) -> StatusReply:
        """Who leads, how far the log is applied, and the sums that conservation is checked on."""
        return await self._ask("Status", self._stub.Status, StatusRequest(), deadline_s)

    async def _ask(
        self,
        name: str,
        call: _Call[_RequestT_contra, _ReplyT_co],
        request: _RequestT_contra,
        deadline_s: float | None = None,
    ) -> _ReplyT_co:
        with _LATENCY.labels(name).time():
            try:
                return await _retrying(call, request, deadline_s or self._deadline_s)
            except grpc.aio.AioRpcError as error:
                _FAILURES.labels(name, error.code().name).inc()
                raise _FAILURE_OF.get(error.code(), ShardUnavailableError)(error.details()) from error


_FAILURE_OF: Final[dict[grpc.StatusCode, Callable[[str | None], Exception]]] = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: ShardBusyError,
    grpc.StatusCode.INVALID_ARGUMENT: ShardRefusedError,
    grpc.StatusCode.NOT_FOUND: UnknownToShardError,
}


async def _retrying(
    call: _Call[_RequestT_contra, _ReplyT_co], request: _RequestT_contra, deadline_s: float
) -> _ReplyT_co:
    """Asks until answered. Only UNAVAILABLE is tried again: the same bytes, so the same keys, so at most one effect."""
    clock = asyncio.get_running_loop().time
    give_up, pause = clock() + deadline_s, _FIRST_PAUSE_S
    while True:
        try:
            return await call(request, timeout=give_up - clock(), wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE or clock() + pause >= give_up:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)
