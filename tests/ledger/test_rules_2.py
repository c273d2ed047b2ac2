"""What is special about rules 2, in the ledger: changed results, shared places, void bets, money on its way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, Table, select

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import CLASSIC
from services.ledger import schema
from services.ledger.fold import UnknownEventError, fold
from services.ledger.reading import LedgerReader, OrderRow
from services.ledger.terms import EntryKind, MarketStatus, OrderStatus
from tests.ledger import stage as scenes
from tests.ledger.comparing import assert_agrees, house_of
from tests.ledger.recording import Recording
from tests.ledger.stage import EVENS, THREE, Stage
from tests.matching.betting import BACK, LAY, funded, new_key, open_market, place, settle

EURO, POUND = 978, 826


@pytest.fixture
def stage(recording: Recording) -> Stage:
    return Stage(recording)


def test_another_result_reverses_what_was_booked_and_overwrites_nothing(stage: Stage, database: Engine) -> None:
    backer, layer, market = scenes.changed_result(stage)
    reader = _projected(stage, database)
    assert [(line.kind, line.amount) for line in reversed(reader.statement(backer))] == [
        (EntryKind.DEPOSIT, 1_000_000),
        (EntryKind.SETTLEMENT, 20_000),
        (EntryKind.COMMISSION, -800),  # 5 % less the discount of a fifth
        (EntryKind.SETTLEMENT_REVERSED, -20_000),
        (EntryKind.COMMISSION_REVERSED, 800),
        (EntryKind.SETTLEMENT, -10_000),
    ]
    winner, loser = reader.summary(layer), reader.summary(backer)
    assert winner is not None and (winner.balance, winner.commission_paid) == (1_009_500, 500)
    assert loser is not None and (loser.balance, loser.commission_paid) == (990_000, 0)
    (row,) = reader.markets()
    assert [runner.winner for runner in row.runners] == [False, True, False]
    assert _row(database, schema.markets, market=market).resettlements == 1
    assert _house(database, market) == 0


def test_bets_of_a_void_market_are_bets_again_when_it_is_settled_after_all(stage: Stage, database: Engine) -> None:
    backer, layer = stage.player(), stage.player()
    market = stage.market()
    stage.lay(layer, market, 1, THREE, 10_000)
    number = stage.back(backer, market, 1, THREE, 15_000)
    stage.void_market(market)
    voided = _order(_projected(stage, database), backer, number)
    assert (voided.status, voided.matched, voided.voided, voided.lapsed) == (OrderStatus.VOIDED, 0, 10_000, 5_000)
    stage.resettle(market, 1)
    stage.resettle(market, 2)
    reader = _projected(stage, database)
    order = _order(reader, backer, number)
    assert (order.status, order.matched, order.matched_payout, order.voided) == (OrderStatus.MATCHED, 10_000, 30_000, 0)
    assert [row.status for row in reader.markets()] == [MarketStatus.SETTLED]
    stage.void_market(market)
    reader = _projected(stage, database)
    assert _order(reader, backer, number).status is OrderStatus.VOIDED
    assert [row.status for row in reader.markets()] == [MarketStatus.VOIDED]
    assert not any(runner.winner for row in reader.markets() for runner in row.runners)


def test_a_dead_heat_leaves_the_house_nothing_but_what_was_rounded(stage: Stage, database: Engine) -> None:
    market, players = scenes.dead_heat(stage)
    reader = _projected(stage, database)
    profits = [line.amount for each in players for line in reader.statement(each) if line.kind is EntryKind.SETTLEMENT]
    assert profits == [-200, 33, 166], "two thirds of 200 and of 1000, less the stakes, rounded down"
    books = reader.trial_balance(EURO)
    assert (books["ROUNDING"], books["HOUSE"], _house(database, market)) == (1, 0, 0)
    runners = _rows(database, schema.runners, market=market)
    assert [(row.winner, row.dead_heat) for row in runners] == [(True, True)] * 3 + [(False, False)]


@pytest.mark.parametrize(("winner", "rounding"), [(1, 100), (2, 35), (3, 0)])
def test_whoever_wins_a_cross_match_leaves_the_house_nothing_but_what_was_rounded(
    stage: Stage, database: Engine, winner: int, rounding: int
) -> None:
    market, _, _ = scenes.cross_match(stage)
    stage.settle(market, winner)
    reader = _projected(stage, database)
    books = reader.trial_balance(EURO)
    assert (books["ROUNDING"], books["HOUSE"], _house(database, market)) == (rounding, 0, 0)


def test_the_books_of_each_currency_balance_for_themselves(stage: Stage, database: Engine) -> None:
    market, _, _ = scenes.cross_match(stage)
    stage.settle(market, 1)
    scenes.all_scenes(stage)
    reader = _projected(stage, database)
    books = {currency: reader.trial_balance(currency) for currency in (0, EURO, POUND)}
    assert [sum(book.values()) for book in books.values()] == [0, 0, 0]
    assert all(book["WALLET"] for book in books.values())
    whole = reader.trial_balance()
    assert {kind: sum(book[kind] for book in books.values()) for kind in whole} == whole
    assert_agrees(database, stage.recording.replica.core)


def test_the_exchange_is_the_counterparty_of_a_cross_match(stage: Stage, database: Engine) -> None:
    market, players, orders = scenes.cross_match(stage)
    _projected(stage, database)
    fills = _rows(database, schema.fills, market=market)
    assert [(fill.resting_order, fill.incoming_order) for fill in fills] == [
        (orders[0], None), (orders[1], None), (None, orders[2]),
    ]  # fmt: skip
    assert [(fill.resting_account, fill.incoming_account) for fill in fills] == [
        (players[0], None), (players[1], None), (None, players[2]),
    ]  # fmt: skip
    assert [fill.trade - fill.group for fill in fills] == [0, 1, 2]
    assert [order.matched_payout for order in _orders(database)] == [fill.payout for fill in fills]


def test_a_voided_cross_match_marks_every_trade_and_gives_every_stake_back(stage: Stage, database: Engine) -> None:
    market, _, _ = scenes.cross_match(stage)
    _projected(stage, database)
    fills = _rows(database, schema.fills, market=market)
    stage.do(void_bet=x.VoidBet(market=market, trade=fills[1].trade, reason="palpable error"))
    _projected(stage, database)
    assert _rows(database, schema.fills, market=market) == fills, "a fill itself is never changed"
    voided = _rows(database, schema.voided_fills)
    assert [(row.trade, row.payout, row.reason) for row in voided] == [
        (fill.trade, fill.payout, "palpable error") for fill in fills
    ]
    for order, fill in zip(_orders(database), fills, strict=True):
        assert (order.matched, order.matched_payout, order.voided) == (0, 0, fill.size)
    assert_agrees(database, stage.recording.replica.core)


def test_a_removed_runner_takes_its_bets_and_every_cross_match_with_it(stage: Stage, database: Engine) -> None:
    """Once: the cross-match's trade on the runner itself is no reason to void its stake a second time."""
    market, numbers = scenes.removed_runner(stage)
    _projected(stage, database)
    orders = {row.order: row for row in _orders(database)}
    direct, other, crossing = orders[numbers[1]], orders[numbers[3]], orders[numbers[4]]
    assert (direct.status, direct.voided, direct.matched_payout) == ("VOIDED", 5_000, 0)
    assert (other.status, other.matched, other.matched_payout) == ("MATCHED", 2_000, 4_500), "6000, less a quarter"
    assert crossing.voided > 0 and crossing.voided + crossing.cancelled == 10_000
    assert len(_rows(database, schema.voided_fills)) == 3
    runner = _row(database, schema.runners, market=market, runner=1)
    assert (runner.voided, runner.factor_bp) == (True, 2_500)
    assert_agrees(database, stage.recording.replica.core)


