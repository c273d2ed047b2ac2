"""What every journal promises, held against the file and a real Kafka broker alike."""

from __future__ import annotations

import time

import pytest

from services.journal.log import COMMANDS, DisplacedError, Journal, Record, append_at


def test_records_come_back_in_order_under_dense_offsets(journal: Journal) -> None:
    writer, reader = journal.writer(COMMANDS, 0), journal.reader(COMMANDS, 0)
    offsets = [writer.append(b"record %d" % i) for i in range(20)]
    writer.extend([b"record %d" % i for i in range(20, 40)])
    assert offsets == list(range(20))
    assert reader.end() == 40
    assert _all(journal) == [Record(i, b"record %d" % i) for i in range(40)]


def test_a_reader_may_begin_anywhere_go_back_and_is_never_given_more_than_it_asked_for(journal: Journal) -> None:
    writer, reader = journal.writer(COMMANDS, 0), journal.reader(COMMANDS, 0)
    writer.extend([b"a", b"b", b"c", b"d", b"e"])
    writer.append(b"f")
    assert _offsets(reader.read(3, limit=2, wait_s=5)) == [3, 4]
    assert _offsets(reader.read(0, limit=3, wait_s=5)) == [0, 1, 2]
    assert _offsets(reader.read(3, limit=1, wait_s=5)) == [3]
    assert _offsets(reader.read(5, limit=9, wait_s=5)) == [5]


def test_at_the_end_a_reader_waits_for_what_another_writer_appends_next(journal: Journal) -> None:
    reader = journal.reader(COMMANDS, 0)
    assert reader.end() == 0
    assert reader.read(0, wait_s=0.05) == []
    journal.writer(COMMANDS, 0).append(b"late")
    assert reader.read(0, wait_s=10) == [Record(0, b"late")]
    assert reader.read(1, wait_s=0.05) == []


def test_a_log_opened_anew_goes_on_at_the_next_offset(journal: Journal) -> None:
    first = journal.writer(COMMANDS, 0)
    first.append(b"before")
    first.close()
    assert journal.writer(COMMANDS, 0).append(b"after") == 1
    assert [record.data for record in _all(journal)] == [b"before", b"after"]


def test_an_append_that_lands_at_another_offset_than_expected_is_told_and_stays(journal: Journal) -> None:
    writer = journal.writer(COMMANDS, 0)
    append_at(writer, b"first", 0)
    with pytest.raises(DisplacedError, match="acknowledged at offset 1, expected 0"):
        append_at(writer, b"second", 0)
    assert [record.data for record in _all(journal)] == [b"first", b"second"]


def test_preparing_twice_keeps_what_is_there(journal: Journal) -> None:
    journal.writer(COMMANDS, 0).append(b"kept")
    journal.prepare(COMMANDS, 1, 1_000)
    assert [record.data for record in _all(journal)] == [b"kept"]


def test_a_record_of_the_largest_size_is_taken(journal: Journal) -> None:
    largest = bytes(1_000_000 - 200)
    journal.writer(COMMANDS, 0).append(largest)
    assert _all(journal) == [Record(0, largest)]


def _all(journal: Journal) -> list[Record]:
    reader = journal.reader(COMMANDS, 0)
    end, found = reader.end(), list[Record]()
    deadline = time.monotonic() + 30
    while len(found) < end and time.monotonic() < deadline:
        found += reader.read(len(found), limit=7, wait_s=5)
    reader.close()
    return found


def _offsets(records: list[Record]) -> list[int]:
    return [record.offset for record in records]
