"""The ledger's answers: filters, pages, limits."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from services.ledger.reading import LedgerReader
from services.ledger.terms import MarketStatus, OrderStatus
from tests.ledger.recording import Recording
from tests.matching.betting import BACK, cancel, deposit, funded, open_market, place, settle, suspend, withdraw


@pytest.fixture
def reader(recording: Recording, database: Engine) -> LedgerReader:
    recording.submit(*funded(2))
    recording.submit(open_market(2, name="Win"), open_market(2, name="100% off_course"), open_market(2, name="Place"))
    recording.submit(place(1, 1, 10, BACK, 100, 20_000), place(1, 2, 10, BACK, 100, 30_000))
    recording.submit(place(2, 1, 10, BACK, 90, 40_000), place(1, 1, 11, BACK, 90, 50_000), cancel(1, 1, 4))
    recording.submit(suspend(2), settle(3, 10))
    for amount in (100, 200, 300):
        recording.submit(deposit(1, amount), withdraw(1, 100))
    recording.project(database)
    return LedgerReader(database)


def test_markets_are_found_by_id_type_text_and_status(reader: LedgerReader) -> None:
    def found(**wanted: object) -> list[int]:
        return [market.market for market in reader.markets(**wanted)]  # type: ignore[arg-type]

    assert found() == [1, 2, 3]
    assert found(ids=[3, 1, 77]) == [1, 3]
    assert found(ids=[]) == []
    assert found(event_types=["Horse racing"], limit=2) == [1, 2]
    assert found(event_types=["Greyhounds"]) == []
    assert found(text="wIN") == [1]
    assert found(text="marsa") == [1, 2, 3]
    assert found(text="0%") == [2], "a percent sign is no wildcard"
    assert found(text="_c") == [2], "nor is an underscore"
    assert found(statuses=["SUSPENDED", MarketStatus.SETTLED]) == [2, 3]
    with pytest.raises(ValueError, match="'LOST' is not a valid MarketStatus"):
        found(statuses=["LOST"])


def test_orders_are_the_account_s_own_newest_first_by_market_and_by_whether_it_ended(reader: LedgerReader) -> None:
    assert [order.order for order in reader.orders(1)] == [4, 2, 1]
    assert [order.order for order in reader.orders(1, market=1)] == [4, 1]
    assert [order.order for order in reader.orders(1, order_ids=[2, 3])] == [2], "order 3 is another account's"
    assert [order.order for order in reader.orders(1, limit=1)] == [4]
    assert reader.orders(1, settled=True) == []
    cancelled = reader.orders(1, order_ids=[4])[0]
    assert (cancelled.status, cancelled.cancelled, cancelled.average_price) == (OrderStatus.CANCELLED, 50_000, None)


def test_a_statement_is_read_page_by_page_and_by_time(reader: LedgerReader) -> None:
    whole = reader.statement(1)
    assert [line.amount for line in whole] == [-100, 300, -100, 200, -100, 100, 10_000_000]
    pages = [reader.statement(1, limit=3)]
    while page := reader.statement(1, limit=3, before=pages[-1][-1].entry):
        pages.append(page)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [line for page in pages for line in page] == whole
    third = whole[2].time_ms
    assert reader.statement(1, since_ms=third) == whole[:4]
    assert reader.statement(1, until_ms=third) == whole[4:]
    assert reader.statement(77) == []