def test_a_lay_on_close_counts_its_liability_and_only_what_is_matched_is_a_stake(
    stage: Stage, database: Engine
) -> None:
    market, numbers = scenes.start(stage)
    reader = _projected(stage, database)
    (lay,) = [order for order in _orders(database) if order.order == numbers["lay on close"]]
    assert (lay.size, lay.matched, lay.matched_payout) == (30_000, 9_000, 38_700), "at 4.3"
    assert (lay.liability_matched, lay.lapsed, lay.remaining, lay.status) == (29_700, 300, 0, "MATCHED")
    back = _order(reader, lay.account - 1, numbers["back on close"])
    assert (back.type, back.matched, back.liability_matched, back.remaining) == ("MARKET_ON_CLOSE", 10_000, None, 0)
    runner = _row(database, schema.runners, market=market, runner=1)
    assert (runner.starting_price, runner.starting_size) == (CLASSIC.index(430), 10_000)


def test_an_order_that_takes_the_starting_price_names_the_one_that_it_replaces(stage: Stage, database: Engine) -> None:
    _, numbers = scenes.start(stage)
    _projected(stage, database)
    before = numbers["lay that takes the price"]
    (old,) = [order for order in _orders(database) if order.order == before]
    (new,) = [order for order in _orders(database) if order.replaces == before]
    assert (old.status, old.cancelled, old.lapsed, old.persistence) == ("CANCELLED", 2_000, 0, "MARKET_ON_CLOSE")
    assert (new.size, new.matched, new.liability_matched, new.lapsed) == (4_000, 1_000, 3_300, 700)


