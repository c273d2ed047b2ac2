"""The gRPC door: what went wrong comes back as the right status, with the reason, and nothing was appended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from services.contract.exchange.v1.exchange_pb2 import Code, Command, GrantPermit, MarketStatus, RequestWithdrawal
from services.contract.exchange.v1.matching_pb2 import (
    ReadAccountRequest,
    ReadMarketRequest,
    ReadOrdersRequest,
    StatusRequest,
    SubmitRequest,
)
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub

if TYPE_CHECKING:
    from services.contract.exchange.v1.matching_pb2_grpc import MatchingAsyncStub
from services.journal.log import COMMANDS
from services.matching.intake import Intake
from services.matching.server import serve
from services.matching.shard import Shard
from services.matching.wellformed import MOST_COMMANDS
from tests.matching.betting import BACK, LAY, activate_rules, deposit, funded, new_key, open_market, place
from tests.matching.faulty import Fault, FaultyJournal


@asynccontextmanager
async def serving(
    journal: FaultyJournal, *, lead: bool = True, intake: Intake | None = None
) -> AsyncIterator[MatchingAsyncStub]:
    shard = Shard(journal, 0, "test", pause_s=0.001, intake=intake)
    server, port = serve(shard, "127.0.0.1:0")
    await server.start()
    running = asyncio.create_task(shard.run()) if lead else None
    while lead and not shard.leading:
        await asyncio.sleep(0.001)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield MatchingStub(channel)
    shard.stop()
    if running is not None:
        await running
    await server.stop(0)


def in_loop(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await scenario()

    asyncio.run(bounded())


def test_commands_are_answered_in_order_and_the_state_can_be_read() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal()) as stub:
            reply = await stub.Submit(SubmitRequest(commands=[*funded(2), open_market(2)]))
            assert [placed.outcome.code for placed in reply.results] == [Code.OK] * 7
            assert [(placed.offset, placed.index) for placed in reply.results] == [(1, i) for i in range(7)]
            orders = [place(1, 1, 10, BACK, 100, 30_000), place(2, 1, 10, LAY, 100, 20_000)]
            reply = await stub.Submit(SubmitRequest(commands=orders))
            assert reply.results[1].outcome.matched == 20_000
            market = await stub.ReadMarket(ReadMarketRequest(market=1))
            assert market.status == MarketStatus.OPEN
            assert [(level.price, level.size) for level in market.runners[0].to_lay] == [(100, 10_000)]
            assert (await stub.ReadAccount(ReadAccountRequest(account=1))).held == 30_000
            assert (await stub.ReadOrders(ReadOrdersRequest(account=1))).orders[0].remaining == 10_000
            status = await stub.Status(StatusRequest(with_state_hash=True))
            assert (status.leading, status.node, status.epoch.node, status.commands) == (True, "test", "test", 9)
            assert (status.deposited, status.wallets, len(status.state_hash)) == (20_000_000, 20_000_000, 32)

    in_loop(scenario)


def test_the_status_tells_of_all_the_money_that_there_is() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal()) as stub:
            bodies: list[dict[str, Any]] = [
                {"account": 1, "request_withdrawal": RequestWithdrawal(amount=30_000)},
                {"grant_permit": GrantPermit(account=1, shard=1, money=20_000)},
            ]
            commands = [Command(key=new_key(), **body) for body in bodies]
            reply = await stub.Submit(SubmitRequest(commands=[*funded(1, 90_000), activate_rules(2), *commands]))
            assert {placed.outcome.code for placed in reply.results} == {Code.OK}
            status = await stub.Status(StatusRequest())
            assert (status.deposited, status.wallets) == (90_000, 40_000)
            assert (status.withdrawing, status.in_transit, status.rounding) == (30_000, 20_000, 0)

    in_loop(scenario)


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([], "0 commands were submitted; send 1 to 200"),
        ([deposit(1, 100)] * (MOST_COMMANDS + 1), "201 commands were submitted; send 1 to 200"),
        ([deposit(1, 100), Command(account=1)], r"commands\[1\]: key has 0 bytes; send the 16 bytes of a UUIDv7"),
        ([Command(key=bytes(16))], r"commands\[0\]: key is a UUID of version None; send a UUIDv7"),
        ([Command(key=new_key())], r"commands\[0\]: body is absent"),
        ([activate_rules(99)], r"commands\[0\]: rules version 99 is unknown to this build; it knows up to \d+"),
        ([open_market(2, name="x" * 270_000)], r"the commands have \d+ bytes; send at most 262144 at once"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_reason_and_never_appended(
    commands: list[Command], reason: str
) -> None:
    journal = FaultyJournal()

    async def scenario() -> None:
        async with serving(journal) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match=reason) as refused:
                await stub.Submit(SubmitRequest(commands=commands))
            assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT

    in_loop(scenario)
    assert len(journal.logs[COMMANDS, 0]) == 1, "only the epoch's record"


def test_what_is_unknown_is_not_found() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal()) as stub:
            for call, message in (
                (stub.ReadMarket(ReadMarketRequest(market=5)), "market 5 is unknown"),
                (stub.ReadAccount(ReadAccountRequest(account=6)), "account 6 is unknown"),
                (stub.ReadOrders(ReadOrdersRequest(account=7)), "account 7 or market 0 is unknown"),
            ):
                with pytest.raises(grpc.aio.AioRpcError, match=message) as missing:
                    await call
                assert missing.value.code() == grpc.StatusCode.NOT_FOUND

    in_loop(scenario)


def test_a_node_that_does_not_lead_says_so_with_a_hint_when_to_retry() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal(), lead=False) as stub:
            for call in (
                stub.Submit(SubmitRequest(commands=[deposit(1, 100)])),
                stub.ReadAccount(ReadAccountRequest(account=1)),
            ):
                with pytest.raises(grpc.aio.AioRpcError, match="does not lead the shard") as refused:
                    await call
                assert refused.value.code() == grpc.StatusCode.UNAVAILABLE
                assert dict(refused.value.trailing_metadata())["grpc-retry-pushback-ms"] == "250"
            assert not (await stub.Status(StatusRequest())).leading

    in_loop(scenario)


def test_an_unknown_outcome_is_unavailable_and_never_a_refusal() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal([Fault.NONE, Fault.LANDED])) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match="outcome unknown, retry with the same keys") as unknown:
                await stub.Submit(SubmitRequest(commands=funded(1)))
            assert unknown.value.code() == grpc.StatusCode.UNAVAILABLE

    in_loop(scenario)


def test_a_full_queue_is_resource_exhausted() -> None:
    async def scenario() -> None:
        async with serving(FaultyJournal(), intake=Intake(most_commands=1)) as stub:
            with pytest.raises(grpc.aio.AioRpcError, match="at most 1 may") as full:
                await stub.Submit(SubmitRequest(commands=funded(1)))
            assert full.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED

    in_loop(scenario)
