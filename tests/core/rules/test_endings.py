"""Ladders, winners, dead heats, removed runners, voided bets, commission, and results that are corrected."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import DAY, Table, money, tick


def test_the_finest_ladder_has_every_hundredth(table: Table) -> None:
    table.market_with(ladder=x.LADDER_FINEST)
    last = 100_000 - 101
    table.lay(1, 1, last, money("0.01"))
    assert table.back(2, 1, last - 1, money("0.01")).matched_payout == money("10")
    assert table.back(2, 1, last + 1, money("1")).bound == last


@pytest.mark.parametrize(("reached", "winner"), [(0, 1), (6, 1), (7, 2), (10, 2)])
def test_on_a_line_a_back_wins_below_its_position(table: Table, reached: int, winner: int) -> None:
    table.market_with(runners=1, ladder=x.LADDER_LINE_RANGE, positions=10)
    table.lay(2, 1, 6, money("10"))
    assert table.back(1, 1, 4, money("10")).matched_payout == money("20"), "even money, at the position that was there"
    table.settle(line_result=reached)
    assert table.account(winner).balance == money("1010")


def test_on_a_line_bets_that_cannot_both_lose_hold_less(table: Table) -> None:
    table.market_with(runners=1, ladder=x.LADDER_LINE_RANGE, positions=10)
    for price, side in ((8, "back"), (2, "lay")):
        other = table.lay if side == "back" else table.back
        mine = table.back if side == "back" else table.lay
        other(2, 1, price, money("10"))
        mine(1, 1, price, money("10"))
    assert table.account(1).held == 0, "below 8 or from 2 on: one of the two always wins"
    assert table.account(2).held == money("20")


def test_any_number_of_runners_may_win_where_winners_are_variable(table: Table) -> None:
    table.market_with(winners=0, variable_winners=True)
    table.bet(1, 2, 1, "3", "10")
    table.bet(1, 2, 2, "3", "10")
    assert (table.account(1).held, table.account(2).held) == (money("20"), money("40"))
    table.settle(1, 2, 3)
    assert table.balances() == ["1040.00", "960.00", "1000.00"]


def test_several_winners_are_each_a_bet_of_their_own(table: Table) -> None:
    table.market_with(winners=2)
    table.bet(1, 2, 1, "3", "10")
    table.bet(1, 2, 2, "3", "10")
    assert table.account(1).held == 0, "of the three two win: at worst one of mine"
    table.settle(1, 3)
    assert table.balances() == ["1010.00", "990.00", "1000.00"]


def test_a_dead_heat_pays_the_share_of_places_and_rounds_an_account_down_once(table: Table) -> None:
    table.market_with()
    table.bet(1, 2, 1, "3", "0.01")
    table.settle(dead_heat=[1, 2, 3])
    assert (table.account(1).balance, table.account(2).balance) == (money("1000"), money("1000"))
    other = Table()
    other.market_with()
    other.bet(1, 2, 1, "3.05", "0.01")
    other.settle(dead_heat=[1, 2, 3])
    assert (other.account(1).balance, other.account(2).balance) == (money("1000") + 1, money("1000") - 2)
    assert other.core.totals()["rounding"] == 1, "305 / 3 is 101.67: nobody gets the part that is left"


@pytest.mark.parametrize(
    ("winners", "dead_heat", "code"),
    [
        ([1], [2, 3], x.DEAD_HEAT_INVALID),
        ([], [1], x.DEAD_HEAT_INVALID),
        ([], [1, 1], x.WINNERS_INVALID),
        ([], [1, 9], x.RUNNER_UNKNOWN),
    ],
)
def test_a_dead_heat_needs_more_runners_than_places(
    table: Table, winners: list[int], dead_heat: list[int], code: x.Code.ValueType
) -> None:
    table.market_with()
    assert table.settle(*winners, dead_heat=dead_heat).code == code


@pytest.mark.parametrize(
    ("reduction", "factor", "payout"),
    [
        (x.REDUCTION_WIN, 2_500, "60"),
        (x.REDUCTION_PLACE, 2_500, "62.50"),
        (x.REDUCTION_WIN, 249, "80"),
        (x.REDUCTION_PLACE, 100, "79.30"),
        (x.REDUCTION_WIN, 9_000, "10.10"),
    ],
)
def test_a_removed_runner_reduces_what_other_bets_pay(
    table: Table, reduction: x.Reduction.ValueType, factor: int, payout: str
) -> None:
    table.market_with(winners=1, reduction=reduction)
    table.bet(1, 2, 1, "8", "10")
    table.do(remove_runner=x.RemoveRunner(market=1, runner=3, factor_bp=factor))
    assert table.orders(1)[0].matched_payout == money(payout)
    assert table.account(2).held == money(payout) - money("10")
    table.settle(1)
    assert table.account(1).balance == money("990") + money(payout)


@pytest.mark.parametrize(
    ("reduction", "factor", "stays"),
    [(x.REDUCTION_WIN, 249, True), (x.REDUCTION_WIN, 250, False), (x.REDUCTION_PLACE, 399, True),
     (x.REDUCTION_PLACE, 400, False)],
)  # fmt: skip
def test_unmatched_lays_go_when_the_factor_is_large(
    table: Table, reduction: x.Reduction.ValueType, factor: int, stays: bool
) -> None:
    table.market_with(reduction=reduction)
    table.order(1, "lay", 1, "3", "5")
    table.order(1, "back", 2, "3", "6")
    table.do(remove_runner=x.RemoveRunner(market=1, runner=3, factor_bp=factor))
    assert table.left(1) == ([money("5"), money("6")] if stays else [money("6")])


def test_a_market_without_reductions_takes_no_factor_and_a_line_loses_no_runner(table: Table) -> None:
    table.market_with()
    table.market_with(runners=1, ladder=x.LADDER_LINE_RANGE, positions=10)
    refused = table.do(remove_runner=x.RemoveRunner(market=1, runner=3, factor_bp=1))
    assert (refused.code, refused.bound) == (x.FACTOR_INVALID, 0)
    assert table.do(remove_runner=x.RemoveRunner(market=2, runner=1)).code == x.LADDER_INVALID


def test_a_voided_bet_gives_stakes_back_and_what_it_covered_may_fall_short(table: Table) -> None:
    table.market_with()
    table.bet(1, 2, 1, "3.15", "10")
    table.bet(1, 2, 2, "2.52", "10")
    table.do(2, withdraw=x.Withdraw(amount=money("988.50")))
    table.do(void_bet=x.VoidBet(market=1, trade=2, reason="error"))
    (short,) = [event.shortfall_booked for event in table.events if event.HasField("shortfall_booked")]
    assert (short.account, short.amount) == (2, money("10"))
    assert table.orders(1)[1].voided == money("10")
    assert table.order(2, "back", 3, "2", "1").code == x.ACCOUNT_BLOCKED


def test_commission_is_less_the_discount(table: Table) -> None:
    table.market_with(commission_bp=500)
    table.do(set_discount=x.SetDiscount(account=1, discount_bp=2_000))
    table.bet(1, 2, 1, "3", "10")
    table.settle(1)
    assert (table.balances()[0], table.core.totals()["commission"]) == ("1019.20", money("0.80"))


class TestSettledAgain:
    """For seven days a result can be corrected: reversed, and booked again."""

    @pytest.fixture
    def settled(self, table: Table) -> Table:
        table.market_with(commission_bp=500)
        table.bet(1, 2, 1, "3", "10")
        table.settle(1)
        assert table.balances() == ["1019.00", "980.00", "1000.00"]
        return table

    @staticmethod
    def again(table: Table, *winners: int) -> x.Outcome:
        return table.do(resettle_market=x.ResettleMarket(market=1, winners=winners, source="the judge again"))

    def test_the_difference_moves_and_commission_is_taken_anew(self, settled: Table) -> None:
        self.again(settled, 2)
        assert settled.balances() == ["990.00", "1009.50", "1000.00"]
        before = [event.account_resettled for event in settled.events if event.HasField("account_resettled")]
        assert [(each.profit_before, each.commission_before) for each in before] == [
            (money("20"), money("1")), (-money("20"), 0),
        ]  # fmt: skip
        self.again(settled, 1)
        assert settled.balances() == ["1019.00", "980.00", "1000.00"]
        self.again(settled, 1)
        assert "account_resettled" not in settled.kinds(), "nothing changes"

    def test_a_settled_market_may_still_be_void(self, settled: Table) -> None:
        settled.do(void_market=x.VoidMarket(market=1, reason="a false start"))
        assert settled.balances() == ["1000.00"] * 3
        assert settled.core.totals()["commission"] == 0

    def test_what_is_spent_is_booked_as_a_shortfall_and_unmatched_orders_go(self, settled: Table) -> None:
        settled.market_with()
        settled.back(1, 1, tick("3"), money("500"), market=2)
        settled.do(1, withdraw=x.Withdraw(amount=money("519")))
        self.again(settled, 2)
        assert settled.reasons() == ["SHORTFALL"]
        assert (settled.account(1).balance, settled.account(1).blocked) == (money("471"), False)
        settled.do(1, withdraw=x.Withdraw(amount=money("471")))
        self.again(settled, 1)
        assert settled.account(1).balance == money("29")
        settled.do(1, withdraw=x.Withdraw(amount=money("29")))
        self.again(settled, 2)
        assert (settled.account(1).receivable, settled.core.totals()["house"]) == (money("29"), -money("29"))

    def test_after_seven_days_it_is_final(self, settled: Table) -> None:
        settled.wait(7 * DAY)
        assert settled.kinds() == ["market_final"]
        assert self.again(settled, 2).code == x.RESULT_FINAL
        assert settled.do(void_market=x.VoidMarket(market=1, reason="late")).code == x.RESULT_FINAL


def test_an_open_market_is_not_settled_again(table: Table) -> None:
    table.market_with()
    resettle = x.ResettleMarket(market=1, winners=[1], source="judge")
    assert table.do(resettle_market=resettle).code == x.NOT_SETTLED