def test_what_turns_in_play_lapses_or_persists_and_what_is_held_is_released(stage: Stage, database: Engine) -> None:
    market, numbers = scenes.start(stage)
    reader = _projected(stage, database)
    orders = {row.order: row for row in _orders(database)}
    lapsed, persisting = orders[numbers["back that lapses"]], orders[numbers["back that persists"]]
    assert (lapsed.status, lapsed.lapsed, lapsed.persistence) == ("LAPSED", 4_000, "LAPSE")
    assert (persisting.status, persisting.matched, persisting.persistence) == ("OPEN", 1_000, "PERSIST")
    held, waiting = orders[numbers["held"]], orders[numbers["waiting"]]
    assert (held.status, held.release_ms) == ("MATCHED", None)
    assert (waiting.status, waiting.release_ms, waiting.strategy) == ("OPEN", waiting.placed_ms + 5_000, 7)
    assert [(row.in_play, row.ladder) for row in reader.markets(ids=[market])] == [(True, "CLASSIC")]


def test_a_withdrawal_that_is_refused_is_in_the_wallet_again(stage: Stage, database: Engine) -> None:
    player = scenes.withdrawals(stage)
    stage.do(player, request_withdrawal=x.RequestWithdrawal(amount=5_000))
    reader = _projected(stage, database)
    assert [(line.kind, line.amount, line.balance) for line in reader.statement(player)] == [
        (EntryKind.WITHDRAWAL_REQUESTED, -5_000, 65_000),
        (EntryKind.WITHDRAWAL_REFUSED, 20_000, 70_000),
        (EntryKind.WITHDRAWAL_REQUESTED, -20_000, 50_000),
        (EntryKind.WITHDRAWAL_REQUESTED, -30_000, 70_000),
        (EntryKind.DEPOSIT, 100_000, 100_000),
    ]
    summary = reader.summary(player)
    assert summary is not None and (summary.withdrawals, summary.withdrawing) == (30_000, 5_000)
    assert [row.status for row in _rows(database, schema.withdrawals)] == ["PAID", "REFUSED", "WAITING"]
    assert reader.trial_balance()["WITHDRAWING"] == 5_000


