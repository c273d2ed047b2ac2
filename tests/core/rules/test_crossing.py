"""Cross-matching: met by all the others together, at the exchange's risk of nothing but rounding."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import Table, money


def crossed(table: Table) -> list[x.Matched]:
    return [event.matched for event in table.events if event.HasField("matched") and event.matched.group]


def test_a_back_is_met_by_backs_on_all_other_runners(table: Table) -> None:
    table.market_with(cross_matching=True)
    table.order(1, "back", 2, "4", "10")
    table.order(2, "back", 3, "4", "10")
    outcome = table.order(3, "back", 1, "1.9", "20")
    assert (outcome.matched, outcome.matched_payout) == (money("19.98"), money("39.94")), "2.00, but for pennies"
    fills = crossed(table)
    assert [fill.runner for fill in fills] == [2, 3, 1]
    assert {fill.group for fill in fills} == {fills[0].trade}
    assert fills[2].resting_order == fills[0].incoming_order == 0, "the exchange stands between them"


def test_a_lay_is_met_by_lays_on_all_other_runners(table: Table) -> None:
    table.market_with(cross_matching=True)
    table.order(1, "lay", 2, "4", "10")
    table.order(2, "lay", 3, "4", "10")
    outcome = table.order(3, "lay", 1, "2.1", "30")
    assert (outcome.matched, outcome.matched_payout) == (money("20"), money("40"))
    assert table.account(3).held == money("20") + money("11"), "the bet, and what rests at its limit"


@pytest.mark.parametrize("winner", [1, 2, 3])
def test_whoever_wins_the_exchange_ends_with_rounding_only(table: Table, winner: int) -> None:
    table.market_with(cross_matching=True)
    table.order(1, "back", 2, "3.35", "7.77")
    table.order(2, "back", 3, "4.1", "5.31")
    assert table.order(3, "back", 1, "2", "9.99").matched
    table.settle(winner)
    totals = table.core.totals()
    assert 0 <= totals["rounding"] < 3 * money("0.05")
    assert (totals["house"], totals["commission"]) == (0, 0)
    assert totals["wallets"] + totals["rounding"] == money("3000")


def test_the_better_of_the_direct_and_the_cross_price_is_taken_and_at_the_same_price_the_direct(table: Table) -> None:
    table.market_with(runners=2, cross_matching=True)
    table.order(1, "back", 2, "3", "10")
    table.order(2, "lay", 1, "1.4", "10")
    assert table.order(3, "back", 1, "1.3", "5").matched
    assert crossed(table), "1.50 is better than 1.40"
    table.order(2, "lay", 1, "1.51", "10")
    table.order(3, "back", 1, "1.3", "5")
    assert not crossed(table)


def test_a_cross_match_is_void_as_a_whole_with_any_of_its_trades_and_with_any_runner(table: Table) -> None:
    table.market_with(cross_matching=True)
    for _ in range(2):
        table.order(1, "back", 2, "4", "10")
        table.order(2, "back", 3, "4", "10")
        table.order(3, "back", 1, "1.9", "5")
    first = crossed(table)[1].trade
    table.do(void_bet=x.VoidBet(market=1, trade=first, reason="error"))
    assert table.kinds().count("bet_voided") == 3
    assert table.do(void_bet=x.VoidBet(market=1, trade=first, reason="error")).code == x.TRADE_UNKNOWN
    table.do(void_runner=x.VoidRunner(market=1, runner=2))
    assert table.kinds().count("bet_voided") == 3
    table.settle(1)
    assert table.core.totals()["rounding"] == 0
    assert table.balances() == ["1000.00"] * 3


def test_fill_or_kill_and_suspended_runners_take_no_part(table: Table) -> None:
    table.market_with(runners=2, cross_matching=True)
    table.order(1, "back", 2, "3", "10")
    fill_or_kill = {"time_in_force": x.TIME_IN_FORCE_FILL_OR_KILL}
    assert table.order(3, "back", 1, "1.3", "5", **fill_or_kill).cancelled == money("5")
    table.do(set_suspension=x.SetSuspension(market=1, runner=2, suspended=True))
    assert table.order(3, "back", 1, "1.3", "5").matched == 0
