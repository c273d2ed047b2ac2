"""Currencies, withdrawals, limits, time-outs and exclusions: no order passes them."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import DAY, HOUR, Table, money


def limit(table: Table, kind: x.LimitKind.ValueType, window: x.LimitWindow.ValueType, amount: str) -> x.Outcome:
    return table.do(1, set_limit=x.SetLimit(kind=kind, window=window, amount=money(amount)))


def test_currencies_are_separate_books_of_money(table: Table) -> None:
    table.market_with(currency=978)
    euro = table.do(open_account=x.OpenAccount(currency=978)).id
    table.do(verify_account=x.VerifyAccount(account=euro))
    table.do(euro, deposit=x.Deposit(amount=money("10")))
    refused = table.order(1, "back", 1, "3", "5")
    assert (refused.code, refused.given, refused.bound) == (x.CURRENCY_MISMATCH, 0, 978)
    assert table.order(euro, "back", 1, "3", "5").code == x.OK


def test_a_requested_withdrawal_cannot_be_bet_and_comes_back_if_it_is_not_paid(table: Table) -> None:
    table.market_with()
    first = table.do(1, request_withdrawal=x.RequestWithdrawal(amount=money("990"))).id
    assert table.order(1, "back", 1, "3", "11").code == x.INSUFFICIENT_FUNDS
    assert table.core.totals()["withdrawing"] == money("990")
    table.do(end_withdrawal=x.EndWithdrawal(withdrawal=first))
    assert table.order(1, "back", 1, "3", "11").code == x.OK
    second = table.do(1, request_withdrawal=x.RequestWithdrawal(amount=money("100"))).id
    table.do(end_withdrawal=x.EndWithdrawal(withdrawal=second, paid=True))
    assert (table.core.totals()["withdrawn"], table.account(1).balance) == (money("100"), money("900"))
    assert table.do(end_withdrawal=x.EndWithdrawal(withdrawal=second)).code == x.WITHDRAWAL_UNKNOWN


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (x.LIMIT_DAY, 24 * HOUR, 25 * HOUR),
        (x.LIMIT_WEEK, 7 * DAY, 8 * DAY),
        (x.LIMIT_MONTH, 31 * DAY, 32 * DAY),
    ],
)
def test_a_deposit_limit_counts_gross_over_its_window(
    table: Table, window: x.LimitWindow.ValueType, inside: int, outside: int
) -> None:
    table.now += -table.now % DAY + DAY
    table.do(1, deposit=x.Deposit(amount=money("100")))
    start = table.now
    limit(table, x.LIMIT_DEPOSIT, window, "150")
    for later, code in ((inside, x.DEPOSIT_LIMIT_EXCEEDED), (outside, x.OK)):
        table.now = start + later - 1
        table.do(1, withdraw=x.Withdraw(amount=money("1")))
        assert table.do(1, deposit=x.Deposit(amount=money("51"))).code == code, "withdrawals are not set off"


def test_a_loss_limit_counts_what_was_lost_and_what_could_be(table: Table) -> None:
    table.market_with()
    table.bet(1, 2, 1, "3", "10")
    table.settle(2)
    table.market_with()
    limit(table, x.LIMIT_LOSS, x.LIMIT_WEEK, "30")
    assert table.back(1, 1, 150, money("15"), market=2).code == x.OK
    refused = table.back(1, 2, 150, money("6"), market=2)
    assert (refused.code, refused.given, refused.bound) == (x.LOSS_LIMIT_EXCEEDED, money("31"), money("30"))
    table.lay(2, 1, 150, money("15"), market=2)
    assert table.lay(1, 1, 160, money("1"), market=2).code == x.OK, "what lowers the worst case is always taken"


def test_a_stake_limit_counts_fills_and_what_rests(table: Table) -> None:
    table.market_with()
    table.bet(1, 2, 1, "3", "10")
    table.order(1, "lay", 2, "3", "5")
    limit(table, x.LIMIT_STAKE, x.LIMIT_DAY, "25")
    assert table.order(1, "back", 3, "3", "5.01").given == money("25.01")
    assert table.order(1, "back", 3, "3", "5").code == x.OK
    table.cancel(1, 3)
    assert table.order(1, "back", 3, "3", "10").code == x.OK, "what is cancelled counts no more"


def test_a_lower_limit_binds_at_once_and_a_higher_one_after_a_day(table: Table) -> None:
    limit(table, x.LIMIT_DEPOSIT, x.LIMIT_DAY, "10")
    assert table.events[0].limit_set.effective_ms == table.now
    limit(table, x.LIMIT_DEPOSIT, x.LIMIT_DAY, "20")
    assert table.events[0].limit_set.effective_ms == table.now + DAY
    table.do(1, deposit=x.Deposit(amount=money("9")))
    assert table.do(1, deposit=x.Deposit(amount=money("2"))).bound == money("10")
    limit(table, x.LIMIT_DEPOSIT, x.LIMIT_DAY, "5")
    table.wait(DAY)
    assert "limit_in_force" not in table.kinds(), "the lower one took the place of what waited"
    limit(table, x.LIMIT_DEPOSIT, x.LIMIT_DAY, "0")
    table.wait(DAY)
    assert table.kinds() == ["limit_in_force"]
    assert not table.account(1).limits


def test_the_lower_of_the_players_and_the_operators_limit_applies(table: Table) -> None:
    limit(table, x.LIMIT_DEPOSIT, x.LIMIT_DAY, "1100")
    operators = x.SetLimit(account=1, kind=x.LIMIT_DEPOSIT, window=x.LIMIT_DAY, amount=money("1050"))
    table.do(set_limit=operators)
    assert table.do(1, deposit=x.Deposit(amount=money("60"))).bound == money("1050")


def test_a_time_out_cancels_what_rests_and_ends_by_itself(table: Table) -> None:
    table.market_with()
    table.order(1, "back", 1, "3", "5")
    table.do(1, take_time_out=x.TakeTimeOut(duration_ms=DAY))
    assert (table.left(1), table.reasons()) == ([], ["PROTECTION"])
    assert table.order(1, "back", 1, "3", "5").code == x.TIMED_OUT
    assert table.do(1, deposit=x.Deposit(amount=100)).code == x.TIMED_OUT
    assert table.do(1, withdraw=x.Withdraw(amount=100)).code == x.OK
    table.wait(DAY)
    assert table.order(1, "back", 1, "3", "5").code == x.OK
    bounds = [table.do(1, take_time_out=x.TakeTimeOut(duration_ms=bad)).bound for bad in (DAY - 1, 42 * DAY + 1)]
    assert bounds == [DAY, 42 * DAY]


@pytest.mark.parametrize(("asked", "stands", "cooling"), [(183 * DAY, 183 * DAY, DAY), (0, 183 * DAY, 7 * DAY)])
def test_an_exclusion_stands_until_it_is_lifted_after_its_time_and_a_time_to_think(
    table: Table, asked: int, stands: int, cooling: int
) -> None:
    table.market_with()
    table.order(1, "back", 1, "3", "5")
    table.do(1, self_exclude=x.SelfExclude(duration_ms=asked))
    assert table.reasons() == ["PROTECTION"]
    assert table.do(1, lift_exclusion=x.LiftExclusion()).code == x.EXCLUSION_STANDS
    table.wait(stands)
    assert table.order(1, "back", 1, "3", "5").code == x.SELF_EXCLUDED, "nobody asked yet"
    assert table.do(1, lift_exclusion=x.LiftExclusion()).code == x.OK
    table.wait(cooling - 5)
    assert table.order(1, "back", 1, "3", "5").code == x.SELF_EXCLUDED
    table.wait(5)
    assert table.order(1, "back", 1, "3", "5").code == x.OK
    assert table.do(1, self_exclude=x.SelfExclude(duration_ms=183 * DAY - 1)).code == x.DURATION_INVALID


def test_rules_1_know_nothing_of_this_and_go_on_as_they_were() -> None:
    table = Table.__new__(Table)
    super(Table, table).__init__()
    table.open_account(money("10"))
    table.open_market()
    assert table.do(1, heartbeat=x.Heartbeat(timeout_ms=10_000)).code == x.MALFORMED
    assert table.order(1, "back", 1, "3", "5", strategy=1).code == x.MALFORMED
    assert table.order(1, "back", 1, "3", "5").code == x.OK
    table.do(activate_rules=x.ActivateRules(version=2))
    assert table.order(1, "back", 1, "3", "5", strategy=1).code == x.OK
    assert table.do(activate_rules=x.ActivateRules(version=1)).code == x.RULES_UNKNOWN