def test_a_looser_limit_waits_and_a_tighter_one_does_not(stage: Stage, database: Engine) -> None:
    player = stage.player()
    for amount in (50_000, 80_000):
        limit = x.SetLimit(kind=x.LIMIT_LOSS, window=x.LIMIT_WEEK, amount=amount)
        stage.do(player, set_limit=limit)
    _projected(stage, database)
    waiting = _row(database, schema.limits, account=player)
    due = stage.recording.time_ms + scenes.DAY_MS
    assert (waiting.kind, waiting.window, waiting.by_operator) == ("LOSS", "WEEK", False)
    assert (waiting.amount, waiting.next_amount, waiting.next_ms) == (50_000, 80_000, due)
    stage.wait(scenes.DAY_MS)
    _projected(stage, database)
    in_force = _row(database, schema.limits, account=player)
    assert (in_force.amount, in_force.next_amount, in_force.next_ms) == (80_000, None, None)


def test_an_exclusion_stands_in_the_rows_until_it_is_lifted(stage: Stage, database: Engine) -> None:
    player = stage.player()
    stage.do(player, self_exclude=x.SelfExclude())
    _projected(stage, database)
    row = _row(database, schema.accounts, account=player)
    assert (row.excluded, row.excluded_until_ms, row.lifting_ms) == (True, None, None)
    stage.do(player, after_ms=184 * scenes.DAY_MS, lift_exclusion=x.LiftExclusion())
    lifting_ms = stage.recording.time_ms + 7 * scenes.DAY_MS
    _projected(stage, database)
    row = _row(database, schema.accounts, account=player)
    assert (row.excluded, row.lifting_ms) == (True, lifting_ms)
    stage.wait(7 * scenes.DAY_MS)
    _projected(stage, database)
    row = _row(database, schema.accounts, account=player)
    assert (row.excluded, row.excluded_until_ms, row.lifting_ms) == (False, None, None)


def test_an_exclusion_that_is_taken_again_takes_back_that_it_was_to_be_lifted(stage: Stage, database: Engine) -> None:
    player = stage.player()
    stage.do(player, self_exclude=x.SelfExclude(duration_ms=183 * scenes.DAY_MS))
    stage.do(player, after_ms=184 * scenes.DAY_MS, lift_exclusion=x.LiftExclusion())
    stage.do(self_exclude=x.SelfExclude(account=player, duration_ms=200 * scenes.DAY_MS))
    _projected(stage, database)
    row = _row(database, schema.accounts, account=player)
    until_ms = stage.recording.time_ms + 200 * scenes.DAY_MS
    assert (row.excluded, row.excluded_until_ms, row.lifting_ms) == (True, until_ms, None)


def test_money_under_a_permit_is_in_transit_and_what_a_shard_confirmed_is_not_told(
    stage: Stage, database: Engine
) -> None:
    player = stage.player()
    stage.do(grant_permit=x.GrantPermit(account=player, shard=5, money=30_000, loss=20_000, stake=-1))
    stage.do(grant_permit=x.GrantPermit(account=player, shard=5, money=1_000, loss=5_000, stake=100))
    stage.do(player, take_time_out=x.TakeTimeOut(duration_ms=scenes.DAY_MS))
    reader = _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.money, permit.loss, permit.stake, permit.slices) == (31_000, 25_000, -1, 2)
    assert (permit.live, permit.to_confirm) == (True, True)
    assert _row(database, schema.accounts, account=player).tightening_pending
    assert (reader.trial_balance()["WALLET"], reader.trial_balance()["IN_TRANSIT"]) == (969_000, 31_000)
    stage.do(confirm_tightening=x.ConfirmTightening(account=player, shard=5, exposed=7_000, staked=9_000))
    _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.loss, permit.stake, permit.live, permit.to_confirm) == (None, None, False, False)
    assert not _row(database, schema.accounts, account=player).tightening_pending
    back = x.AcceptReturn(account=player, shard=5, id=1, money=31_000, closed=True)
    stage.do(accept_return=back)
    reader = _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.money, permit.loss, permit.stake, permit.returns) == (0, 0, 0, 1)
    assert reader.trial_balance()["IN_TRANSIT"] == 0


