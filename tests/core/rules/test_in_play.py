"""Turning in play: what stays, what lapses, the starting price, and the delay."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import SECOND, Table, money, tick

MARKET_ON_CLOSE = {"type": x.ORDER_TYPE_MARKET_ON_CLOSE}
LIMIT_ON_CLOSE = {"type": x.ORDER_TYPE_LIMIT_ON_CLOSE}
PERSIST = {"persistence": x.PERSISTENCE_PERSIST}


def turn(table: Table) -> None:
    assert table.do(turn_in_play=x.TurnInPlay(market=1)).code == x.OK


def start(table: Table, runner: int = 1) -> tuple[int, int]:
    image = table.market().runners[runner - 1]
    return image.starting_price, image.starting_size


def test_only_what_persists_is_on_the_book_when_the_market_turns_in_play(table: Table) -> None:
    table.market_with(starting_price=True)
    for persistence in x.Persistence.values():
        table.order(1, "back", 1, "3", "5", persistence=persistence)
    changed = table.order(1, "back", 2, "3", "6").id
    table.do(1, update_order=x.UpdateOrder(market=1, order=changed, persistence=x.PERSISTENCE_PERSIST))
    turn(table)
    assert table.left(1) == [money("5"), money("6")]
    assert table.do(turn_in_play=x.TurnInPlay(market=1)).code == x.MARKET_IN_PLAY


def test_the_starting_price_is_where_most_is_matched_then_least_left_over_then_the_lowest(table: Table) -> None:
    table.market_with(starting_price=True)
    table.order(1, "back", 1, "2", "10", **LIMIT_ON_CLOSE)
    table.order(2, "lay", 1, "4", "30", **LIMIT_ON_CLOSE)
    turn(table)
    assert start(table) == (tick("4"), money("10")), "10 are matched from 2 to 4; at 4 the lay has just 10 to give"


def test_a_lay_at_the_starting_price_buys_stake_with_its_liability_and_the_rest_of_it_lapses(table: Table) -> None:
    table.market_with(starting_price=True)
    table.order(1, "back", 1, "0", "100", **MARKET_ON_CLOSE)
    table.order(2, "lay", 1, "0", "10", **MARKET_ON_CLOSE)
    table.order(3, "lay", 1, "4.1", "1", **PERSIST)
    turn(table)
    (mine,) = table.orders(2)
    assert mine.matched_payout - mine.matched + mine.cancelled == money("10")
    assert table.account(2).held == mine.matched_payout - mine.matched
    table.compare_images()


def test_the_heavier_side_gives_market_orders_first_then_better_limits_then_older_orders(table: Table) -> None:
    table.market_with(starting_price=True)
    table.order(1, "back", 1, "2.9", "10", **LIMIT_ON_CLOSE)
    table.order(2, "back", 1, "2.8", "10", **LIMIT_ON_CLOSE)
    table.order(1, "back", 1, "0", "10", **MARKET_ON_CLOSE)
    table.order(3, "lay", 1, "3", "25", **PERSIST)
    turn(table)
    backs = sorted((order.order, order.matched) for account in (1, 2) for order in table.orders(account))
    assert [matched for _, matched in backs] == [money("5"), money("10"), money("10")]


def test_an_order_that_takes_the_starting_price_when_it_turns_in_play_is_a_new_order(table: Table) -> None:
    table.market_with(starting_price=True)
    first = table.order(1, "lay", 1, "3", "10", persistence=x.PERSISTENCE_MARKET_ON_CLOSE).id
    table.order(2, "back", 1, "0", "5", **MARKET_ON_CLOSE)
    table.order(3, "back", 1, "4", "1", **PERSIST)
    turn(table)
    (accepted,) = [event.order_accepted for event in table.events if event.HasField("order_accepted")]
    assert (accepted.replaces, accepted.size, accepted.type) == (first, money("20"), x.ORDER_TYPE_MARKET_ON_CLOSE)


def test_without_two_sides_there_is_no_starting_price_and_everything_on_close_lapses(table: Table) -> None:
    table.market_with(starting_price=True)
    table.order(1, "back", 1, "0", "5", **MARKET_ON_CLOSE)
    turn(table)
    assert (start(table), table.reasons(), table.account(1).held) == ((0, 0), ["TURNED_IN_PLAY"], 0)
    assert table.order(1, "back", 1, "0", "5", **MARKET_ON_CLOSE).code == x.MARKET_IN_PLAY


@pytest.mark.parametrize("ladder", [x.LADDER_CLASSIC, x.LADDER_FINEST])
def test_orders_on_close_need_a_market_with_a_starting_price(table: Table, ladder: x.Ladder.ValueType) -> None:
    table.market_with(ladder=ladder)
    assert table.order(1, "back", 1, "0", "5", **MARKET_ON_CLOSE).code == x.ORDER_TYPE_INVALID
    assert table.order(1, "back", 1, "3", "5", persistence=x.PERSISTENCE_MARKET_ON_CLOSE).code == x.PERSISTENCE_INVALID


class TestDelay:
    """In-play delay: held, then matched with what is there then."""

    def test_a_held_order_is_covered_and_cannot_be_taken_back(self, table: Table) -> None:
        table.market_with(in_play_delay_ms=5 * SECOND)
        turn(table)
        held = table.order(1, "back", 1, "3", "5")
        assert (held.code, table.account(1).held) == (x.OK, money("5"))
        assert table.cancel(1, held.id).code == x.ORDER_DELAYED
        moved = table.do(1, replace_order=x.ReplaceOrder(market=1, order=held.id, price=tick("4")))
        assert moved.code == x.ORDER_DELAYED
        assert table.do(1, cancel_all=x.CancelAll()).id == 0

    def test_it_is_matched_with_what_stands_when_the_time_comes(self, table: Table) -> None:
        table.market_with(in_play_delay_ms=5 * SECOND)
        turn(table)
        table.order(1, "lay", 1, "3", "5")
        table.wait(2 * SECOND)
        table.order(2, "back", 1, "3", "5")
        table.wait(3 * SECOND)
        assert table.market().runners[0].to_back[0].size == money("5")
        table.wait(2 * SECOND)
        assert table.kinds()[:2] == ["order_released", "matched"]

    def test_a_suspension_cancels_what_is_held(self, table: Table) -> None:
        table.market_with(in_play_delay_ms=5 * SECOND)
        turn(table)
        table.order(1, "back", 1, "3", "5")
        table.do(set_suspension=x.SetSuspension(market=1, suspended=True))
        assert (table.reasons(), table.account(1).held) == (["HALTED"], 0)
        table.wait(5 * SECOND)
        assert table.events == []

    def test_the_passive_model_holds_takers_only(self, table: Table) -> None:
        table.market_with(in_play_delay_ms=5 * SECOND, passive_delay=True)
        turn(table)
        maker = table.order(1, "lay", 1, "3", "5")
        assert table.market().runners[0].to_back[0].size == maker.remaining == money("5")
        taker = table.order(2, "back", 1, "3", "5")
        assert (taker.matched, table.orders(2)[0].release_ms) == (0, table.now + 5 * SECOND)
        table.wait(5 * SECOND)
        assert table.orders(2)[0].matched == money("5")

    def test_fill_or_kill_is_decided_when_it_is_released(self, table: Table) -> None:
        table.market_with(in_play_delay_ms=5 * SECOND)
        turn(table)
        table.order(1, "back", 1, "3", "5", time_in_force=x.TIME_IN_FORCE_FILL_OR_KILL)
        table.wait(5 * SECOND)
        assert table.reasons() == ["KILLED"]
