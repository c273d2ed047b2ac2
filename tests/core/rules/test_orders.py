"""How long orders live, and what becomes of those that meet their own kind."""

from __future__ import annotations

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import SECOND, Table, money, tick

FOK = {"time_in_force": x.TIME_IN_FORCE_FILL_OR_KILL}
IOC = {"time_in_force": x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL}


def test_fill_or_kill_bounds_the_average_price_so_that_a_single_fill_may_be_worse(table: Table) -> None:
    table.market_with()
    table.order(1, "lay", 1, "3", "5")
    table.order(2, "lay", 1, "2", "5")
    outcome = table.order(3, "back", 1, "2.5", "10", **FOK)
    assert (outcome.matched, outcome.matched_payout, outcome.cancelled) == (money("10"), money("25"), 0)


def test_fill_or_kill_takes_only_as_much_of_a_worse_price_as_the_average_bears(table: Table) -> None:
    table.market_with()
    table.order(1, "lay", 1, "3", "5")
    table.order(2, "lay", 1, "2", "50")
    outcome = table.order(3, "back", 1, "2.5", "50", min_fill=money("10"), **FOK)
    assert (outcome.matched, outcome.cancelled) == (money("10"), money("40"))


def test_fill_or_kill_without_its_least_fill_matches_nothing(table: Table) -> None:
    table.market_with()
    table.order(1, "lay", 1, "3", "5")
    outcome = table.order(3, "back", 1, "2.5", "10", min_fill=money("5.01"), **FOK)
    assert (outcome.code, outcome.matched, outcome.cancelled) == (x.OK, 0, money("10"))
    assert table.reasons() == ["KILLED"]
    assert table.account(3).held == 0


def test_immediate_or_cancel_never_rests(table: Table) -> None:
    table.market_with()
    table.order(1, "lay", 1, "3", "5")
    outcome = table.order(3, "back", 1, "2.5", "8", **IOC)
    assert (outcome.matched, outcome.cancelled, outcome.remaining) == (money("5"), money("3"), 0)


def test_overlapping_own_orders_are_refused_where_the_market_says_so(table: Table) -> None:
    table.market_with(self_match=x.SELF_MATCH_REJECT)
    first = table.order(1, "lay", 1, "3", "5").id
    outcome = table.order(1, "back", 1, "2.5", "5")
    assert (outcome.code, outcome.given) == (x.ORDERS_OVERLAP, first)
    assert table.order(1, "back", 1, "3.05", "5").code == x.OK


def test_own_orders_are_matched_where_the_market_says_so_and_come_to_nothing(table: Table) -> None:
    table.market_with(self_match=x.SELF_MATCH_ALLOW)
    table.order(1, "lay", 1, "3", "5")
    assert table.order(1, "back", 1, "2.5", "5").matched == money("5")
    assert table.account(1).held == 0
    table.settle(1)
    assert table.balances() == ["1000.00"] * 3


def test_a_replaced_order_is_a_new_one_at_the_end_of_its_queue(table: Table) -> None:
    table.market_with()
    first = table.order(1, "lay", 1, "2.9", "5", persistence=x.PERSISTENCE_PERSIST, strategy=7).id
    table.order(2, "lay", 1, "3", "5")
    outcome = table.do(1, replace_order=x.ReplaceOrder(market=1, order=first, price=tick("3")))
    assert (outcome.code, outcome.replaced, outcome.remaining) == (x.OK, money("5"), money("5"))
    (moved,) = [order for order in table.orders(1) if order.remaining]
    assert (moved.order, moved.persistence, moved.strategy) == (outcome.id, x.PERSISTENCE_PERSIST, 7)
    table.order(3, "back", 1, "3", "6")
    fills = [event.matched.resting_account for event in table.events if event.HasField("matched")]
    assert fills == [2, 1]


def test_a_refused_replacement_changes_nothing(table: Table) -> None:
    table.market_with()
    order = table.order(1, "lay", 1, "2", "900").id
    before = table.core.state_hash(memory=False)
    outcome = table.do(1, replace_order=x.ReplaceOrder(market=1, order=order, price=tick("3")))
    assert outcome.code == x.INSUFFICIENT_FUNDS
    assert table.core.state_hash(memory=False) == before


def test_a_replacement_may_be_matched_at_once(table: Table) -> None:
    table.market_with()
    table.order(1, "lay", 1, "3", "5")
    order = table.order(2, "back", 1, "3.5", "8").id
    outcome = table.do(2, replace_order=x.ReplaceOrder(market=1, order=order, price=tick("2.8")))
    assert (outcome.matched, outcome.matched_payout, outcome.remaining) == (money("5"), money("15"), money("3"))