def test_a_permit_that_is_returned_while_it_has_to_confirm_allows_nothing_any_more(
    stage: Stage, database: Engine
) -> None:
    player = stage.player()
    stage.do(grant_permit=x.GrantPermit(account=player, shard=5, money=30_000, loss=20_000, stake=-1))
    stage.do(player, take_time_out=x.TakeTimeOut(duration_ms=scenes.DAY_MS))
    stage.do(accept_return=x.AcceptReturn(account=player, shard=5, id=1, money=30_000, closed=True))
    _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.loss, permit.stake, permit.live, permit.to_confirm) == (0, 0, False, False)


def test_an_allowance_of_any_swallows_what_was_there_and_what_is_added(stage: Stage, database: Engine) -> None:
    player = stage.player()
    for loss, stake in ((20_000, -1), (-1, 5_000), (300, 400)):
        stage.do(grant_permit=x.GrantPermit(account=player, shard=5, money=100, loss=loss, stake=stake))
    _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.loss, permit.stake, permit.slices) == (-1, -1, 3)


def test_a_permit_that_is_closed_granted_and_confirmed_in_one_record_is_as_it_was_confirmed(
    stage: Stage, database: Engine
) -> None:
    player = stage.player()
    grant = x.GrantPermit(account=player, shard=5, money=30_000, loss=20_000, stake=-1)
    stage.do(grant_permit=grant)
    bodies: list[dict[str, Any]] = [
        {"accept_return": x.AcceptReturn(account=player, shard=5, id=1, money=30_000, closed=True)},
        {"grant_permit": grant},
        {"take_time_out": x.TakeTimeOut(account=player, duration_ms=scenes.DAY_MS)},
        {"confirm_tightening": x.ConfirmTightening(account=player, shard=5, exposed=1, staked=2)},
    ]
    commands = [x.Command(key=new_key(stage.recording.time_ms), **body) for body in bodies]
    assert {outcome.code for outcome in stage.recording.submit(*commands)} == {x.OK}
    _projected(stage, database)
    permit = _row(database, schema.permits, account=player)
    assert (permit.loss, permit.stake, permit.live, permit.money) == (None, None, False, 30_000)


def test_a_guest_s_books_are_kept_in_the_currency_of_the_market_that_was_settled_for_it(
    stage: Stage, database: Engine
) -> None:
    guest = scenes.permit_there(stage)
    reader = _projected(stage, database)
    assert _row(database, schema.accounts, account=guest).currency == POUND
    row = _row(database, schema.guests, guest=guest)
    assert (row.home, row.account, row.stopped, row.slices, row.returns) == (7, 3, True, 1, 1)
    books = reader.trial_balance(POUND)
    assert (books["IN_TRANSIT"], books["WALLET"], sum(books.values())) == (20_000, 980_000, 0)


def test_a_guest_that_never_bet_is_in_no_currency_s_books(stage: Stage, database: Engine) -> None:
    guest = stage.do(accept_permit=x.AcceptPermit(home=7, account=1, id=1, currency=POUND, money=100)).id
    reader = _projected(stage, database)
    row = _row(database, schema.accounts, account=guest)
    assert (row.currency, row.verified) == (None, True)
    assert not any(reader.trial_balance(0).values()) and not any(reader.trial_balance(POUND).values())
    assert (reader.trial_balance()["WALLET"], reader.trial_balance()["IN_TRANSIT"]) == (100, -100)


def test_a_result_is_final_after_its_week_and_at_once_under_rules_1(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(1), open_market(2), settle(1, 10))
    ended_ms = recording.time_ms
    stage = Stage(recording)
    _projected(stage, database)  # the rules in force are still known when it is gone on with
    market = stage.market()
    stage.settle(market, 1)
    settled_ms = recording.time_ms
    _projected(stage, database)
    assert [row.final_ms for row in _rows(database, schema.markets)] == [ended_ms, None]
    stage.wait(7 * scenes.DAY_MS)
    _projected(stage, database)
    assert [row.final_ms for row in _rows(database, schema.markets)] == [ended_ms, settled_ms + 7 * scenes.DAY_MS]


