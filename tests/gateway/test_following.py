"""The gateway's way to a shard of several nodes: the leader alone is asked, and its absence is waited out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from services.contract.exchange.v1.exchange_pb2 import Command
from services.contract.exchange.v1.matching_pb2 import Placed, SubmitReply
from services.gateway.keyring import new_key
from services.gateway.matching import MatchingClient, ShardUnavailableError
from services.matching.health import SERVICE, LeaderHealth


class _Node:
    """Answers with its number, and tells in the health protocol whether it leads."""

    def __init__(self, number: int) -> None:
        self.health = LeaderHealth()
        self.asked = 0
        self._number = number

    async def submit(self, request: bytes, context: object) -> bytes:
        self.asked += 1
        return SubmitReply(results=[Placed(offset=self._number)]).SerializeToString()


@asynccontextmanager
async def _shard(deadline_s: float) -> AsyncIterator[tuple[MatchingClient, _Node, _Node]]:
    nodes, servers, ports = (_Node(1), _Node(2)), [], list[int]()
    for node in nodes:
        server = grpc.aio.server()
        submit: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(node.submit)
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {"Submit": submit})])
        add_HealthServicer_to_server(node.health, server)
        ports.append(server.add_insecure_port("127.0.0.1:0"))
        await server.start()
        servers.append(server)
    client = MatchingClient("ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports), deadline_s)
    try:
        yield client, *nodes
    finally:
        await client.close()
        for server in servers:
            await server.stop(0)


async def _answered_by(client: MatchingClient) -> int:
    (placed,) = await client.submit([Command(key=new_key(), account=1)])
    return placed.offset


def test_only_the_leader_is_asked_and_a_command_waits_for_the_next_one() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(30), _shard(deadline_s=20) as (client, first, second):
            first.health.tell(True)
            assert {await _answered_by(client) for _ in range(10)} == {1}
            first.health.tell(False)
            await asyncio.sleep(0.1)
            waiting = asyncio.create_task(_answered_by(client))
            await asyncio.sleep(0.1)
            assert not waiting.done()
            second.health.tell(True)
            assert await waiting == 2
            assert (first.asked, second.asked) == (10, 1)

    asyncio.run(scenario())


def test_without_a_leader_within_the_deadline_the_outcome_is_unknown() -> None:
    async def scenario() -> None:
        async with _shard(deadline_s=0.2) as (client, *_):
            with pytest.raises(ShardUnavailableError):
                await _answered_by(client)

    asyncio.run(scenario())