@pytest.mark.parametrize(("strategy", "gone"), [(0, 3), (7, 2), (9, 0)])
def test_cancel_all_takes_a_strategy_or_everything(table: Table, strategy: int, gone: int) -> None:
    table.market_with()
    for runner, own in ((1, 7), (2, 7), (3, 0)):
        table.order(1, "back", runner, "3", "5", strategy=own)
    table.order(2, "back", 1, "3", "5", strategy=7)
    outcome = table.do(1, cancel_all=x.CancelAll(strategy=strategy))
    assert (outcome.id, outcome.cancelled) == (gone, gone * money("5"))
    assert len(table.left(2)) == 1, "other accounts' orders stay"


def test_the_operator_cancels_an_account_or_a_market(table: Table) -> None:
    first, second = table.market_with(), table.market_with()
    for account in (1, 2):
        for market in (first, second):
            table.back(account, 1, tick("3"), money("5"), market=market)
    assert table.do(cancel_all=x.CancelAll(account=1)).id == 2
    assert table.do(cancel_all=x.CancelAll(market=first)).id == 1
    assert table.left(2) == [money("5")]
    assert table.do(cancel_all=x.CancelAll()).code == x.MALFORMED


def test_orders_are_cancelled_when_a_heartbeat_stops_and_stay_while_it_beats(table: Table) -> None:
    table.market_with()
    table.order(1, "back", 1, "3", "5")
    table.do(1, heartbeat=x.Heartbeat(timeout_ms=10_000))
    table.wait(9 * SECOND)
    table.do(1, heartbeat=x.Heartbeat(timeout_ms=10_000))
    table.wait(9 * SECOND)
    assert table.left(1) == [money("5")]
    table.wait(2 * SECOND)
    assert (table.left(1), table.reasons()) == ([], ["HEARTBEAT_LOST"])
    assert [table.do(1, heartbeat=x.Heartbeat(timeout_ms=bad)).bound for bad in (9_999, 300_001)] == [10_000, 300_000]


def test_an_order_for_another_version_of_the_market_is_refused(table: Table) -> None:
    table.market_with()
    assert table.order(1, "back", 1, "3", "5", market_version=1).code == x.OK
    assert table.order(2, "lay", 1, "3", "5", market_version=1).code == x.OK, "a bet makes no new version"
    table.do(remove_runner=x.RemoveRunner(market=1, runner=3))
    outcome = table.order(1, "back", 1, "3", "5", market_version=1)
    assert (outcome.code, outcome.given, outcome.bound) == (x.MARKET_VERSION_CHANGED, 1, 2)


def test_good_till_halted_ends_with_any_suspension_that_reaches_it(table: Table) -> None:
    table.market_with()
    halted = {"persistence": x.PERSISTENCE_GOOD_TILL_HALTED}
    for runner in (1, 2):
        table.order(1, "back", runner, "3", "5", **halted)
    table.order(1, "back", 3, "3", "5")
    table.do(set_suspension=x.SetSuspension(market=1, suspended=True, runner=2))
    assert (len(table.left(1)), table.reasons()) == (2, ["HALTED"])
    table.do(set_suspension=x.SetSuspension(suspended=True))
    assert (len(table.left(1)), table.reasons()) == (1, ["HALTED"])


def test_a_suspension_of_market_runner_or_exchange_refuses_orders_and_allows_cancelling(table: Table) -> None:
    table.market_with()
    order = table.order(1, "back", 1, "3", "5").id
    codes = []
    for market, runner in ((1, 0), (1, 1), (0, 0)):
        table.do(set_suspension=x.SetSuspension(market=market, runner=runner, suspended=True))
        codes.append(table.order(1, "back", 1, "3", "5").code)
        assert table.cancel(1, order, reduction=money("1")).code == x.OK
        table.do(set_suspension=x.SetSuspension(market=market, runner=runner, suspended=False))
    assert codes == [x.MARKET_SUSPENDED, x.RUNNER_SUSPENDED, x.EXCHANGE_SUSPENDED]
    assert table.order(1, "back", 1, "3", "5").code == x.OK


def test_an_inactive_market_takes_orders_once_it_is_opened(table: Table) -> None:
    table.market_with(inactive=True)
    assert table.order(1, "back", 1, "3", "5").code == x.MARKET_INACTIVE
    table.do(set_suspension=x.SetSuspension(market=1, suspended=False))
    assert table.order(1, "back", 1, "3", "5").code == x.OK
