"""Signing up, verification, and money in and out, over REST against the real exchange."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.players import (
    PASSWORD,
    Api,
    bettor,
    eventually,
    logged_in,
    new_key,
    new_username,
    open_market,
    operator,
    succeeded,
    unverified_bettor,
)
from tests.stack import Stack


def test_a_sign_up_sent_again_with_its_key_gives_the_same_account(exchange: Stack) -> None:
    body = {"username": new_username(), "password": PASSWORD}
    key = new_key()
    first = succeeded(Api(exchange.gateway_url).command("/v1/accounts", body, key=key))
    again = succeeded(Api(exchange.gateway_url).command("/v1/accounts", body, key=key))
    assert first == again


def test_sign_ups_sent_at_once_with_one_key_open_one_account(exchange: Stack) -> None:
    body, key = {"username": new_username(), "password": PASSWORD}, new_key()
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(Api(exchange.gateway_url).command, "/v1/accounts", body, key=key) for _ in range(4)]
        assert len({succeeded(each.result())["account"] for each in sent}) == 1


def test_a_strangers_sign_up_with_anothers_key_does_not_get_their_account(exchange: Stack) -> None:
    key, mine = new_key(), {"username": new_username(), "password": PASSWORD}
    succeeded(Api(exchange.gateway_url).command("/v1/accounts", mine, key=key))
    theirs = Api(exchange.gateway_url).command("/v1/accounts", {**mine, "username": new_username()}, key=key)
    assert (theirs.status_code, theirs.json()["code"]) == (409, "KEY_REUSED")


def test_a_taken_username_is_refused(exchange: Stack) -> None:
    body = {"username": new_username(), "password": PASSWORD}
    Api(exchange.gateway_url).done("/v1/accounts", body)
    again = Api(exchange.gateway_url).command("/v1/accounts", body)
    assert (again.status_code, again.json()["code"]) == (409, "USERNAME_TAKEN")
    assert body["username"] in again.json()["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"username": "ab"}, "/username"),
        ({"username": "Has Capitals"}, "/username"),
        ({"password": "short"}, "/password"),
        ({"password": "x" * 129}, "/password"),
        ({"password": None}, "/password"),
        ({"role": "operator"}, "/role"),
    ],
)
def test_a_sign_up_that_is_not_well_formed_is_refused_where_it_is_wrong(
    exchange: Stack, change: dict[str, object], pointer: str
) -> None:
    username = new_username()
    body = {"username": username, "password": PASSWORD, **change}
    refused = Api(exchange.gateway_url).command("/v1/accounts", body)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert PASSWORD not in refused.text, "an error never repeats a password"
    login = Api(exchange.gateway_url).http.post("/v1/sessions", json={"username": username, "password": PASSWORD})
    assert login.status_code == 401, "nobody was signed up"


def test_an_account_that_is_not_verified_cannot_pay_in(exchange: Stack) -> None:
    new = unverified_bettor(exchange)
    refused = new.api.command(f"/v1/accounts/{new.account}/deposits", {"amount": "10.00"})
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCOUNT_NOT_VERIFIED")
    assert new.funds()["balance"] == "0.00"


def test_only_an_operator_verifies_and_only_once(exchange: Stack, staff: Api) -> None:
    new = unverified_bettor(exchange)
    by_themselves = new.api.command(f"/v1/accounts/{new.account}/verification")
    assert (by_themselves.status_code, by_themselves.json()["code"]) == (403, "OPERATOR_ONLY")
    assert new.funds()["verified"] is False
    staff.done(f"/v1/accounts/{new.account}/verification")
    assert new.funds()["verified"] is True
    again = staff.command(f"/v1/accounts/{new.account}/verification")
    assert (again.status_code, again.json()["code"]) == (409, "ACCOUNT_ALREADY_VERIFIED")


def test_money_paid_in_and_out_is_in_the_funds_at_once(exchange: Stack, staff: Api) -> None:
    someone = bettor(exchange, staff, "100.00")
    paid = someone.api.done(f"/v1/accounts/{someone.account}/withdrawals", {"amount": "30.01"})
    assert (paid["balance"], paid["available"]) == ("69.99", "69.99")
    assert someone.funds()["balance"] == "69.99"


def test_what_is_held_for_a_bet_cannot_be_paid_out(exchange: Stack, staff: Api) -> None:
    someone = bettor(exchange, staff, "100.00")
    someone.place(open_market(staff), "BACK", "2.00", "60.00")
    refused = someone.api.command(f"/v1/accounts/{someone.account}/withdrawals", {"amount": "40.01"})
    assert (refused.status_code, refused.json()["code"]) == (409, "INSUFFICIENT_FUNDS")
    assert "40.01" in refused.json()["detail"]
    assert "40.00" in refused.json()["detail"]
    assert someone.funds()["balance"] == "100.00"


@pytest.mark.parametrize(
    ("amount", "says"),
    [
        ("10.005", "finer than a penny"),
        ("0.00", "not positive"),
        ("-5.00", "not a plain decimal"),
        ("1e3", "not a plain decimal"),
        ("NaN", "not a plain decimal"),
        ("", "not a plain decimal"),
        ("999999999999999", "too large"),
        ("0.0000000000000000001", "not a plain decimal"),
        (10, "has to be a string"),
        (None, "has to be a string"),
    ],
)
def test_an_amount_that_is_not_money_is_refused_and_nothing_is_paid(
    exchange: Stack, staff: Api, amount: object, says: str
) -> None:
    someone = bettor(exchange, staff, "100.00")
    for way in ("deposits", "withdrawals"):
        refused = someone.api.command(f"/v1/accounts/{someone.account}/{way}", {"amount": amount})
        assert (refused.status_code, refused.json()["code"]) == (422, "AMOUNT_INVALID")
        assert says in refused.json()["detail"]
    assert someone.funds()["balance"] == "100.00"


def test_nobody_sees_or_moves_anothers_money(exchange: Stack, staff: Api) -> None:
    mine, theirs = bettor(exchange, staff), bettor(exchange, staff)
    for refused in (
        mine.api.get(f"/v1/accounts/{theirs.account}/funds"),
        mine.api.get(f"/v1/accounts/{theirs.account}/statement"),
        mine.api.command(f"/v1/accounts/{theirs.account}/withdrawals", {"amount": "1.00"}),
        mine.api.command(f"/v1/accounts/{theirs.account}/deposits", {"amount": "1.00"}),
        staff.command(f"/v1/accounts/{theirs.account}/withdrawals", {"amount": "1.00"}),
    ):
        assert refused.status_code == 403, refused.text
    assert theirs.funds()["balance"] == "100.00"
    assert succeeded(staff.get(f"/v1/accounts/{theirs.account}/funds"))["balance"] == "100.00", "operators may look"


def test_an_account_that_does_not_exist_is_not_found(exchange: Stack, staff: Api) -> None:
    assert staff.get("/v1/accounts/987654321/funds").status_code == 404
    refused = staff.command("/v1/accounts/987654321/verification")
    assert (refused.status_code, refused.json()["code"]) == (404, "ACCOUNT_UNKNOWN")
    assert "987654321" in refused.json()["detail"]


def test_the_statement_lists_every_movement_newest_first_and_pages(exchange: Stack, staff: Api) -> None:
    someone = bettor(exchange, staff, "100.00")
    someone.api.done(f"/v1/accounts/{someone.account}/withdrawals", {"amount": "30.00"})
    someone.api.done(f"/v1/accounts/{someone.account}/deposits", {"amount": "5.00"})
    path = f"/v1/accounts/{someone.account}/statement"
    eventually(lambda: len(succeeded(someone.api.get(path))["lines"]) == 3, "three movements")
    statement = succeeded(someone.api.get(path))
    assert [(line["kind"], line["amount"], line["balance"]) for line in statement["lines"]] == [
        ("DEPOSIT", "5.00", "75.00"),
        ("WITHDRAWAL", "-30.00", "70.00"),
        ("DEPOSIT", "100.00", "100.00"),
    ]
    assert (statement["balance"], statement["net_deposits"]) == ("75.00", "75.00")
    newest = succeeded(someone.api.get(path, limit=1))["lines"]
    rest = succeeded(someone.api.get(path, before=newest[0]["entry"]))["lines"]
    assert newest + rest == statement["lines"]
    none = succeeded(someone.api.get(path, until=statement["lines"][-1]["time"]))["lines"]
    assert none == [], "`until` is not included"


def test_the_shards_totals_and_the_ledgers_trial_balance_agree(exchange: Stack, staff: Api) -> None:
    someone = bettor(exchange, staff, "12.34")
    eventually(lambda: succeeded(staff.get("/v1/books"))["ledger_has_caught_up"], "the ledger reflects the shard")
    books = succeeded(staff.get("/v1/books"))
    assert books["agree"] is True
    assert books["shard"]["conserved"] is books["ledger"]["conserved"] is True
    assert sum(float(total) for total in books["trial_balance"].values()) == pytest.approx(0)
    assert someone.api.get("/v1/books").status_code == 403


def test_the_operators_password_is_the_one_of_the_secret(exchange: Stack) -> None:
    assert operator(exchange).get("/v1/books").is_success
    wrong = Api(exchange.gateway_url).http.post("/v1/sessions", json={"username": "operator", "password": "wrong" * 4})
    assert wrong.status_code == 401


def test_a_login_gives_the_account(exchange: Stack, staff: Api) -> None:
    someone = bettor(exchange, staff)
    body = {"username": someone.username, "password": PASSWORD}
    session = succeeded(Api(exchange.gateway_url).http.post("/v1/sessions", json=body))
    assert (session["role"], session["account"]) == ("bettor", someone.account)
    assert logged_in(exchange.gateway_url, someone.username, PASSWORD).get("/v1/orders").json() == []
