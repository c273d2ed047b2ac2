"""betfairlightweight, unmodified apart from its host, bets on the real exchange: gateway, shard, Kafka, PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from betfairlightweight import APIClient as Client
from betfairlightweight import filters
from betfairlightweight.exceptions import APIError, KeepAliveError, LoginError

from tests.players import RUNNERS, Api, Bettor, bettor, eventually, market_terms, open_market, unverified_bettor
from tests.stack import Stack
from tests.wire.conftest import client_for

Connect = Callable[[Bettor], Client]


def limit(side: str, price: float, size: float, runner: int = 101) -> dict[str, Any]:
    order = filters.limit_order(price=price, size=size, persistence_type="LAPSE")
    instruction: dict[str, Any] = filters.place_instruction("LIMIT", runner, side, limit_order=order)
    return instruction


def error_of(raised: pytest.ExceptionInfo[APIError]) -> dict[str, Any]:
    """The betting API's own exception inside the JSON-RPC error."""
    data = raised.value.response["error"]["data"]
    exception: dict[str, Any] = data[data["exceptionname"]]
    return exception


def test_the_interactive_login_keeps_alive_and_logs_out(exchange: Stack, someone: Bettor) -> None:
    client = client_for(exchange, someone)
    client.login_interactive()
    assert client.session_token
    client.keep_alive()
    assert client.account.get_account_funds().available_to_bet_balance == 100.0
    token = client.session_token
    client.logout()
    client.set_session_token(token)
    with pytest.raises(APIError) as raised:
        client.betting.list_current_orders()
    assert error_of(raised)["errorCode"] == "INVALID_SESSION_INFORMATION"
    with pytest.raises(KeepAliveError, match="NO_SESSION"):
        client.keep_alive()


def test_the_certificate_login_gives_a_session(exchange: Stack, someone: Bettor, tmp_path: Path) -> None:
    for name in ("client.crt", "client.key"):
        (tmp_path / name).touch()
    client = client_for(exchange, someone, certs=str(tmp_path))
    client.login()
    assert client.account.get_account_details().currency_code == "EUR"


def test_a_wrong_password_is_a_login_error(exchange: Stack, refused_one: Bettor) -> None:
    client = client_for(exchange, refused_one)
    client.password = "not the password"
    with pytest.raises(LoginError, match="INVALID_USERNAME_OR_PASSWORD"):
        client.login_interactive()


def test_without_a_login_the_error_says_that_there_is_no_session(exchange: Stack, refused_one: Bettor) -> None:
    with pytest.raises(APIError) as raised:
        client_for(exchange, refused_one).betting.list_current_orders()
    assert error_of(raised)["errorCode"] == "NO_SESSION"


def test_a_back_and_a_lay_that_meet_are_matched_and_settled(
    connect: Connect, someone: Bettor, another: Bettor, staff: Api, market: int
) -> None:
    backer, layer, market_id = connect(someone), connect(another), f"1.{market}"
    backed = backer.betting.place_orders(market_id, [limit("BACK", 3.0, 10.0)])
    assert backed.status == "SUCCESS"
    [resting] = backed.place_instruction_reports
    assert (resting.order_status, resting.size_matched) == ("EXECUTABLE", 0.0)
    [laid] = layer.betting.place_orders(market_id, [limit("LAY", 3.0, 10.0)]).place_instruction_reports
    assert (laid.order_status, laid.size_matched, laid.average_price_matched) == ("EXECUTION_COMPLETE", 10.0, 3.0)
    assert laid.placed_date.date() == datetime.now(UTC).date()
    assert backer.account.get_account_funds().exposure == -10.0
    assert layer.account.get_account_funds().available_to_bet_balance == 80.0
    staff.done(f"/v1/markets/{market}/settlement", {"winners": [101], "source": "the test"})
    assert backer.account.get_account_funds().available_to_bet_balance == 119.0, "20 won, less 5 % commission"
    assert layer.account.get_account_funds().available_to_bet_balance == 80.0
    [book] = backer.betting.list_market_book([market_id])
    assert book.status == "CLOSED"
    assert [runner.status for runner in book.runners] == ["WINNER", "LOSER"]


