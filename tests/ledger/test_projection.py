"""Events become rows: each kind as it should, money in double entry, and the sums those of the core."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import ColumnElement, Engine, func, select, text

from services.contract.exchange.v1.exchange_pb2 import AccountImage, Event, EventRecord, OrderImages, Side
from services.ledger import schema
from services.ledger.fold import UnknownEventError, fold
from services.ledger.migrate import migrate
from services.ledger.reading import LedgerReader
from services.ledger.terms import EntryKind, MarketStatus, OrderStatus
from tests.ledger.comparing import assert_money_agrees
from tests.ledger.recording import Recording
from tests.ledger.stage import Stage, all_scenes
from tests.matching.betting import (
    BACK,
    LAY,
    activate_rules,
    cancel,
    deposit,
    funded,
    open_account,
    open_market,
    place,
    random_day,
    settle,
    suspend,
    verify,
    void_market,
    void_runner,
    withdraw,
)

TICK_2_42 = 120
EVENTS = {field.name for field in EventRecord.DESCRIPTOR.fields_by_name["events"].message_type.fields}


def full_story(recording: Recording) -> None:
    """A day in which every kind of event happens that rules 1 know."""
    recording.submit(*funded(2, 5_000_000), open_account(), verify(3), deposit(3, 150_000))
    recording.submit(activate_rules(1))
    recording.submit(open_market(3), open_market(2))
    # the third account lays two runners; one is voided, the other wins, and it cannot pay
    recording.submit(place(3, 1, 10, LAY, TICK_2_42, 100_000), place(1, 1, 10, BACK, TICK_2_42, 100_000))
    recording.submit(place(3, 1, 11, LAY, TICK_2_42, 100_000), place(1, 1, 11, BACK, TICK_2_42, 100_000))
    recording.submit(withdraw(3, 100_000))
    recording.submit(suspend(1), place(1, 1, 10, BACK, 10, 10_000), suspend(1, False))
    recording.submit(place(2, 1, 12, BACK, 300, 50_000), cancel(2, 1, 5, 10_000))
    recording.submit(void_runner(1, 11))
    recording.submit(settle(1, 10))
    recording.submit(deposit(3, 900_000), withdraw(3, 100_000))
    recording.submit(place(1, 2, 10, BACK, 100, 40_000), place(2, 2, 10, LAY, 100, 30_000), void_market(2))


def whole_story(recording: Recording) -> None:
    """The same, and what only rules 2 know."""
    full_story(recording)
    all_scenes(Stage(recording))


def test_the_story_of_these_tests_holds_every_kind_of_event(recording: Recording) -> None:
    whole_story(recording)
    seen = {event.WhichOneof("body") for record in recording.records for event in record.events}
    assert EVENTS - seen == set()


def test_every_kind_of_event_changes_the_rows_as_it_should(recording: Recording, database: Engine) -> None:
    full_story(recording)
    recording.project(database)
    reader = LedgerReader(database)
    first, second = reader.markets()
    assert (first.status, second.status) == (MarketStatus.SETTLED, MarketStatus.VOIDED)
    assert [(r.id, r.voided, r.winner) for r in first.runners] == [
        (10, False, True),
        (11, True, False),
        (12, False, False),
    ]
    backs = {order.order: order for order in reader.orders(1)}
    layer = {order.order: order for order in reader.orders(3)}
    assert backs[2].status is layer[1].status is OrderStatus.MATCHED
    assert (layer[1].matched, str(layer[1].average_price)) == (100_000, "2.42")
    assert (layer[3].status, layer[3].voided, layer[3].matched) == (OrderStatus.VOIDED, 100_000, 0)
    (lapsed,) = reader.orders(2, market=1)
    assert (lapsed.status, lapsed.cancelled, lapsed.lapsed, lapsed.settled) == (
        OrderStatus.LAPSED,
        10_000,
        40_000,
        True,
    )
    (called_off,) = reader.orders(1, market=2)
    assert (called_off.voided, called_off.lapsed, called_off.status) == (30_000, 10_000, OrderStatus.VOIDED)
    assert _rows(database, schema.refusals.c.code) == ["MARKET_SUSPENDED"]
    assert _rows(database, schema.rule_changes.c.version) == [1]
    assert _rows(database, schema.shortfalls.c.amount) == [92_000, 92_000, -92_000]
    assert reader.position() == {0: (recording.records[-1].offset, recording.records[-1].hash)}


def test_a_statement_tells_the_wallet_s_whole_story_newest_first(recording: Recording, database: Engine) -> None:
    full_story(recording)
    recording.project(database)
    lines = LedgerReader(database).statement(3)
    assert [(line.kind, line.amount, line.balance) for line in lines] == [
        (EntryKind.WITHDRAWAL, -100_000, 708_000),
        (EntryKind.SHORTFALL_COVERED, -92_000, 808_000),
        (EntryKind.DEPOSIT, 900_000, 900_000),
        (EntryKind.SHORTFALL_ADVANCED, 92_000, 0),
        (EntryKind.SETTLEMENT, -142_000, -92_000),
        (EntryKind.WITHDRAWAL, -100_000, 50_000),
        (EntryKind.DEPOSIT, 150_000, 150_000),
    ]
    assert [line.market for line in lines] == [None, None, None, 1, 1, None, None]


def test_the_postings_of_every_entry_sum_to_zero(recording: Recording, database: Engine) -> None:
    whole_story(recording)
    recording.project(database)
    posting = schema.postings.c
    sums = select(posting.entry, func.sum(posting.amount), func.count()).group_by(posting.entry)
    with database.connect() as connection:
        found = connection.execute(sums).all()
        kinds = set(connection.execute(select(schema.entries.c.kind)).scalars())
    assert {(total, postings) for _, total, postings in found} == {(0, 2)}
    assert kinds == {kind.value for kind in EntryKind}


def test_an_account_s_summary_adds_up(recording: Recording, database: Engine) -> None:
    full_story(recording)
    recording.project(database)
    reader = LedgerReader(database)
    winner, loser = reader.summary(1), reader.summary(3)
    assert winner is not None and loser is not None
    assert (winner.commission_paid, winner.balance) == (7_100, 5_000_000 + 142_000 - 7_100)
    assert (loser.deposits, loser.withdrawals, loser.net_deposits) == (1_050_000, 200_000, 850_000)
    assert (loser.balance, loser.receivable, loser.held, loser.verified) == (708_000, 0, 0, True)
    assert reader.summary(99) is None


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_after_any_day_the_ledger_agrees_with_the_core(
    tmp_path_factory: pytest.TempPathFactory, database: Engine, seed: int
) -> None:
    """Trial balance against the core's totals, and every account and open order against the core's images."""
    _empty(database)
    recording = Recording(tmp_path_factory.mktemp("day"))
    recording.submit_all(random_day(seed, 400))
    recording.project(database)
    reader, core = LedgerReader(database), recording.replica.core
    assert_money_agrees(reader, core)
    for account in range(1, 9):
        _assert_account_agrees(reader, recording, account)


def _assert_account_agrees(reader: LedgerReader, recording: Recording, account: int) -> None:
    core, summary = recording.replica.core, reader.summary(account)
    image = AccountImage.FromString(core.read_account(account) or b"")
    assert summary is not None
    assert (summary.balance, summary.held, summary.receivable) == (image.balance, image.held, image.receivable)
    images = OrderImages.FromString(core.read_orders(account, 0) or b"").orders
    rows = {order.order: order for order in reader.orders(account, settled=False)}
    assert {image.order for image in images} <= rows.keys()
    for order in images:
        row = rows[order.order]
        assert (row.side, row.price, row.size) == (Side.Name(order.side).removeprefix("SIDE_"), order.price, order.size)
        assert (row.matched, row.matched_payout, row.remaining, row.cancelled, row.voided) == (
            order.matched, order.matched_payout, order.remaining, order.cancelled, order.voided,
        )  # fmt: skip


def test_an_event_that_this_build_does_not_know_is_never_passed_over(recording: Recording) -> None:
    strange = EventRecord(shard=0, offset=7, events=[Event()])
    with pytest.raises(UnknownEventError, match="event 0 of offset 7"):
        fold([strange])


def _rows(database: Engine, column: ColumnElement[Any]) -> list[Any]:
    with database.connect() as connection:
        return list(connection.execute(select(column).order_by(text('"offset", "index"'))).scalars())


def _empty(database: Engine) -> None:
    """Begin anew: the append-only tables refuse to be emptied, so the schema goes with them."""
    with database.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS ledger CASCADE"))
    migrate(database)
