"""Orders over REST, the keys that commands go by, and requests that are not well-formed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.players import Api, Bettor, bettor, new_key, open_market, succeeded
from tests.stack import Stack

BACK = {"runner": 101, "side": "BACK", "price": "3.00", "size": "10.00"}


@pytest.fixture(scope="module")
def refused_one(exchange: Stack, staff: Api) -> Bettor:
    """A bettor of whom nothing is ever accepted; shared by the tests of refusals, which all check that."""
    return bettor(exchange, staff)


@pytest.fixture(scope="module")
def market(staff: Api) -> int:
    return open_market(staff)


def nothing_changed(someone: Bettor) -> None:
    funds = someone.funds()
    assert (someone.orders(), funds["balance"], funds["available"]) == ([], "100.00", "100.00")


def test_a_lay_meets_the_back_that_rests_and_both_are_told(exchange: Stack, staff: Api) -> None:
    backer, layer, market = bettor(exchange, staff), bettor(exchange, staff), open_market(staff)
    resting = backer.place(market, "BACK", "3.00", "10.00")
    assert (resting["matched"], resting["average_price"], resting["remaining"]) == ("0.00", None, "10.00")
    book = succeeded(layer.api.get(f"/v1/markets/{market}/book"))
    assert book["runners"][0]["to_lay"] == [{"price": "3.00", "size": "10.00"}]
    taken = layer.place(market, "LAY", "3.05", "4.00")
    assert (taken["matched"], taken["average_price"], taken["remaining"]) == ("4.00", "3.00", "0.00")
    [order] = backer.orders()
    assert (order["matched"], order["remaining"], order["side"]) == ("4.00", "6.00", "BACK")
    assert layer.funds()["held"] == "8.00"


def test_cancelling_takes_back_a_part_and_then_the_rest(exchange: Stack, staff: Api) -> None:
    someone, market = bettor(exchange, staff), open_market(staff)
    order = someone.place(market, "BACK", "3.00", "10.00")["order"]
    path = f"/v1/markets/{market}/orders/{order}/cancellation"
    part = someone.api.done(path, {"reduction": "4.00"})
    assert (part["cancelled"], part["remaining"], part["available"]) == ("4.00", "6.00", "94.00")
    assert someone.api.done(path, {})["available"] == "100.00"
    again = someone.api.command(path, {})
    assert (again.status_code, again.json()["code"]) == (409, "ORDER_COMPLETE")


def test_anothers_order_cannot_be_cancelled(exchange: Stack, staff: Api, refused_one: Bettor) -> None:
    owner, market = bettor(exchange, staff), open_market(staff)
    order = owner.place(market, "BACK", "3.00", "10.00")["order"]
    refused = refused_one.api.command(f"/v1/markets/{market}/orders/{order}/cancellation", {})
    assert (refused.status_code, refused.json()["code"]) == (404, "ORDER_UNKNOWN")
    assert owner.orders()[0]["remaining"] == "10.00"


@pytest.mark.parametrize(
    ("change", "expected", "says"),
    [
        ({"price": "3.17"}, (422, "PRICE_INVALID"), "the nearest is 3.15 or 3.2"),
        ({"price": "1.00"}, (422, "PRICE_INVALID"), "the nearest is 1.01"),
        ({"price": "1000.01"}, (422, "PRICE_INVALID"), "the nearest is 1000"),
        ({"price": "3,15"}, (422, "PRICE_INVALID"), "not a plain decimal"),
        ({"price": 3.15}, (422, "PRICE_INVALID"), "has to be a string"),
        ({"price": "9" * 400}, (422, "PRICE_INVALID"), "not a plain decimal"),
        ({"price": "{code}"}, (422, "PRICE_INVALID"), "{code}"),
        ({"size": "0.99"}, (422, "SIZE_INVALID"), "at least 1.00"),
        ({"size": "10.001"}, (422, "SIZE_INVALID"), "finer than a penny"),
        ({"size": "0"}, (422, "SIZE_INVALID"), "not positive"),
        ({"size": "100.01"}, (409, "INSUFFICIENT_FUNDS"), "only 100.00 is available"),
        ({"side": "LAY", "size": "50.01"}, (409, "INSUFFICIENT_FUNDS"), "It needs 100.02"),
        ({"runner": 999}, (404, "RUNNER_UNKNOWN"), "999"),
        ({"runner": "101"}, (422, "INVALID_VALUE"), "/runner"),
        ({"runner": 2**64}, (422, "INVALID_VALUE"), "/runner"),
        ({"side": "back"}, (422, "INVALID_VALUE"), "/side"),
        ({"persistence": "LAPSE"}, (422, "UNKNOWN_FIELD"), "/persistence"),
        ({"size": None}, (422, "SIZE_INVALID"), "has to be a string"),
    ],
)
def test_an_order_that_is_wrong_is_refused_with_a_sentence_and_nothing_changes(
    refused_one: Bettor, market: int, change: dict[str, object], expected: tuple[int, str], says: str
) -> None:
    refused = refused_one.api.command(f"/v1/markets/{market}/orders", {**BACK, **change})
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == expected, problem
    assert says in problem["detail"]
    assert refused.headers["Content-Type"] == "application/problem+json"
    nothing_changed(refused_one)


def test_an_unknown_market_is_named(refused_one: Bettor) -> None:
    refused = refused_one.api.command("/v1/markets/987654321/orders", BACK)
    assert (refused.status_code, refused.json()["code"]) == (404, "MARKET_UNKNOWN")
    assert "987654321" in refused.json()["detail"]
    assert refused_one.api.get("/v1/markets/987654321/book").status_code == 404
    assert refused_one.api.get("/v1/orders", market=987654321).status_code == 404
    nothing_changed(refused_one)


@pytest.mark.parametrize(
    "key", [None, "", "abc", "b7d63af7-9c5e-4c44-87e4-fd9a5deb2dac", "01996a2e-5a3b-7c1d-9e4f-0123456789ag"]
)
def test_a_command_without_a_proper_key_is_told_how_to_make_one(
    refused_one: Bettor, market: int, key: str | None
) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}
    refused = refused_one.api.http.post(f"/v1/markets/{market}/orders", json=BACK, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["code"] == ("KEY_MISSING" if key is None else "KEY_INVALID")
    assert "UUIDv7" in refused.json()["detail"]
    nothing_changed(refused_one)


def test_a_key_from_long_ago_and_one_from_the_future_are_refused(refused_one: Bettor, market: int) -> None:
    for key, code in (("00000000-0001-7000-8000-000000000000", "KEY_TOO_OLD"),
                      ("ffffffff-ffff-7000-8000-000000000000", "KEY_INVALID")):  # fmt: skip
        refused = refused_one.api.command(f"/v1/markets/{market}/orders", BACK, key=key)
        assert refused.json()["code"] == code
    nothing_changed(refused_one)


def test_the_same_command_with_the_same_key_takes_effect_once(exchange: Stack, staff: Api) -> None:
    someone, market, key = bettor(exchange, staff), open_market(staff), new_key()
    path = f"/v1/markets/{market}/orders"
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(someone.api.command, path, BACK, key=key) for _ in range(8)]
        answers = [succeeded(each.result()) for each in sent]
    assert len({answer["order"] for answer in answers}) == 1
    assert sorted(answer["repeated"] for answer in answers) == [False] + 7 * [True]
    assert [order["size"] for order in someone.orders()] == ["10.00"]
    deposit = f"/v1/accounts/{someone.account}/deposits"
    for repeated in (False, True):
        paid = succeeded(someone.api.command(deposit, {"amount": "5.00"}, key=key[:-4] + "beef"))
        assert (paid["repeated"], paid["balance"]) == (repeated, "105.00")


def test_a_key_that_was_used_for_something_else_is_refused_and_nothing_changes(exchange: Stack, staff: Api) -> None:
    someone, market, key = bettor(exchange, staff), open_market(staff), new_key()
    path = f"/v1/markets/{market}/orders"
    succeeded(someone.api.command(path, BACK, key=key))
    for other in ({**BACK, "size": "10.01"}, {**BACK, "price": "3.05"}, {**BACK, "side": "LAY"}):
        refused = someone.api.command(path, other, key=key)
        assert (refused.status_code, refused.json()["code"]) == (409, "KEY_REUSED")
    paid = someone.api.command(f"/v1/accounts/{someone.account}/deposits", {"amount": "5.00"}, key=key)
    assert (paid.status_code, paid.json()["code"]) == (409, "KEY_REUSED")
    assert someone.funds()["balance"] == "100.00"
    assert len(someone.orders()) == 1


def test_two_accounts_may_use_the_same_key(exchange: Stack, staff: Api) -> None:
    market, key = open_market(staff), new_key()
    for someone in (bettor(exchange, staff), bettor(exchange, staff)):
        placed = succeeded(someone.api.command(f"/v1/markets/{market}/orders", BACK, key=key))
        assert placed["repeated"] is False


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "MALFORMED_JSON"),
        (b"", 422, "MISSING_FIELD"),
        (b"[" * 100_000, 400, "MALFORMED_JSON"),
        (b"\xff", 400, "MALFORMED_JSON"),
        (b"[]", 422, "INVALID_VALUE"),
        (b"null", 422, "INVALID_VALUE"),
        (b'{"runner": 101', 400, "MALFORMED_JSON"),
        (b'{"size": NaN}', 422, "INVALID_REQUEST"),
        (b" " * 300_000, 413, "BODY_TOO_LARGE"),
    ],
)
def test_a_body_that_is_not_well_formed_is_refused(
    refused_one: Bettor, market: int, content: bytes, status: int, code: str
) -> None:
    refused = _post(refused_one, market, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    nothing_changed(refused_one)


def test_a_body_that_does_not_say_how_long_it_is_is_bounded_too(refused_one: Bettor, market: int) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    refused = _post(refused_one, market, endless())
    assert (refused.status_code, refused.json()["code"]) == (413, "BODY_TOO_LARGE")
    nothing_changed(refused_one)


def _post(someone: Bettor, market: int, content: Any) -> httpx.Response:  # noqa: ANN401
    headers = {"Idempotency-Key": new_key(), "Content-Type": "application/json"}
    return someone.api.http.post(f"/v1/markets/{market}/orders", content=content, headers=headers)


def test_an_address_that_is_not_there_is_a_problem_too(exchange: Stack) -> None:
    for response, status in (
        (httpx.get(f"{exchange.gateway_url}/v2/orders"), 404),
        (httpx.delete(f"{exchange.gateway_url}/v1/orders"), 405),
    ):
        assert (response.status_code, response.json()["status"]) == (status, status)
        assert response.headers["Content-Type"] == "application/problem+json"


def test_the_openapi_document_describes_every_command_with_its_key_and_errors(exchange: Stack) -> None:
    document = succeeded(httpx.get(f"{exchange.gateway_url}/openapi.json"))
    commands = [
        (path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if path.startswith("/v1/") and not path.startswith("/v1/sessions") and method in {"post", "put"}
    ]
    assert len(commands) == 11
    for path, operation in commands:
        assert operation["summary"], path
        assert "idempotency-key" in {each["name"].lower() for each in operation["parameters"]}, path
        problem = operation["responses"]["503"]["content"]["application/problem+json"]["schema"]
        assert problem == {"$ref": "#/components/schemas/Problem"}, path
    order = document["components"]["schemas"]["NewOrder"]["properties"]
    assert order["price"]["type"] == order["size"]["type"] == "string"
    assert "Any" not in json.dumps(document["components"]["schemas"]["Problem"])


def test_metrics_count_requests_by_route_and_are_not_on_the_public_port(exchange: Stack) -> None:
    httpx.get(f"{exchange.gateway_url}/healthz")
    assert httpx.get(f"{exchange.gateway_url}/metrics").status_code == 404
    metrics = httpx.get(f"http://{exchange.gateway.environment['VALLETTA_METRICS_ADDRESS']}/metrics").text
    assert 'valletta_gateway_requests_total{method="GET",route="/healthz",status="200"}' in metrics
    assert 'valletta_gateway_shard_seconds_count{call="Submit"}' in metrics
