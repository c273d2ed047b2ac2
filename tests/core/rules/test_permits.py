"""Permits: slices of money and allowances on other shards, each once; a tightening, until all have confirmed it."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.rules.conftest import DAY, Table, money

HOME, THERE = 1, 2


def grant(table: Table, amount: str = "100", loss: int = -1, stake: int = -1) -> x.Outcome:
    body = x.GrantPermit(account=1, shard=THERE, money=money(amount), loss=loss, stake=stake)
    return table.do(grant_permit=body)


def accept(table: Table, slice_id: int = 1, amount: str = "100", loss: int = -1, stake: int = -1) -> x.Outcome:
    body = x.AcceptPermit(home=HOME, account=1, id=slice_id, money=money(amount), loss=loss, stake=stake)
    return table.do(accept_permit=body)


def test_money_moves_through_what_is_in_transit_so_that_each_shards_books_balance_alone() -> None:
    home, there = Table(), Table()
    assert grant(home).id == 1
    assert accept(there).code == x.OK
    sums = [shard.core.totals()["in_transit"] for shard in (home, there)]
    assert sums == [money("100"), -money("100")]
    assert home.account(1).balance == money("900")


def test_a_slice_is_accepted_once_and_in_turn(table: Table) -> None:
    guest = accept(table).id
    assert accept(table).code == x.PERMIT_SEEN
    gap = accept(table, slice_id=3)
    assert (gap.code, gap.bound) == (x.PERMIT_INVALID, 2)
    assert accept(table, slice_id=2).id == guest
    assert table.account(guest).balance == money("200")


def test_a_guest_bets_with_what_was_lent_and_no_further_than_its_allowances(table: Table) -> None:
    guest = accept(table, loss=money("30"), stake=money("50")).id
    table.market_with()
    assert table.order(guest, "back", 1, "2", "31").code == x.LOSS_LIMIT_EXCEEDED
    assert table.order(guest, "lay", 1, "1.5", "102").code == x.STAKE_LIMIT_EXCEEDED
    assert table.order(guest, "back", 1, "2", "30").code == x.OK
    assert table.do(guest, deposit=x.Deposit(amount=100)).code == x.ACCOUNT_IS_GUEST


def test_no_more_of_a_limit_is_lent_than_is_left_and_what_is_lent_counts_at_home(table: Table) -> None:
    table.market_with()
    table.do(1, set_limit=x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_WEEK, amount=money("50")))
    assert grant(table).code == x.PERMIT_INVALID, "without a bound where there is a limit"
    assert grant(table, loss=money("51")).bound == money("50")
    assert grant(table, loss=money("40")).code == x.OK
    assert table.order(1, "back", 1, "2", "11").code == x.LOSS_LIMIT_EXCEEDED
    assert table.order(1, "back", 1, "2", "10").code == x.OK


def test_a_tightening_is_pending_until_every_shard_has_confirmed_it(table: Table) -> None:
    grant(table)
    table.do(grant_permit=x.GrantPermit(account=1, shard=7, money=0, loss=-1, stake=-1))
    outcome = table.do(1, take_time_out=x.TakeTimeOut(duration_ms=DAY))
    assert outcome.pending
    assert list(table.events[-1].tightening_pending.shards) == [THERE, 7]
    table.do(confirm_tightening=x.ConfirmTightening(account=1, shard=7))
    assert table.account(1).pending
    table.wait(DAY)
    assert grant(table).code == x.PROTECTION_PENDING
    table.do(confirm_tightening=x.ConfirmTightening(account=1, shard=THERE, exposed=money("5"), staked=money("9")))
    assert table.kinds() == ["tightening_confirmed", "tightening_in_force"]
    assert not table.account(1).pending
    assert grant(table).code == x.OK


def test_a_looser_limit_asks_nothing_of_other_shards(table: Table) -> None:
    body = x.SetLimit(kind=x.LIMIT_DEPOSIT, window=x.LIMIT_DAY, amount=money("50"))
    table.do(1, set_limit=body)
    grant(table)
    body.amount = money("60")
    assert not table.do(1, set_limit=body).pending


def test_a_tightened_permit_takes_no_bets_cancels_what_rests_and_tells_what_is_at_stake(table: Table) -> None:
    guest = accept(table).id
    table.market_with()
    table.bet(guest, 2, 1, "2", "10")
    table.order(guest, "back", 2, "2", "20")
    table.do(tighten_permit=x.TightenPermit(home=HOME, account=1))
    told = table.events[-1].permit_tightened
    assert (told.exposed, told.staked, table.left(guest)) == (money("10"), money("10"), [])
    assert table.order(guest, "back", 1, "2", "1").code == x.PERMIT_STOPPED
    accept(table, slice_id=2)
    assert table.order(guest, "back", 1, "2", "1").code == x.OK


def test_what_comes_back_is_taken_in_once_and_closing_tells_what_was_won_and_staked() -> None:
    home, there = Table(), Table()
    grant(home)
    guest = accept(there).id
    there.market_with()
    there.bet(guest, 2, 1, "3", "10")
    there.settle(1)
    there.do(tighten_permit=x.TightenPermit(home=HOME, account=1))
    there.do(return_permit=x.ReturnPermit(home=HOME, account=1))
    back = there.events[0].permit_returned
    assert (back.money, back.result, back.staked, back.closed) == (money("120"), money("20"), money("10"), True)
    body = x.AcceptReturn(
        account=1, shard=THERE, id=back.id, money=back.money, result=back.result, staked=back.staked, closed=True
    )
    home.do(accept_return=body)
    assert home.do(accept_return=body).code == x.PERMIT_SEEN
    assert home.account(1).balance == money("1020")
    assert home.core.totals()["in_transit"] == -money("20") == -there.core.totals()["in_transit"]


def test_a_part_comes_back_while_bets_stand_and_no_more_than_is_free(table: Table) -> None:
    guest = accept(table).id
    table.market_with()
    table.bet(guest, 2, 1, "3", "10")
    refused = table.do(return_permit=x.ReturnPermit(home=HOME, account=1, amount=money("91")))
    assert (refused.code, refused.bound) == (x.INSUFFICIENT_FUNDS, money("90"))
    table.do(return_permit=x.ReturnPermit(home=HOME, account=1))
    assert (table.events[0].permit_returned.money, table.events[0].permit_returned.closed) == (money("90"), False)
    assert table.do(return_permit=x.ReturnPermit(home=HOME, account=9)).code == x.PERMIT_UNKNOWN
