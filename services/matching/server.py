"""The shard's gRPC door: turns requests into submissions and reads, and what went wrong into gRPC's status codes."""

from __future__ import annotations

from typing import Any, Final, NoReturn, TypeAlias

import grpc
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from typing_extensions import override

from services.contract.exchange.v1.exchange_pb2 import AccountImage, MarketImage, OrderImages
from services.contract.exchange.v1.matching_pb2 import (
    ReadAccountRequest,
    ReadMarketRequest,
    ReadOrdersRequest,
    StatusReply,
    StatusRequest,
    SubmitReply,
    SubmitRequest,
)
from services.contract.exchange.v1.matching_pb2_grpc import MatchingServicer, add_MatchingServicer_to_server
from services.matching.core import NEWEST_RULES
from services.matching.health import LeaderHealth
from services.matching.intake import NotLeadingError, OutcomeUnknownError, QueueFullError
from services.matching.shard import Shard
from services.matching.wellformed import MOST_BYTES, MalformedError, check_wellformed

_RETRY_AFTER_MS: Final = 250
_RETRY: Final = (("grpc-retry-pushback-ms", str(_RETRY_AFTER_MS)),)
"""gRPC's own hint when to try again (gRFC A6)."""

_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 2 * MOST_BYTES),
    ("grpc.so_reuseport", 0),
    # A client that watches who leads has a call open at all times, and asks often whether this machine still lives.
    ("grpc.http2.min_ping_interval_without_data_ms", 2_000),
    ("grpc.keepalive_permit_without_calls", 1),
]

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class Door(MatchingServicer):
    """Serves one shard. Submissions and reads run in the loop that applies records, so a read sees whole records."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard

    @override
    async def Submit(self, request: SubmitRequest, context: Context) -> SubmitReply:
        """Order, append, apply, answer."""
        try:
            size = check_wellformed(request.commands, NEWEST_RULES)
            submission = self._shard.intake.put(request.commands, size)
            return SubmitReply(results=await submission.answer)
        except MalformedError as error:
            return await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except QueueFullError as error:
            return await _abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, str(error), _RETRY)
        except NotLeadingError as error:
            return await _abort(context, grpc.StatusCode.UNAVAILABLE, f"not appended: {error}", _RETRY)
        except OutcomeUnknownError as error:
            reason = f"outcome unknown, retry with the same keys: {error}"
            return await _abort(context, grpc.StatusCode.UNAVAILABLE, reason, _RETRY)

    @override
    async def ReadMarket(self, request: ReadMarketRequest, context: Context) -> MarketImage:
        """A market's image."""
        await self._need_leadership(context)
        image = self._shard.replica.core.read_market(request.market, request.depth)
        if image is None:
            await _abort(context, grpc.StatusCode.NOT_FOUND, f"market {request.market} is unknown")
        return MarketImage.FromString(image)

    @override
    async def ReadAccount(self, request: ReadAccountRequest, context: Context) -> AccountImage:
        """An account's image."""
        await self._need_leadership(context)
        image = self._shard.replica.core.read_account(request.account)
        if image is None:
            await _abort(context, grpc.StatusCode.NOT_FOUND, f"account {request.account} is unknown")
        return AccountImage.FromString(image)

    @override
    async def ReadOrders(self, request: ReadOrdersRequest, context: Context) -> OrderImages:
        """An account's orders in memory."""
        await self._need_leadership(context)
        images = self._shard.replica.core.read_orders(request.account, request.market)
        if images is None:
            await _abort(
                context, grpc.StatusCode.NOT_FOUND, f"account {request.account} or market {request.market} is unknown"
            )
        return OrderImages.FromString(images)

    @override
    async def Status(self, request: StatusRequest, context: Context) -> StatusReply:
        """Where the shard stands; answered also by a node that does not lead."""
        replica, chain, core = self._shard.replica, self._shard.replica.chain, self._shard.replica.core
        totals = core.totals()
        return StatusReply(
            shard=replica.shard,
            node=self._shard.node,
            leading=self._shard.leading,
            epoch=chain.epoch.to_proto() if chain.epoch else None,
            offset=chain.last.offset if chain.last else 0,
            hash=chain.last.hash if chain.last else b"",
            state_hash=core.state_hash() if request.with_state_hash else b"",
            rules=core.rules(),
            commands=replica.commands,
            deposited=totals["deposited"],
            withdrawn=totals["withdrawn"],
            wallets=totals["wallets"],
            commission=totals["commission"],
            house=totals["house"],
            withdrawing=totals["withdrawing"],
            in_transit=totals["in_transit"],
            rounding=totals["rounding"],
        )

    async def _need_leadership(self, context: Context) -> None:
        if not self._shard.leading:
            await _abort(context, grpc.StatusCode.UNAVAILABLE, "this node does not lead the shard", _RETRY)


async def _abort(
    context: Context, code: grpc.StatusCode, reason: str, hint: tuple[tuple[str, str], ...] = ()
) -> NoReturn:
    await context.abort(code, reason, hint)
    raise AssertionError("abort returned")


def serve(shard: Shard, address: str, health: LeaderHealth | None = None) -> tuple[grpc.aio.Server, int]:
    """A server for the shard, bound and not started yet, and its port (port 0 takes a free one).

    Raises:
        OSError: the address cannot be bound.
    """
    server = grpc.aio.server(options=_OPTIONS)
    health = health or LeaderHealth()
    shard.intake.listen(health.tell)
    add_MatchingServicer_to_server(Door(shard), server)
    add_HealthServicer_to_server(health, server)
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise OSError(f"gRPC cannot listen on {address}: {error}") from error
    return server, port
