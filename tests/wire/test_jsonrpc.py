"""JSON-RPC as it is sent by clients that do not use a library, and by those that send it wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.players import Bettor
from tests.stack import Stack

PLACE = "SportsAPING/v1.0/placeOrders"
BETTING = "/exchange/betting/json-rpc/v1"
ACCOUNT = "/exchange/account/json-rpc/v1"
Send = Callable[..., Any]


def sender(exchange: Stack, player: Bettor) -> Send:
    """Sends a body as it is, with the player's session, and gives the parsed answer."""
    token = player.api.http.headers["Authorization"].split()[1]
    usual = {"X-Application": "tests", "X-Authentication": token, "Content-Type": "application/json"}

    def sent(body: object, address: str = BETTING, **changed: str) -> Any:  # noqa: ANN401
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**usual, **changed}
        response = httpx.post(exchange.gateway_url + address, content=content, headers=headers, timeout=30)
        assert response.status_code == 200, "clients of the format give up on any other status"
        return response.json()

    return sent


@pytest.fixture
def send(exchange: Stack, refused_one: Bettor) -> Send:
    """Sends as a bettor of whom nothing is accepted."""
    return sender(exchange, refused_one)


@pytest.fixture
def order(exchange: Stack, someone: Bettor) -> Send:
    """Sends as a bettor of the test's own."""
    return sender(exchange, someone)


def call(method: str, params: object = None, name: object = 1) -> dict[str, object]:
    return {"jsonrpc": "2.0", "method": method, "params": params or {}, "id": name}


def order_text(market: int, size: str, price: str = "3.0") -> bytes:
    """A placeOrders whose numbers are written exactly so."""
    limit = f'{{"size":{size},"price":{price}}}'
    order = f'{{"selectionId":101,"side":"BACK","orderType":"LIMIT","limitOrder":{limit}}}'
    params = f'{{"marketId":"1.{market}","instructions":[{order}]}}'
    return f'{{"jsonrpc":"2.0","method":"{PLACE}","id":1,"params":{params}}}'.encode()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b'{"jsonrpc": "2.0", "method": "x", "id": 1', -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b'{"jsonrpc":"2.0","method":"x","id":1,"params":{"x":NaN}}', -32700),
        (b"[]", -32600),
        (b"1", -32600),
        (b"null", -32600),
        (b'"text"', -32600),
        ({"method": "x", "id": 1}, -32600),
        ({"jsonrpc": "1.0", "method": "x", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "method": 5, "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "method": PLACE, "params": {}}, -32600),
        ({"jsonrpc": "2.0", "method": PLACE, "params": {}, "id": True}, -32600),
        ({"jsonrpc": "2.0", "method": PLACE, "params": {}, "id": [1]}, -32600),
        ({"jsonrpc": "2.0", "method": PLACE, "params": {}, "id": 1, "extra": 1}, -32600),
        ([call("x")] * 51, -32600),
        (call("SportsAPING/v1.0/nothing"), -32601),
        (call("AccountAPING/v1.0/getAccountFunds"), -32601),
        ({"jsonrpc": "2.0", "method": PLACE, "params": [1], "id": 1}, -32602),
        (call(PLACE), -32602),
        (call(PLACE, {"marketId": 1, "instructions": []}), -32602),
        (call(PLACE, {"marketId": "1.1", "instructions": {}}), -32602),
        (call(PLACE, {"marketId": "1.1", "instructions": [], "unknown": 1}), -32602),
        (call("SportsAPING/v1.0/listMarketCatalogue", {"filter": {}, "maxResults": "5"}), -32602),
        (call("SportsAPING/v1.0/listMarketCatalogue", {"filter": {"colour": "red"}, "maxResults": 5}), -32602),
    ],
)
def test_a_body_that_is_not_a_proper_request_gets_the_error_of_the_protocol(
    send: Send,
    refused_one: Bettor,
    body: object,
    code: int,
) -> None:
    answer = send(body)
    assert answer["error"]["code"] == code, answer
    assert answer["error"]["message"]
    assert "result" not in answer
    assert refused_one.orders() == []
    assert refused_one.funds()["available"] == "100.00"


@pytest.mark.parametrize(
    "wrong",
    [{"price": True}, {"price": "3.0"}, {"price": None}, {"size": [1]}, {"size": "5"}, {"stake": 5}],
)
def test_a_field_of_the_wrong_type_is_named(
    send: Send, refused_one: Bettor, quiet_market: int, wrong: dict[str, Any]
) -> None:
    order = {
        "selectionId": 101,
        "side": "BACK",
        "orderType": "LIMIT",
        "limitOrder": {"price": 3.0, "size": 5.0} | wrong,
    }
    answer = send(call(PLACE, {"marketId": f"1.{quiet_market}", "instructions": [order]}))
    assert answer["error"]["code"] == -32602
    pointers = [error["pointer"] for error in answer["error"]["data"]["errors"]]
    assert pointers == [f"/instructions/0/limitOrder/{name}" for name in wrong]
    assert refused_one.orders() == []


