"""People for tests of a running exchange: an operator, bettors with verified and funded accounts, and a market."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import uuid_utils

from tests.stack import OPERATOR, Stack

PASSWORD = "a password of tests"
RUNNERS = {101: "Valletta", 102: "Sliema"}


class Api:
    """A caller of the REST interface, logged in or not. Answers are given as they come: the test judges."""

    def __init__(self, url: str, token: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30)

    def get(self, path: str, **query: str | int) -> httpx.Response:
        return self.http.get(path, params=query)

    def command(
        self, path: str, body: object = None, *, key: str | None = None, method: str = "POST"
    ) -> httpx.Response:
        """A command under a fresh key, or under the one given."""
        return self.http.request(method, path, json=body, headers={"Idempotency-Key": key or new_key()})

    def done(self, path: str, body: object = None, *, method: str = "POST") -> dict[str, Any]:
        """The answer of a command that has to succeed."""
        return succeeded(self.command(path, body, method=method))


@dataclass
class Bettor:
    """A bettor with an account, logged in."""

    username: str
    account: int
    api: Api

    def funds(self) -> dict[str, Any]:
        return succeeded(self.api.get(f"/v1/accounts/{self.account}/funds"))

    def orders(self) -> list[dict[str, Any]]:
        response = self.api.get("/v1/orders")
        assert response.is_success, response.text
        found: list[dict[str, Any]] = response.json()
        return found

    def place(self, market: int, side: str, price: str, size: str, runner: int = 101) -> dict[str, Any]:
        """An order that has to be accepted."""
        order = {"runner": runner, "side": side, "price": price, "size": size}
        return self.api.done(f"/v1/markets/{market}/orders", order)


def new_key() -> str:
    return str(uuid_utils.uuid7())


def new_username() -> str:
    return f"t{secrets.token_hex(8)}"


def succeeded(response: httpx.Response) -> dict[str, Any]:
    assert response.is_success, f"{response.status_code}: {response.text}"
    answer: dict[str, Any] = response.json()
    return answer


def logged_in(url: str, username: str, password: str) -> Api:
    session = succeeded(Api(url).http.post("/v1/sessions", json={"username": username, "password": password}))
    return Api(url, session["token"])


def operator(stack: Stack) -> Api:
    return logged_in(stack.gateway_url, OPERATOR, stack.operator_password)


def unverified_bettor(stack: Stack) -> Bettor:
    username = new_username()
    opened = Api(stack.gateway_url).done("/v1/accounts", {"username": username, "password": PASSWORD})
    return Bettor(username, opened["account"], logged_in(stack.gateway_url, username, PASSWORD))


def bettor(stack: Stack, by: Api, funds: str = "100.00") -> Bettor:
    """A verified bettor with money."""
    new = unverified_bettor(stack)
    by.done(f"/v1/accounts/{new.account}/verification")
    new.api.done(f"/v1/accounts/{new.account}/deposits", {"amount": funds})
    return new


def market_terms(**changes: object) -> dict[str, object]:
    """The terms of a market that can be opened, with `changes`."""
    return {
        "name": "Match odds",
        "event": f"Valletta v Sliema {secrets.token_hex(4)}",
        "event_type": "Football",
        "start_time": "2030-01-02T15:00:00Z",
        "runners": [{"id": runner, "name": name} for runner, name in RUNNERS.items()],
        "winners": 1,
        "commission_bp": 500,
        "minimum_stake": "1.00",
        **changes,
    }


def open_market(by: Api, **changes: object) -> int:
    market: int = by.done("/v1/markets", market_terms(**changes))["market"]
    return market


def eventually(holds: Callable[[], bool], what: str, within_s: float = 30) -> None:
    """Waits for what the projection brings about a moment later."""
    give_up = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up, f"not within {within_s} s: {what}"
        time.sleep(0.05)
