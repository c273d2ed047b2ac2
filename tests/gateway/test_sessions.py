"""Logging in, and what happens without it."""

from __future__ import annotations

import hashlib

import httpx
import psycopg
import pytest

from tests.players import PASSWORD, Api, bettor, logged_in, new_username, open_market, unverified_bettor
from tests.stack import Stack


def _log_in(exchange: Stack, username: str, password: str) -> httpx.Response:
    return Api(exchange.gateway_url).http.post("/v1/sessions", json={"username": username, "password": password})


def _login(exchange: Stack, username: str, password: str) -> int:
    return _log_in(exchange, username, password).status_code


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/markets", "/v1/books", "/v1/accounts/1/funds"])
def test_without_a_session_nothing_is_told(exchange: Stack, path: str) -> None:
    for token, code in ((None, "NO_SESSION"), ("made up", "INVALID_SESSION")):
        refused = Api(exchange.gateway_url, token).get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, code)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_session_nothing_is_done(exchange: Stack, staff: Api) -> None:
    someone, market = bettor(exchange, staff), open_market(staff)
    order = {"runner": 101, "side": "BACK", "price": "2.00", "size": "5.00"}
    refused = Api(exchange.gateway_url).command(f"/v1/markets/{market}/orders", order)
    assert refused.status_code == 401
    assert someone.orders() == []


def test_a_session_that_was_logged_out_is_over(exchange: Stack) -> None:
    someone = unverified_bettor(exchange)
    assert someone.api.get("/v1/orders").is_success
    assert someone.api.http.delete("/v1/sessions/current").status_code == 204
    assert someone.api.get("/v1/orders").status_code == 401


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(exchange: Stack) -> None:
    someone = unverified_bettor(exchange)
    answers = [
        Api(exchange.gateway_url).http.post("/v1/sessions", json={"username": name, "password": "not the password"})
        for name in (someone.username, new_username())
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_after_many_failed_logins_a_name_has_to_wait_even_with_the_right_password(exchange: Stack) -> None:
    someone, other = unverified_bettor(exchange), unverified_bettor(exchange)
    with psycopg.connect(exchange.database_url, autocommit=True) as connection:

        def failed() -> int:
            row = connection.execute("SELECT failed_logins FROM gateway.users WHERE username = %s", (someone.username,))
            return int((row.fetchone() or (0,))[0])

        def last_try(tries: int, ago: str) -> None:
            change = (
                "UPDATE gateway.users SET failed_logins = %s, last_login_try = now() - %s::interval WHERE username = %s"
            )
            connection.execute(change, (tries, ago, someone.username))

        assert [_login(exchange, someone.username, "not the password") for _ in range(2)] == [401, 401]
        assert failed() == 2
        last_try(9, "0")
        assert _login(exchange, someone.username, "not the password") == 401, "nine failures are let pass"
        last_try(17, "0")
        throttled = _log_in(exchange, someone.username, PASSWORD)
        assert (throttled.status_code, throttled.json()["code"]) == (429, "TOO_MANY_LOGINS")
        assert 60 < int(throttled.headers["Retry-After"]) <= 128, "2 to the 7th: one second, doubled seven times"
        assert _login(exchange, other.username, PASSWORD) == 201, "others are not held up"
        last_try(17, "129 seconds")
        assert _login(exchange, someone.username, PASSWORD) == 201
        assert failed() == 0


def test_a_session_ends_when_its_time_is_over_and_keep_alive_puts_that_off(exchange: Stack) -> None:
    someone = unverified_bettor(exchange)
    token = someone.api.http.headers["Authorization"].split()[1]
    digest = hashlib.sha256(token.encode()).digest()
    with psycopg.connect(exchange.database_url, autocommit=True) as connection:

        def end_at(moment: str) -> None:
            change = "UPDATE gateway.sessions SET expires_at = now() + %s::interval WHERE token_hash = %s"
            connection.execute(change, (moment, digest))

        end_at("1 minute")
        kept = httpx.post(f"{exchange.gateway_url}/api/keepAlive", headers={"X-Authentication": token}).json()
        assert (kept["status"], kept["token"]) == ("SUCCESS", token)
        left = connection.execute(
            "SELECT expires_at - now() > interval '11 hours' FROM gateway.sessions WHERE token_hash = %s", (digest,)
        ).fetchone()
        assert left == (True,)
        end_at("-1 second")
        assert someone.api.get("/v1/orders").status_code == 401
        over = httpx.post(f"{exchange.gateway_url}/api/keepAlive", headers={"X-Authentication": token}).json()
        assert (over["status"], over["error"]) == ("FAIL", "NO_SESSION"), "what has ended is not revived"


def test_neither_password_nor_token_lies_in_the_database(exchange: Stack) -> None:
    someone = unverified_bettor(exchange)
    token = logged_in(exchange.gateway_url, someone.username, PASSWORD).http.headers["Authorization"].split()[1]
    with psycopg.connect(exchange.database_url) as connection:
        kept = connection.execute(
            "SELECT password_hash FROM gateway.users WHERE username = %s", (someone.username,)
        ).fetchone()
        hashes = {bytes(row[0]) for row in connection.execute("SELECT token_hash FROM gateway.sessions")}
    assert kept is not None
    assert kept[0].startswith("$argon2id$")
    assert hashlib.sha256(token.encode()).digest() in hashes
    assert token.encode() not in hashes


def test_no_password_token_or_username_is_ever_logged(exchange: Stack) -> None:
    someone = unverified_bettor(exchange)
    token = someone.api.http.headers["Authorization"].split()[1]
    _login(exchange, someone.username, "a wrong password")
    form = {"username": someone.username, "password": PASSWORD}
    assert httpx.post(f"{exchange.gateway_url}/api/login", data=form).json()["status"] == "SUCCESS"
    assert someone.api.get("/v1/orders").is_success
    log = exchange.gateway.log.read_text()
    assert '"route": "/v1/orders"' in log, "requests are logged"
    for secret in (PASSWORD, "a wrong password", token, someone.username, exchange.operator_password):
        assert secret not in log