def test_an_error_keeps_the_id_of_its_request(send: Send) -> None:
    assert send(call("nothing", name="seven"))["id"] == "seven"
    assert send(call("nothing", name=0))["id"] == 0
    assert send(b"{")["id"] is None


def test_a_batch_is_carried_out_in_order_and_each_answer_has_its_id(order: Send, market: int) -> None:
    back = {"selectionId": 101, "side": "BACK", "orderType": "LIMIT", "limitOrder": {"price": 3.0, "size": 5.0}}
    batch = [
        call(PLACE, {"marketId": f"1.{market}", "instructions": [back]}, "place"),
        5,
        call("SportsAPING/v1.0/listCurrentOrders", {}, "list"),
        call("SportsAPING/v1.0/cancelOrders", {}, "cancel"),
        call("nothing", {}, "none"),
    ]
    placed, malformed, listed, cancelled, unknown = order(batch)
    assert [each["id"] for each in (placed, malformed, listed, cancelled, unknown)] == [
        "place", None, "list", "cancel", "none",
    ]  # fmt: skip
    assert placed["result"]["status"] == "SUCCESS"
    assert malformed["error"]["code"] == -32600
    assert len(listed["result"]["currentOrders"]) == 1
    assert cancelled["result"]["instructionReports"][0]["sizeCancelled"] == 5.0
    assert unknown["error"]["code"] == -32601


@pytest.mark.parametrize("size", ["2.00", "2e0", "2"])
def test_a_size_is_taken_exactly_as_it_is_written(order: Send, someone: Bettor, market: int, size: str) -> None:
    result = order(order_text(market, size))["result"]
    assert result["status"] == "SUCCESS"
    assert [each["size"] for each in someone.orders()] == ["2.00"]


@pytest.mark.parametrize(
    "size", ["2.000000000000000000000000000000000000001", "2.0000001", "1e-999999999", "1e15", "0.0", "-2"]
)
def test_a_size_that_is_no_stake_is_refused_however_it_is_written(
    send: Send, refused_one: Bettor, quiet_market: int, size: str
) -> None:
    result = send(order_text(quiet_market, size))["result"]
    assert result["instructionReports"][0]["errorCode"] == "INVALID_BET_SIZE"
    assert refused_one.orders() == []


@pytest.mark.parametrize("price", ["1e15", "3.00000000000000000000000000000000000001", "-3.0", "0"])
def test_a_price_beyond_the_ladder_is_refused_however_it_is_written(
    send: Send, refused_one: Bettor, quiet_market: int, price: str
) -> None:
    result = send(order_text(quiet_market, "2.0", price))["result"]
    assert result["instructionReports"][0]["errorCode"] == "INVALID_ODDS"
    assert refused_one.orders() == []


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "9" * 400])
def test_a_number_that_would_take_the_machines_memory_is_out_of_range(
    send: Send, refused_one: Bettor, quiet_market: int, number: str
) -> None:
    for body in (order_text(quiet_market, number), order_text(quiet_market, "2.0", number)):
        error = send(body)["error"]
        assert (error["code"], "out of range" in error["message"]) == (-32602, True)
    assert refused_one.orders() == []


def test_a_missing_header_is_named(send: Send) -> None:
    listing = call("SportsAPING/v1.0/listCurrentOrders")
    for header, code in (("X-Application", "NO_APP_KEY"), ("X-Authentication", "NO_SESSION")):
        assert send(listing, **{header: ""})["error"]["data"]["APINGException"]["errorCode"] == code
    wrong = send(listing, **{"X-Authentication": "made up"})
    assert wrong["error"]["data"]["APINGException"]["errorCode"] == "INVALID_SESSION_INFORMATION"


def test_the_account_service_names_its_exceptions_its_own_way(send: Send) -> None:
    funds = call("AccountAPING/v1.0/getAccountFunds", {"wallet": "AUSTRALIAN"})
    error = send(funds, ACCOUNT)["error"]
    assert error["data"]["exceptionname"] == "AccountAPINGException"
    assert error["data"]["AccountAPINGException"]["errorCode"] == "INVALID_INPUT_DATA"


@pytest.mark.parametrize("form", [{}, {"username": "x"}, {"password": "x"}, {"username": "x" * 300, "password": "y"}])
def test_a_login_form_without_its_fields_is_refused_in_the_formats_way(exchange: Stack, form: dict[str, str]) -> None:
    interactive = httpx.post(f"{exchange.gateway_url}/api/login", data=form).json()
    assert (interactive["status"], interactive["error"]) == ("FAIL", "INPUT_VALIDATION_ERROR")
    assert httpx.post(f"{exchange.gateway_url}/api/certlogin", data=form).json() == {
        "loginStatus": "INPUT_VALIDATION_ERROR"
    }