def test_the_whole_exchange_a_market_and_a_runner_are_suspended_each_for_itself(stage: Stage, database: Engine) -> None:
    market = stage.market(inactive=True)
    assert [row.status for row in _projected(stage, database).markets()] == [MarketStatus.INACTIVE]
    stage.do(set_suspension=x.SetSuspension(market=market))
    stage.do(set_suspension=x.SetSuspension(market=market, runner=2, suspended=True))
    stage.do(set_suspension=x.SetSuspension(suspended=True))
    assert [row.status for row in _projected(stage, database).markets()] == [MarketStatus.OPEN]
    assert [row.suspended for row in _rows(database, schema.runners)] == [False, True, False]
    assert _row(database, schema.shards).suspended
    stage.do(set_suspension=x.SetSuspension())
    _projected(stage, database)
    shard = _row(database, schema.shards)
    assert (shard.suspended, shard.since_ms) == (False, stage.recording.time_ms)


def test_the_terms_of_a_line_are_in_its_row_and_its_result(stage: Stage, database: Engine) -> None:
    line = {"positions": 20, "line_minimum": 500, "line_interval": 1_000}
    market = stage.market(1, ladder=x.LADDER_LINE_RANGE, self_match=x.SELF_MATCH_REJECT, passive_delay=True, **line)
    stage.do(settle_market=x.SettleMarket(market=market, source="tote", line_result=0))
    _projected(stage, database)
    row = _row(database, schema.markets, market=market)
    assert (row.ladder, row.positions, row.line_minimum, row.line_interval) == ("LINE_RANGE", *line.values())
    assert (row.self_match, row.passive_delay, row.cross_matching, row.reduction) == ("REJECT", True, False, "NONE")
    assert row.line_result == 0, "a result of none of the positions is a result"


def test_ticks_beyond_a_small_integer_fit(stage: Stage, database: Engine) -> None:
    player = stage.player()
    market = stage.market(ladder=x.LADDER_FINEST)
    stage.back(player, market, 1, 99_899, 100)
    assert [order.price for order in _projected(stage, database).orders(player)] == [99_899]


def test_fills_of_rules_1_have_their_payout_and_no_number(recording: Recording, database: Engine) -> None:
    recording.submit(*funded(2), open_market(2))
    recording.submit(place(1, 1, 10, LAY, EVENS, 10_000), place(2, 1, 10, BACK, EVENS, 10_000))
    recording.project(database)
    fill = _row(database, schema.fills)
    assert (fill.payout, fill.trade, fill.group) == (20_000, None, None)


def test_rules_that_this_build_does_not_know_are_never_passed_over() -> None:
    activation = x.Event(rules_activated=x.RulesActivated(version=3))
    with pytest.raises(UnknownEventError, match="offset 7 activates rules 3; this build of the ledger knows up to 2"):
        fold([x.EventRecord(offset=7, events=[activation])])


def _projected(stage: Stage, database: Engine) -> LedgerReader:
    stage.recording.project(database)
    return LedgerReader(database)


def _order(reader: LedgerReader, account: int, number: int) -> OrderRow:
    (found,) = reader.orders(account, order_ids=[number])
    return found


def _rows(database: Engine, table: Table, **wanted: object) -> list[Any]:
    chosen = select(table).where(*(table.c[name] == value for name, value in wanted.items()))
    with database.connect() as connection:
        return list(connection.execute(chosen.order_by(*table.primary_key.columns)))


def _row(database: Engine, table: Table, **wanted: object) -> Any:  # noqa: ANN401
    (found,) = _rows(database, table, **wanted)
    return found


def _orders(database: Engine) -> list[Any]:
    return _rows(database, schema.orders)


def _house(database: Engine, market: int) -> int:
    with database.connect() as connection:
        return house_of(connection, market)