def test_the_catalogue_describes_the_market(connect: Connect, someone: Bettor, staff: Api) -> None:
    terms = market_terms()
    market = staff.done("/v1/markets", terms)["market"]
    betting = connect(someone).betting
    chosen = filters.market_filter(market_ids=[f"1.{market}"])
    eventually(lambda: bool(betting.list_market_catalogue(chosen)), "the market is in the catalogue")
    projection = ["EVENT", "EVENT_TYPE", "MARKET_START_TIME", "MARKET_DESCRIPTION", "RUNNER_METADATA", "COMPETITION"]
    [entry] = betting.list_market_catalogue(chosen, market_projection=projection, max_results=5)
    assert (entry.market_name, entry.event.name, entry.event_type.name) == ("Match odds", terms["event"], "Football")
    assert entry.market_start_time == datetime(2030, 1, 2, 15, tzinfo=UTC)
    assert entry.description.price_ladder_description.type == "CLASSIC"
    assert entry.description.market_base_rate == 5.0
    assert {runner.selection_id: runner.runner_name for runner in entry.runners} == RUNNERS
    [event] = betting.list_events(chosen)
    assert (event.event.name, event.market_count) == (terms["event"], 1)
    of_event = filters.market_filter(event_ids=[event.event.id])
    assert [found.market_id for found in betting.list_market_catalogue(of_event)] == [f"1.{market}"]
    assert "Football" in {found.event_type.name for found in betting.list_event_types()}


@pytest.mark.parametrize(
    "condition",
    [{"in_play_only": True}, {"venues": ["Ascot"]}, {"market_betting_types": ["LINE"]}, {"event_type_ids": ["0"]}],
)
def test_a_filter_that_no_market_meets_finds_nothing(
    connect: Connect, refused_one: Bettor, quiet_market: int, condition: dict[str, Any]
) -> None:
    assert connect(refused_one).betting.list_market_catalogue(filters.market_filter(**condition)) == []


def test_the_book_has_offers_and_trades_as_deep_as_was_asked(
    connect: Connect, someone: Bettor, another: Bettor, market: int
) -> None:
    client, market_id = connect(someone), f"1.{market}"
    client.betting.place_orders(market_id, [limit("BACK", price, 2.0) for price in (3.0, 3.05, 3.1, 3.15)])
    connect(another).betting.place_orders(market_id, [limit("LAY", 3.0, 1.0), limit("LAY", 2.5, 4.0)])

    def runner(**prices: Any) -> Any:  # noqa: ANN401
        projection = filters.price_projection(filters.price_data(**prices))
        return client.betting.list_market_book([market_id], price_projection=projection)[0].runners[0]

    best = runner(ex_best_offers=True).ex
    assert [(level.price, level.size) for level in best.available_to_lay] == [(3.0, 1.0), (3.05, 2.0), (3.1, 2.0)]
    assert [(level.price, level.size) for level in best.available_to_back] == [(2.5, 4.0)]
    assert best.traded_volume == []
    everything = runner(ex_all_offers=True, ex_traded=True)
    assert len(everything.ex.available_to_lay) == 4
    assert [(level.price, level.size) for level in everything.ex.traded_volume] == [(3.0, 1.0)]
    assert everything.last_price_traded == 3.0
    [bare] = client.betting.list_market_book([market_id])
    assert bare.runners[0].ex is None
    assert bare.total_matched == 1.0


def test_current_orders_are_filtered_sorted_and_paged(
    connect: Connect, someone: Bettor, another: Bettor, market: int, staff: Api
) -> None:
    client, elsewhere = connect(someone), open_market(staff)
    for price in (3.0, 4.0):
        client.betting.place_orders(f"1.{market}", [limit("BACK", price, 2.0)])
    client.betting.place_orders(f"1.{elsewhere}", [limit("BACK", 5.0, 2.0)])
    connect(another).betting.place_orders(f"1.{market}", [limit("LAY", 3.0, 2.0)])

    def prices(**conditions: Any) -> list[float]:  # noqa: ANN401
        return [order.price_size.price for order in client.betting.list_current_orders(**conditions).orders]

    assert prices() == [3.0, 4.0, 5.0]
    assert prices(market_ids=[f"1.{elsewhere}"]) == [5.0]
    assert prices(order_projection="EXECUTABLE") == [4.0, 5.0]
    assert prices(order_projection="EXECUTION_COMPLETE") == [3.0]
    assert prices(sort_dir="LATEST_TO_EARLIEST", record_count=1) == [5.0]
    page = client.betting.list_current_orders(from_record=1, record_count=1)
    assert page.more_available is True
    assert prices(bet_ids=[page.orders[0].bet_id]) == [4.0]
    assert prices(date_range=filters.time_range(to="2020-01-01T00:00:00Z")) == []


