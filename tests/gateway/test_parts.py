"""The gateway's small parts, without an exchange: numbers from outside, keys, refusals, settings, secrets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from betfairlightweight.enums import ExecutionReportErrorCode, InstructionReportErrorCode
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from services.contract.exchange.v1.exchange_pb2 import (
    Code,
    Command,
    MarketImage,
    MarketStatus,
    OrderImage,
    OrderType,
    Outcome,
    Persistence,
)
from services.contract.exchange.v1.matching_pb2 import StatusReply
from services.contract.ladder import CLASSIC
from services.gateway.identity.bootstrap import OperatorSecretError, operator_password
from services.gateway.keyring import derived_key, new_key
from services.gateway.limits import TimeLimit
from services.gateway.matching import MatchingClient, ShardBusyError, ShardRefusedError, ShardUnavailableError
from services.gateway.migrate import migrate
from services.gateway.quantities import (
    QuantityError,
    average_price_text,
    decimal_from_text,
    money_text,
    parts_from,
    price_text,
    tick_from,
)
from services.gateway.refusals import REFUSALS
from services.gateway.rest.statements import ledger_totals, shard_totals
from services.gateway.settings import GatewaySettings
from services.gateway.tables import SCHEMA, metadata
from services.gateway.wire.books import market_book
from services.gateway.wire.current_orders import current_order
from services.gateway.wire.reports import instruction_error, request_error
from services.ledger.database import engine_from
from tests.stack import CLONE


@given(st.integers(1, 10**13))
def test_money_goes_out_as_it_came_in(pennies: int) -> None:
    text = f"{pennies // 100}.{pennies % 100:02d}"
    assert money_text(parts_from(decimal_from_text(text, "amount"), "amount")) == text


@given(st.sampled_from(range(len(CLASSIC))))
def test_prices_go_out_as_they_came_in(tick: int) -> None:
    assert tick_from(decimal_from_text(price_text(tick), "price")) == tick


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.text())
def test_whatever_a_client_sends_is_taken_exactly_or_refused_with_a_sentence(sent: Decimal | str) -> None:
    def amount(number: Decimal) -> Decimal:
        return Decimal(parts_from(number, "amount")) / 10_000

    def price(number: Decimal) -> Decimal:
        return Decimal(CLASSIC[tick_from(number)]) / 100

    for taken in (amount, price):
        try:
            number = decimal_from_text(sent, "number") if isinstance(sent, str) else sent
            assert taken(number) == number
        except QuantityError as error:
            assert len(str(error)) < 200


def test_an_average_price_has_no_more_places_than_it_needs() -> None:
    assert average_price_text(0, 0) is None
    assert average_price_text(30_000, 91_000) == "3.0333"
    assert average_price_text(10_000, 30_500) == "3.05"


@given(st.text(), st.text())
def test_derived_keys_are_uuids_of_version_7_that_repeat_and_do_not_meet(one: str, other: str) -> None:
    base = new_key()
    first, second = derived_key(base, one), derived_key(base, other)
    assert UUID(bytes=first).version == 7
    assert UUID(bytes=first).variant == UUID(bytes=base).variant
    assert first[:6] == base[:6], "the time of the key that was kept, so that both grow old together"
    assert (first == second) == (one == other)
    assert derived_key(base, one) == first
    assert derived_key(new_key(), one) != first


def test_every_refusal_of_the_core_has_a_status_and_a_sentence() -> None:
    refusals = {Code.Value(name) for name in Code.keys()} - {Code.CODE_UNSPECIFIED, Code.OK}  # noqa: SIM118
    assert set(REFUSALS) == refusals
    for code, refusal in REFUSALS.items():
        sentence = refusal.detail(Outcome(code=code, given=2, bound=1))
        assert 400 <= refusal.status < 600
        assert sentence.endswith(".")
        assert "{" not in sentence


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome(code=Code.SELF_EXCLUDED), "The account is excluded until that is lifted."),
        (
            Outcome(code=Code.TIMED_OUT, bound=1_800_000_000_000),
            "The account has a time-out until 2027-01-15T08:00:00Z.",
        ),
        (
            Outcome(code=Code.ORDER_DELAYED, given=7, bound=1_800_000_000_000),
            "Order 7 is held by the in-play delay until 2027-01-15T08:00:00Z; try again then.",
        ),
        (
            Outcome(code=Code.LOSS_LIMIT_EXCEEDED, given=1_250_000, bound=1_000_000),
            "Losses could come to 125.00, more than the limit of 100.00.",
        ),
        (
            Outcome(code=Code.LADDER_INVALID, given=2),
            "That is not done in a market whose ladder is LINE_RANGE.",
        ),
    ],
)
def test_a_refusal_tells_moments_money_and_ladders_as_people_write_them(outcome: Outcome, sentence: str) -> None:
    assert REFUSALS[outcome.code].detail(outcome) == sentence


def test_the_books_agree_where_money_waits_is_on_its_way_or_was_rounded() -> None:
    parts: dict[str, Any] = {
        "wallets": 400,
        "withdrawing": 300,
        "in_transit": -200,
        "commission": 50,
        "house": -20,
        "rounding": 70,
    }
    shard = shard_totals(StatusReply(deposited=1_000, withdrawn=400, **parts))
    kinds = {"WALLET": 400, "WITHDRAWING": 300, "IN_TRANSIT": -200, "COMMISSION": 50, "ROUNDING": 70}
    ledger = ledger_totals({**kinds, "HOUSE": 0, "RECEIVABLE": -20, "EXTERNAL": -600})
    assert shard == ledger and shard.conserved
    assert not shard_totals(StatusReply(deposited=1_000, withdrawn=400, **(parts | {"rounding": 60}))).conserved


NEWER_WORDS = {"INVALID_MARKET_VERSION", "INVALID_ORDER_TYPE", "TIME_IN_FORCE_CONFLICT"}
"""Of the format, but younger than the client's list of them."""


