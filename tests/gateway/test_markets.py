"""Markets over REST: opening, suspending, voiding and settling them, and every way to get the terms wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.players import RUNNERS, Api, Bettor, bettor, eventually, market_terms, open_market, succeeded
from tests.stack import Stack


@pytest.fixture(scope="module")
def someone(exchange: Stack, staff: Api) -> Bettor:
    return bettor(exchange, staff, "1000.00")


def _code(api: Api, path: str, body: object = None, method: str = "POST") -> tuple[int, str]:
    response = api.command(path, body, method=method)
    return response.status_code, response.json().get("code", "OK")


def test_a_market_that_was_opened_is_in_the_catalogue(exchange: Stack, staff: Api, someone: Bettor) -> None:
    terms = market_terms(name="Half time")
    market = staff.done("/v1/markets", terms)["market"]
    eventually(lambda: someone.api.get(f"/v1/markets/{market}").is_success, "the market is in the catalogue")
    found = succeeded(someone.api.get(f"/v1/markets/{market}"))
    assert {runner["id"]: runner["name"] for runner in found["runners"]} == RUNNERS
    assert (found["status"], found["minimum_stake"], found["start_time"]) == ("OPEN", "1.00", "2030-01-02T15:00:00Z")
    listed = someone.api.get("/v1/markets", text=str(terms["event"])).json()
    assert [each["market"] for each in listed] == [market]
    assert someone.api.get("/v1/markets", text=str(terms["event"]), status="SETTLED").json() == []
    assert someone.api.get("/v1/markets/987654321").status_code == 404


def test_only_operators_run_markets(staff: Api, someone: Bettor) -> None:
    market = open_market(staff)
    for path, body, method in (
        ("/v1/markets", market_terms(), "POST"),
        (f"/v1/markets/{market}/suspension", {"suspended": True}, "PUT"),
        (f"/v1/markets/{market}/runners/101/void", None, "POST"),
        (f"/v1/markets/{market}/void", {"reason": "mine"}, "POST"),
        (f"/v1/markets/{market}/settlement", {"winners": [101], "source": "me"}, "POST"),
    ):
        assert _code(someone.api, path, body, method) == (403, "OPERATOR_ONLY")
    assert succeeded(someone.api.get(f"/v1/markets/{market}/book"))["status"] == "OPEN"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"runners": []}, "/runners", "INVALID_VALUE"),
        ({"runners": [{"id": 1, "name": "A"}, {"id": 1, "name": "B"}]}, "/", "MARKET_INVALID"),
        ({"runners": [{"id": 0, "name": "A"}]}, "/runners/0/id", "INVALID_VALUE"),
        ({"runners": [{"id": 2**63, "name": "A"}]}, "/runners/0/id", "INVALID_VALUE"),
        ({"runners": [{"id": 1, "name": "A", "odds": 2}]}, "/runners/0/odds", "UNKNOWN_FIELD"),
        ({"winners": 3}, "/", "MARKET_INVALID"),
        ({"winners": 0}, "/winners", "INVALID_VALUE"),
        ({"commission_bp": 2_001}, "/commission_bp", "INVALID_VALUE"),
        ({"commission_bp": "500"}, "/commission_bp", "INVALID_VALUE"),
        ({"minimum_stake": "0.00"}, "/minimum_stake", "AMOUNT_INVALID"),
        ({"minimum_stake": 1}, "/minimum_stake", "AMOUNT_INVALID"),
        ({"start_time": "2030-01-02T15:00:00"}, "/start_time", "INVALID_VALUE"),
        ({"start_time": "tomorrow"}, "/start_time", "INVALID_VALUE"),
        ({"name": "  "}, "/name", "INVALID_VALUE"),
        ({"colour": "red"}, "/colour", "UNKNOWN_FIELD"),
    ],
)
def test_terms_that_are_wrong_are_refused_where_they_are_wrong(
    staff: Api, change: dict[str, object], pointer: str, code: str
) -> None:
    terms = market_terms(**change)
    refused = staff.command("/v1/markets", terms)
    assert refused.status_code == 422
    assert [(error["pointer"], error["code"]) for error in refused.json()["errors"]] == [(pointer, code)]
    assert refused.json()["detail"]
    assert staff.get("/v1/markets", text=str(terms["event"])).json() == []


def test_a_suspended_market_takes_orders_again_when_it_is_resumed(staff: Api, someone: Bettor) -> None:
    market, path = open_market(staff), "/v1/markets/{}/orders"
    order = {"runner": 101, "side": "BACK", "price": "2.00", "size": "5.00"}
    staff.done(f"/v1/markets/{market}/suspension", {"suspended": True}, method="PUT")
    assert _code(someone.api, path.format(market), order) == (409, "MARKET_SUSPENDED")
    staff.done(f"/v1/markets/{market}/suspension", {"suspended": False}, method="PUT")
    assert _code(someone.api, path.format(market), order) == (201, "OK")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"winners": [101, 102], "source": "x"}, "WINNERS_INVALID"),
        ({"winners": [999], "source": "x"}, "RUNNER_UNKNOWN"),
        ({"winners": [], "source": "x"}, "INVALID_VALUE"),
        ({"winners": [101], "source": " "}, "INVALID_VALUE"),
        ({"winners": [101]}, "MISSING_FIELD"),
        ({"winners": ["101"], "source": "x"}, "INVALID_VALUE"),
    ],
)
def test_a_result_that_is_wrong_settles_nothing(staff: Api, body: dict[str, object], code: str) -> None:
    market = open_market(staff)
    assert _code(staff, f"/v1/markets/{market}/settlement", body)[1] == code
    assert succeeded(staff.get(f"/v1/markets/{market}/book"))["status"] == "OPEN"


def test_a_settled_market_cannot_be_settled_or_voided_again(staff: Api) -> None:
    market = open_market(staff)
    staff.done(f"/v1/markets/{market}/settlement", {"winners": [102], "source": "the test"})
    for path, body in (("settlement", {"winners": [101], "source": "again"}), ("void", {"reason": "again"})):
        assert _code(staff, f"/v1/markets/{market}/{path}", body) == (409, "MARKET_CLOSED")
    book = succeeded(staff.get(f"/v1/markets/{market}/book"))
    assert [runner["status"] for runner in book["runners"]] == ["LOSER", "WINNER"]


def _void_market(staff: Api, market: int) -> None:
    staff.done(f"/v1/markets/{market}/void", {"reason": "abandoned"})


def _void_runner(staff: Api, market: int) -> None:
    staff.done(f"/v1/markets/{market}/runners/101/void")


@pytest.mark.parametrize("void", [_void_market, _void_runner])
def test_voiding_gives_every_stake_back(exchange: Stack, staff: Api, void: Callable[[Api, int], None]) -> None:
    backer, layer, market = bettor(exchange, staff), bettor(exchange, staff), open_market(staff)
    backer.place(market, "BACK", "3.00", "10.00")
    layer.place(market, "LAY", "3.00", "6.00")
    void(staff, market)
    assert backer.funds()["available"] == layer.funds()["available"] == "100.00"


def test_the_history_tells_what_became_of_an_order(exchange: Stack, staff: Api) -> None:
    backer, layer, market = bettor(exchange, staff), bettor(exchange, staff), open_market(staff)
    order = backer.place(market, "BACK", "3.00", "10.00")["order"]
    layer.place(market, "LAY", "3.00", "6.00")
    staff.done(f"/v1/markets/{market}/settlement", {"winners": [101], "source": "the test"})
    assert backer.orders() == []
    eventually(lambda: bool(backer.api.get("/v1/orders/history").json()), "the ledger has the order")
    [told] = backer.api.get("/v1/orders/history", market=market).json()
    assert told["order"] == order
    assert (told["matched"], told["average_price"], told["lapsed"], told["remaining"]) == (
        "6.00",
        "3.00",
        "4.00",
        "0.00",
    )
