"""What clients see when the shard or the gateway dies under them, and that a retry with the same key is right."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from betfairlightweight import filters
from betfairlightweight.exceptions import APIError

from sandbox.runtime import database
from tests.players import Api, bettor, eventually, new_key, open_market, operator, succeeded
from tests.stack import Stack, running_stack
from tests.wire.conftest import client_for

BACK = {"runner": 101, "side": "BACK", "price": "3.00", "size": "1.00"}


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, postgres: database.Database) -> Iterator[Stack]:
    """An exchange for this module alone, whose gateway gives the shard one second."""
    database.create_database(postgres.url(password=True), "fragile")
    settings = {"VALLETTA_MATCHING_DEADLINE_S": "1"}
    folder, url = tmp_path_factory.mktemp("fragile"), postgres.url("fragile", password=True)
    with running_stack(folder, url, settings=settings) as stack:
        yield stack


@pytest.fixture
def staff(fragile: Stack) -> Api:
    return operator(fragile)


@pytest.fixture
def dead_shard(fragile: Stack) -> Iterator[Stack]:
    """The exchange after a kill -9 of its shard; whatever the test did, it runs again afterwards."""
    fragile.shard.kill()
    try:
        yield fragile
    finally:
        fragile.shard.end()
        fragile.shard.start()
        fragile.wait_ready()


def test_a_command_without_a_shard_is_503_and_the_same_key_succeeds_once_afterwards(
    fragile: Stack, staff: Api, request: pytest.FixtureRequest
) -> None:
    someone, market, key = bettor(fragile, staff), open_market(staff), new_key()
    path = f"/v1/markets/{market}/orders"
    request.getfixturevalue("dead_shard")
    unanswered = someone.api.command(path, BACK, key=key)
    assert (unanswered.status_code, unanswered.json()["code"]) == (503, "OUTCOME_UNKNOWN")
    assert "same Idempotency-Key" in unanswered.json()["detail"]
    assert unanswered.headers["Retry-After"] == "1"
    reading = someone.api.get("/v1/orders")
    assert (reading.status_code, reading.json()["code"]) == (503, "SHARD_UNAVAILABLE")
    ready = httpx.get(f"{fragile.gateway_url}/readyz")
    assert (ready.status_code, ready.json()["for"]) == (503, ["matching"])
    assert httpx.get(f"{fragile.gateway_url}/healthz").is_success, "alive: a restart of the gateway would not help"
    fragile.shard.start()
    fragile.wait_ready()
    first = succeeded(someone.api.command(path, BACK, key=key))
    again = succeeded(someone.api.command(path, BACK, key=key))
    assert first["order"] == again["order"]
    assert [order["size"] for order in someone.orders()] == ["1.00"]


def test_orders_in_flight_when_the_shard_is_killed_are_each_there_once_after_their_retry(
    fragile: Stack, staff: Api, request: pytest.FixtureRequest
) -> None:
    someone, market = bettor(fragile, staff, "1000.00"), open_market(staff)
    path, keys = f"/v1/markets/{market}/orders", [new_key() for _ in range(60)]
    some_are_in, acknowledged = threading.Event(), dict[str, int]()

    def place(key: str) -> None:
        response = someone.api.command(path, BACK, key=key)
        if response.status_code == 201:
            acknowledged[key] = response.json()["order"]
        if len(acknowledged) >= 10:
            some_are_in.set()

    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(place, key) for key in keys]
        assert some_are_in.wait(30)
        request.getfixturevalue("dead_shard")
        for each in sent:
            each.result()
    fragile.shard.start()
    fragile.wait_ready()
    after = {key: succeeded(someone.api.command(path, BACK, key=key))["order"] for key in keys}
    assert acknowledged.items() <= after.items(), "what was acknowledged before the kill is what is there after it"
    assert len(set(after.values())) == len(keys)
    assert sorted(order["order"] for order in someone.orders()) == sorted(after.values())
    assert someone.funds()["available"] == "940.00"


def test_a_sign_up_that_the_shard_did_not_answer_is_finished_by_its_retry(
    fragile: Stack, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("dead_shard")
    visitor, key = Api(fragile.gateway_url), new_key()
    body = {"username": "patient", "password": "a password of tests"}
    assert visitor.command("/v1/accounts", body, key=key).status_code == 503
    login = visitor.http.post("/v1/sessions", json=body)
    assert (login.status_code, login.json()["code"]) == (409, "SIGN_UP_UNFINISHED")
    fragile.shard.start()
    fragile.wait_ready()
    account = succeeded(visitor.command("/v1/accounts", body, key=key))["account"]
    assert succeeded(visitor.http.post("/v1/sessions", json=body))["account"] == account


def test_the_wire_format_says_timeout_and_the_same_reference_places_the_bet_once(
    fragile: Stack, staff: Api, request: pytest.FixtureRequest
) -> None:
    someone, market = bettor(fragile, staff), open_market(staff)
    client = client_for(fragile, someone)
    client.login_interactive()
    limit = filters.limit_order(price=3.0, size=1.0, persistence_type="LAPSE")
    orders = [filters.place_instruction("LIMIT", 101, "BACK", limit_order=limit)]

    def place() -> Any:  # noqa: ANN401
        return client.betting.place_orders(f"1.{market}", orders, customer_ref="once")

    request.getfixturevalue("dead_shard")
    with pytest.raises(APIError) as raised:
        place()
    assert raised.value.response["error"]["data"]["APINGException"]["errorCode"] == "TIMEOUT_ERROR"
    fragile.shard.start()
    fragile.wait_ready()
    bets = {place().place_instruction_reports[0].bet_id for _ in range(2)}
    assert [str(order["order"]) for order in someone.orders()] == list(bets)


def test_a_gateway_that_is_killed_and_started_again_knows_its_sessions_and_its_references(
    fragile: Stack, staff: Api
) -> None:
    someone, market, key = bettor(fragile, staff), open_market(staff), new_key()
    path = f"/v1/markets/{market}/orders"
    first = succeeded(someone.api.command(path, BACK, key=key))
    fragile.gateway.kill()
    fragile.gateway.start()
    fragile.wait_ready()
    again = succeeded(someone.api.command(path, BACK, key=key))
    assert (again["order"], again["repeated"]) == (first["order"], True)


@pytest.fixture
def no_database(fragile: Stack, postgres: database.Database) -> Iterator[None]:
    """The exchange after its database has stopped taking connections and dropped those it had."""
    fragile.ledger.end()
    with psycopg.connect(postgres.url(password=True), autocommit=True) as admin:
        admin.execute("ALTER DATABASE fragile ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'fragile'")
        try:
            yield
        finally:
            admin.execute("ALTER DATABASE fragile ALLOW_CONNECTIONS true")
            fragile.ledger.start()
            fragile.wait_ready()


def test_without_its_database_the_gateway_says_so_and_recovers_by_itself(
    fragile: Stack, staff: Api, request: pytest.FixtureRequest
) -> None:
    someone, market = bettor(fragile, staff), open_market(staff)
    client = client_for(fragile, someone)
    client.login_interactive()
    request.getfixturevalue("no_database")
    for refused in (
        staff.get("/v1/markets"),
        Api(fragile.gateway_url).command("/v1/accounts", {"username": "late", "password": "a password of tests"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
    limit = filters.limit_order(price=3.0, size=1.0, persistence_type="LAPSE")
    order = filters.place_instruction("LIMIT", 101, "BACK", limit_order=limit)
    with pytest.raises(APIError) as raised:
        client.betting.place_orders(f"1.{market}", [order], customer_ref="needs-the-database")
    error = raised.value.response["error"]["data"]["APINGException"]
    assert error["errorCode"] == "SERVICE_BUSY"
    # It is written down once it was answered.
    eventually(lambda: error["requestUUID"] in fragile.gateway.log.read_text(), "the refused request in the log")
    assert httpx.get(f"{fragile.gateway_url}/readyz").json()["for"] == ["database"]


def test_a_gateway_whose_schema_is_missing_says_what_to_run(fragile: Stack, database_url: str, tmp_path: Path) -> None:
    environment = {**fragile.gateway.environment, "VALLETTA_DATABASE_URL": database_url}
    for name in ("HTTP", "METRICS"):
        environment[f"VALLETTA_{name}_ADDRESS"] = "127.0.0.1:0"
    gateway = type(fragile.gateway)("services.gateway", environment, "http://127.0.0.1:1/readyz", tmp_path / "log")
    gateway.start()
    with pytest.raises(AssertionError, match="gateway ended"):
        gateway.wait_ready()
    assert "python -m services.gateway migrate" in gateway.log.read_text()