def test_every_refusal_is_told_in_the_betting_format_s_own_words() -> None:
    whole = {word.name for word in ExecutionReportErrorCode} | NEWER_WORDS
    single = {word.name for word in InstructionReportErrorCode} | NEWER_WORDS
    for code in REFUSALS:
        assert request_error({code}) in whole, Code.Name(code)
        assert instruction_error(code) in single, Code.Name(code)


@pytest.mark.parametrize(
    ("code", "whole", "single"),
    [
        (Code.LOSS_LIMIT_EXCEEDED, "LOSS_LIMIT_EXCEEDED", "LOSS_LIMIT_EXCEEDED"),
        (Code.SELF_EXCLUDED, "INVALID_ACCOUNT_STATE", "ERROR_IN_ORDER"),
        (Code.EXCHANGE_SUSPENDED, "MARKET_SUSPENDED", "MARKET_NOT_OPEN_FOR_BETTING"),
        (Code.MARKET_INACTIVE, "MARKET_NOT_OPEN_FOR_BETTING", "MARKET_NOT_OPEN_FOR_BETTING"),
        (Code.MARKET_VERSION_CHANGED, "INVALID_MARKET_VERSION", "ERROR_IN_ORDER"),
        (Code.ORDER_DELAYED, "BET_ACTION_ERROR", "BET_IN_PROGRESS"),
        (Code.PERSISTENCE_INVALID, "BET_ACTION_ERROR", "INVALID_PERSISTENCE_TYPE"),
    ],
)
def test_what_keeps_a_bet_from_being_taken_is_told_by_its_word(code: int, whole: str, single: str) -> None:
    assert (request_error({code}), instruction_error(code)) == (whole, single)


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (OrderImage(price=99, size=10_000), ("LIMIT", "LAPSE", 2.0, 1.0, 0.0)),
        (
            OrderImage(price=99, size=10_000, persistence=Persistence.PERSISTENCE_PERSIST),
            ("LIMIT", "PERSIST", 2.0, 1.0, 0.0),
        ),
        (
            OrderImage(price=99, size=10_000, type=OrderType.ORDER_TYPE_LIMIT_ON_CLOSE),
            ("LIMIT_ON_CLOSE", "LAPSE", 2.0, 0.0, 1.0),
        ),
        (
            OrderImage(size=10_000, type=OrderType.ORDER_TYPE_MARKET_ON_CLOSE),
            ("MARKET_ON_CLOSE", "LAPSE", 0.0, 0.0, 1.0),
        ),
    ],
)
def test_a_current_order_is_told_with_its_type_and_what_becomes_of_it(
    order: OrderImage, told: tuple[str, str, float, float, float]
) -> None:
    current = current_order(order)
    asked = current["priceSize"]
    words = current["orderType"], current["persistenceType"]
    assert (*words, asked["price"], asked["size"], current["bspLiability"]) == told


def test_a_book_says_of_every_status_what_the_format_calls_it() -> None:
    told = {
        MarketStatus.Name(status): market_book(MarketImage(status=status, in_play=True), frozenset())
        for status in MarketStatus.values()
        if status
    }
    assert {name: book["status"] for name, book in told.items()} == {
        "INACTIVE": "INACTIVE", "OPEN": "OPEN", "SUSPENDED": "SUSPENDED", "SETTLED": "CLOSED", "VOIDED": "CLOSED",
    }  # fmt: skip
    assert all(book["inplay"] for book in told.values())


