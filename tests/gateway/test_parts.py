"""The gateway's small parts, without an exchange: numbers from outside, keys, refusals, settings, secrets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import grpc
import httpx
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from services.contract.exchange.v1.exchange_pb2 import Code, Command, Outcome
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
from services.gateway.settings import GatewaySettings
from services.gateway.tables import SCHEMA, metadata
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
