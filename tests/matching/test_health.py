"""Who leads, as gRPC's health protocol tells it."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from services.matching.health import SERVICE
from services.matching.server import serve
from services.matching.shard import Shard
from tests.matching.faulty import FaultyJournal
from tests.matching.test_shard import in_loop

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


def test_everybody_who_watches_is_told_who_leads_also_after_others_have_gone() -> None:
    """Gateways come and go; the library's own servicer forgets those who stay."""

    async def scenario() -> None:
        shard = Shard(FaultyJournal(), 0, "test")
        server, port = serve(shard, "127.0.0.1:0")
        await server.start()
        request, address = HealthCheckRequest(service=SERVICE), f"127.0.0.1:{port}"
        async with grpc.aio.insecure_channel(address) as channel:
            stub: Any = HealthStub(channel)  # whose published types know none of its calls
            staying = aiter(stub.Watch(request))
            async with grpc.aio.insecure_channel(address) as other:
                untyped: Any = HealthStub(other)
                leaving = aiter(untyped.Watch(request))
                assert (await anext(leaving)).status == (await anext(staying)).status == NOT_SERVING
            await asyncio.sleep(0.1)
            for change, status in ((shard.intake.open, SERVING), (shard.intake.close, NOT_SERVING)):
                change()
                assert (await anext(staying)).status == (await stub.Check(request)).status == status
            assert (await stub.Check(HealthCheckRequest())).status == SERVING, "the process as a whole"
            with pytest.raises(grpc.aio.AioRpcError, match=r"here are 'valletta\.exchange\.v1\.Matching' and ''"):
                await stub.Check(HealthCheckRequest(service="another"))
        await server.stop(0)

    in_loop(scenario)