@pytest.mark.parametrize(
    ("content", "says"),
    [("short", "shorter than 12"), ('{"user": "x"}', "without a password"), ('{"password": "short"}', "shorter")],
)
def test_an_operators_secret_that_cannot_be_used_is_refused_without_telling_it(
    tmp_path: Path, content: str, says: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(content)
    with pytest.raises(OperatorSecretError, match=says) as raised:
        operator_password(str(secret))
    assert "short" not in str(raised.value).replace("shorter", "")


def test_an_operators_secret_is_a_line_or_a_field_of_json(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    for content in ("a long enough password\n", '{"username": "x", "password": "a long enough password"}'):
        secret.write_text(content)
        assert operator_password(str(secret)) == "a long enough password"
    with pytest.raises(OperatorSecretError, match="No such file"):
        operator_password(str(tmp_path / "none"))


def test_the_migrations_build_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = engine_from(database_url)
    for _ in range(2):
        migrate(engine)
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "version_table_schema": SCHEMA,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
        }
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    assert differences == []


_SETTINGS = {
    "VALLETTA_HTTP_ADDRESS": "127.0.0.1:0",
    "VALLETTA_MATCHING_ADDRESS": "127.0.0.1:1",
    "VALLETTA_DATABASE_URL": "postgresql://x:the-password@127.0.0.1:1/x",
    "VALLETTA_OPERATOR_SECRET": "/nowhere",
}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VALLETTA_HTTP_ADDRESS", "8080"),
        ("VALLETTA_MATCHING_ADDRESS", "host:port"),
        ("VALLETTA_METRICS_ADDRESS", "127.0.0.1:65536"),
        ("VALLETTA_CURRENCY", "euro"),
        ("VALLETTA_MATCHING_DEADLINE_S", "0"),
        ("VALLETTA_SESSION_HOURS", "25"),
    ],
)
def test_a_setting_that_is_wrong_is_refused(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    for name, right in _SETTINGS.items():
        monkeypatch.setenv(name, right)
    GatewaySettings()  # type: ignore[call-arg]  # the environment supplies them
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError):
        GatewaySettings()  # type: ignore[call-arg]  # as above


def test_settings_that_are_wrong_or_missing_are_named_without_their_values_and_nothing_starts() -> None:
    environment = {**_SETTINGS, "VALLETTA_CURRENCY": "a-secret-by-mistake"}
    del environment["VALLETTA_MATCHING_ADDRESS"]
    command = [sys.executable, "-m", "services.gateway"]
    done = subprocess.run(command, env=environment, cwd=CLONE, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "VALLETTA_CURRENCY" in done.stdout
    assert "VALLETTA_MATCHING_ADDRESS" in done.stdout
    assert "by-mistake" not in done.stdout + done.stderr


class _Refusing:
    """A shard that answers submissions with the statuses it was given, in order, and keeps what was asked."""

    def __init__(self, *statuses: grpc.StatusCode) -> None:
        self._statuses = iter(statuses)
        self.asked: list[bytes] = []

    async def submit(self, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        self.asked.append(request)
        return await context.abort(next(self._statuses), "as the test wants it")


@asynccontextmanager
async def _client_of(shard: _Refusing) -> AsyncIterator[MatchingClient]:
    server = grpc.aio.server()
    submit: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(shard.submit)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("valletta.exchange.v1.Matching", {"Submit": submit})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    client = MatchingClient(f"127.0.0.1:{port}", deadline_s=10)
    try:
        yield client
    finally:
        await client.close()
        await server.stop(0)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, ShardBusyError),
        (grpc.StatusCode.INVALID_ARGUMENT, ShardRefusedError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, ShardUnavailableError),
        (grpc.StatusCode.INTERNAL, ShardUnavailableError),
        (grpc.StatusCode.UNKNOWN, ShardUnavailableError),
    ],
)
def test_only_unavailable_is_tried_again_and_every_other_status_has_its_error(
    status: grpc.StatusCode, error: type[Exception]
) -> None:
    async def submit() -> list[bytes]:
        shard = _Refusing(grpc.StatusCode.UNAVAILABLE, status)
        async with _client_of(shard) as client:
            with pytest.raises(error):
                await client.submit([Command(key=new_key(), account=1)])
        return shard.asked

    asked = asyncio.run(submit())
    assert len(asked) == 2
    assert asked[0] == asked[1], "a retry is the same bytes, so the same keys"


def test_a_request_that_takes_too_long_is_answered_504() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(TimeLimit(slow, limit_s=0.05))
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.post("/v1/orders")

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["code"]) == (504, "OUTCOME_UNKNOWN")