def test_cancelling_takes_back_a_part_the_rest_and_reports_what_cannot_be_done(
    connect: Connect, someone: Bettor, market: int
) -> None:
    client, market_id = connect(someone), f"1.{market}"
    placed = client.betting.place_orders(market_id, [limit("BACK", 3.0, 10.0), limit("BACK", 4.0, 5.0)])
    first, second = (report.bet_id for report in placed.place_instruction_reports)
    part = client.betting.cancel_orders(market_id, [filters.cancel_instruction(first, 4.0)])
    assert (part.status, part.cancel_instruction_reports[0].size_cancelled) == ("SUCCESS", 4.0)
    mixed = client.betting.cancel_orders(
        market_id, [filters.cancel_instruction(first), filters.cancel_instruction("999999999")]
    )
    assert mixed.status == "PROCESSED_WITH_ERRORS"
    done, unknown = mixed.cancel_instruction_reports
    assert (done.status, done.size_cancelled) == ("SUCCESS", 6.0)
    assert (unknown.status, unknown.error_code) == ("FAILURE", "INVALID_BET_ID")
    [report] = client.betting.cancel_orders().cancel_instruction_reports
    assert (report.instruction.bet_id, report.size_cancelled) == (second, 5.0)
    assert client.account.get_account_funds().available_to_bet_balance == 100.0
    again = client.betting.cancel_orders(market_id, [filters.cancel_instruction(first)])
    assert again.cancel_instruction_reports[0].error_code == "BET_TAKEN_OR_LAPSED"
    assert client.betting.list_current_orders().orders == [], "what was cancelled in whole is not current"


def test_the_same_customer_ref_and_orders_give_the_same_bets_once(
    connect: Connect, someone: Bettor, market: int
) -> None:
    client, orders = connect(someone), [limit("BACK", 3.0, 10.0), limit("BACK", 4.0, 5.0)]
    first = client.betting.place_orders(f"1.{market}", orders, customer_ref="ref-1")
    again = client.betting.place_orders(f"1.{market}", orders, customer_ref="ref-1")
    bets = [[report.bet_id for report in each.place_instruction_reports] for each in (first, again)]
    assert bets[0] == bets[1]
    assert len(someone.orders()) == 2
    other = client.betting.place_orders(f"1.{market}", orders[:1], customer_ref="ref-1")
    assert (other.status, other.error_code) == ("FAILURE", "DUPLICATE_TRANSACTION")
    assert len(someone.orders()) == 2


def test_a_ref_of_another_account_is_another_ref(
    connect: Connect, someone: Bettor, another: Bettor, market: int
) -> None:
    for player in (someone, another):
        placed = connect(player).betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 2.0)], customer_ref="mine")
        assert placed.status == "SUCCESS"
    assert len(someone.orders()) == len(another.orders()) == 1


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (limit("BACK", 3.01, 5.0), "INVALID_ODDS"),
        (limit("BACK", 1.0, 5.0), "INVALID_ODDS"),
        (limit("BACK", 1e15, 5.0), "INVALID_ODDS"),
        (limit("BACK", 3.0, 5.005), "INVALID_BET_SIZE"),
        (limit("BACK", 3.0, 0.0), "INVALID_BET_SIZE"),
        (limit("BACK", 3.0, -5.0), "INVALID_BET_SIZE"),
        (limit("BACK", 3.0, 0.5), "INVALID_BET_SIZE"),
        (limit("BACK", 3.0, 5.0, runner=999), "INVALID_RUNNER"),
        (limit("BACK", 3.0, 5.0, runner=-1), "INVALID_RUNNER"),
        ({**limit("BACK", 3.0, 5.0), "handicap": 1.5}, "INVALID_RUNNER"),
        (filters.place_instruction("MARKET_ON_CLOSE", 101, "BACK", market_on_close_order={"liability": 5.0}),
         "MARKET_NOT_OPEN_FOR_BSP_BETTING"),
        (filters.place_instruction("LIMIT", 101, "BACK", limit_order=filters.limit_order(3.0, "PERSIST", 5.0)),
         "INVALID_PERSISTENCE_TYPE"),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_accepted_is_refused_by_its_word_and_nothing_is_held(
    connect: Connect, refused_one: Bettor, quiet_market: int, order: dict[str, Any], error: str
) -> None:
    client = connect(refused_one)
    refused = client.betting.place_orders(f"1.{quiet_market}", [order])
    assert (refused.status, refused.error_code) == ("FAILURE", "BET_ACTION_ERROR")
    assert [report.error_code for report in refused.place_instruction_reports] == [error]
    assert refused_one.orders() == []
    assert client.account.get_account_funds().available_to_bet_balance == 100.0


def test_one_wrong_order_keeps_the_whole_request_from_being_placed(
    connect: Connect, refused_one: Bettor, quiet_market: int
) -> None:
    orders = [limit("BACK", 3.0, 5.0), limit("BACK", 3.01, 5.0)]
    refused = connect(refused_one).betting.place_orders(f"1.{quiet_market}", orders)
    assert refused.status == "FAILURE"
    assert [report.error_code for report in refused.place_instruction_reports] == ["ERROR_IN_ORDER", "INVALID_ODDS"]
    assert refused_one.orders() == []


