"""A gateway that is told to stop: not ready at once, serving on for a while, gone when nobody is on it any more."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from sandbox.runtime.ports import LOOPBACK, any_free_port
from services.gateway.draining import CloseConnections, Draining, DrainingServer
from tests.players import Api, bettor, open_market, succeeded
from tests.stack import Service, Stack

BACK = {"runner": 101, "side": "BACK", "price": "3.00", "size": "1.00"}


@pytest.fixture
def leaving(exchange: Stack, tmp_path: Path) -> Iterator[Service]:
    """Another gateway of the exchange, which serves on for a while when it is told to stop."""
    http = f"{LOOPBACK}:{any_free_port()}"
    environment = {
        **exchange.gateway.environment,
        "VALLETTA_HTTP_ADDRESS": http,
        "VALLETTA_METRICS_ADDRESS": f"{LOOPBACK}:0",
        "VALLETTA_DRAIN_S": "60",
    }
    gateway = Service("services.gateway", environment, f"http://{http}/readyz", tmp_path / "gateway.log")
    gateway.start()
    try:
        gateway.wait_ready()
        yield gateway
    finally:
        gateway.kill()


def test_a_stopping_gateway_says_that_it_is_not_ready_and_serves_until_its_time_is_up(
    exchange: Stack, staff: Api, leaving: Service
) -> None:
    """A second signal ends the waiting, as its seconds would have done."""
    someone, market = bettor(exchange, staff), open_market(staff)
    someone.api.http.base_url = leaving.ready_url.removesuffix("/readyz")
    path = f"/v1/markets/{market}/orders"
    kept = someone.api.command(path, BACK)
    assert "Connection" not in kept.headers
    leaving.ask_to_end()
    while (ready := httpx.get(leaving.ready_url)).status_code == 200:
        time.sleep(0.01)
    assert (ready.status_code, ready.json()) == (503, {"status": "stopping"})
    late = someone.api.command(path, BACK)
    assert succeeded(late)["order"] != succeeded(kept)["order"]
    assert late.headers["Connection"] == "close", "the client's next connection goes elsewhere"
    leaving.ask_to_end()
    assert leaving.exit_status() == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(leaving.ready_url)


def test_a_request_in_flight_at_the_end_is_still_answered() -> None:
    began, finish = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await finish.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    async def scenario() -> None:
        draining, port = Draining(), any_free_port()
        app = CloseConnections(slow, draining)
        config = uvicorn.Config(app, host=LOOPBACK, port=port, lifespan="off", timeout_graceful_shutdown=60)
        server = DrainingServer(config, draining, drain_s=0)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=60) as client:
            asking = asyncio.create_task(client.get("/"))
            await began.wait()
            server.handle_exit(signal.SIGTERM, None)
            while not server.should_exit:
                await asyncio.sleep(0.01)
            finish.set()
            assert (await asking).text == "done"
        await serving

    asyncio.run(scenario())