def test_more_than_the_balance_is_insufficient_funds(connect: Connect, someone: Bettor, market: int) -> None:
    client = connect(someone)
    refused = client.betting.place_orders(f"1.{market}", [limit("LAY", 3.0, 50.01)])
    assert (refused.status, refused.error_code) == ("FAILURE", "INSUFFICIENT_FUNDS")
    assert refused.place_instruction_reports[0].error_code == "INSUFFICIENT_FUNDS"
    mixed = client.betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 5.0), limit("BACK", 3.0, 95.01)])
    assert (mixed.status, mixed.error_code) == ("PROCESSED_WITH_ERRORS", "PROCESSED_WITH_ERRORS")
    assert [report.status for report in mixed.place_instruction_reports] == ["SUCCESS", "FAILURE"]


def test_a_suspended_an_ended_and_an_unknown_market_take_no_bets(
    connect: Connect, someone: Bettor, staff: Api, market: int
) -> None:
    client = connect(someone)

    def error(market: int) -> str:
        refused = client.betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 5.0)])
        assert refused.status == "FAILURE"
        return str(refused.error_code)

    staff.done(f"/v1/markets/{market}/suspension", {"suspended": True}, method="PUT")
    assert error(market) == "MARKET_SUSPENDED"
    staff.done(f"/v1/markets/{market}/void", {"reason": "the test"})
    assert error(market) == "MARKET_NOT_OPEN_FOR_BETTING"
    assert error(10**9) == "INVALID_MARKET_ID"
    assert someone.orders() == []


def test_an_account_that_is_not_verified_takes_no_bets(connect: Connect, exchange: Stack, market: int) -> None:
    refused = connect(unverified_bettor(exchange)).betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 5.0)])
    assert (refused.status, refused.error_code) == ("FAILURE", "INVALID_ACCOUNT_STATE")


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"async_": True}, "async"),
        ({"customer_strategy_ref": "mine"}, "customerStrategyRef"),
        ({"market_version": {"version": 3}}, "marketVersion"),
        ({"customer_ref": "has spaces in it"}, "customerRef"),
        ({"instructions": []}, "instructions"),
        ({"instructions": [limit("BACK", 3.0, 1.0)] * 201}, "201"),
        ({"market_id": "2.1"}, "marketId '2.1'"),
        ({"instructions": [filters.place_instruction("LIMIT", 101, "BACK", limit_order=filters.limit_order(
            3.0, size=5.0, time_in_force="FILL_OR_KILL"))]}, "fill-or-kill"),
        ({"instructions": [filters.place_instruction("LIMIT", 101, "BACK", limit_order=filters.limit_order(
            3.0, bet_target_type="PAYOUT", bet_target_size=10.0))]}, "betTargetType"),
        ({"instructions": [filters.place_instruction("LIMIT", 101, "BACK")]}, "limitOrder"),
        ({"instructions": [{**limit("BACK", 3.0, 5.0), "customerOrderRef": "x"}]}, "customerOrderRef"),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused_by_name_and_not_ignored(
    connect: Connect, refused_one: Bettor, quiet_market: int, arguments: dict[str, Any], names: str
) -> None:
    call = {"market_id": f"1.{quiet_market}", "instructions": [limit("BACK", 3.0, 5.0)], **arguments}
    with pytest.raises(APIError) as raised:
        connect(refused_one).betting.place_orders(**call)
    assert error_of(raised)["errorCode"] == "INVALID_INPUT_DATA"
    assert names in error_of(raised)["errorDetails"]
    assert refused_one.orders() == []


def test_reading_a_market_that_does_not_exist_names_it(connect: Connect, refused_one: Bettor) -> None:
    with pytest.raises(APIError) as raised:
        connect(refused_one).betting.list_market_book(["1.987654321"])
    assert "1.987654321" in error_of(raised)["errorDetails"]


def test_an_operator_has_no_bets_to_place(exchange: Stack, market: int) -> None:
    client = client_for(exchange, Bettor("operator", 0, Api(exchange.gateway_url)))
    client.password = exchange.operator_password
    client.login_interactive()
    with pytest.raises(APIError) as raised:
        client.betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 5.0)])
    assert error_of(raised)["errorCode"] == "ACCESS_DENIED"


def test_two_hundred_orders_go_in_one_request(connect: Connect, exchange: Stack, staff: Api, market: int) -> None:
    rich = bettor(exchange, staff, "1000.00")
    placed = connect(rich).betting.place_orders(f"1.{market}", [limit("BACK", 3.0, 1.0)] * 200)
    assert placed.status == "SUCCESS"
    assert len({report.bet_id for report in placed.place_instruction_reports}) == 200
    cancelled = connect(rich).betting.cancel_orders(f"1.{market}")
    assert len(cancelled.cancel_instruction_reports) == 200
    assert rich.funds()["available"] == "1000.00"
