"""The write-ahead file: what a crash may leave is mended, what a crash cannot leave is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journal.file import FileJournal
from services.journal.log import (
    COMMANDS,
    AppendUnknownError,
    CorruptLogError,
    LogLockedError,
    LogUnavailableError,
    Record,
)

RECORDS = [b"alpha", b"beta" * 300, b"", b"gamma"]


def filled(folder: Path) -> tuple[FileJournal, Path]:
    journal = FileJournal(folder)
    journal.prepare(COMMANDS, 1, 1_000_000)
    writer = journal.writer(COMMANDS, 0)
    for record in RECORDS:
        writer.append(record)
    writer.close()
    return journal, folder / f"{COMMANDS}-0.log"


def read(journal: FileJournal) -> list[bytes]:
    reader = journal.reader(COMMANDS, 0)
    found = [record.data for record in reader.read(0)]
    reader.close()
    return found


def test_a_second_writer_is_refused_while_the_first_holds_the_log(tmp_path: Path) -> None:
    journal, path = filled(tmp_path)
    writer = journal.writer(COMMANDS, 0)
    with pytest.raises(LogLockedError, match=str(path)):
        journal.writer(COMMANDS, 0)
    writer.close()
    journal.writer(COMMANDS, 0).close()


@settings(deadline=None)
@given(cut=st.integers(min_value=1, max_value=16 + 24 + len(RECORDS[-1]) + 3))
def test_an_append_cut_short_anywhere_is_removed_and_the_log_goes_on(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    journal, path = filled(tmp_path_factory.mktemp("torn"))
    os.truncate(path, max(path.stat().st_size - min(cut, 28 + len(RECORDS[-1])), 16))
    assert read(journal) == RECORDS[:-1], "a reader must not see half an append"
    assert journal.writer(COMMANDS, 0).append(b"again") == len(RECORDS) - 1
    assert read(journal) == [*RECORDS[:-1], b"again"]


def test_pages_of_an_append_that_never_reached_the_disk_are_removed_too(tmp_path: Path) -> None:
    journal, path = filled(tmp_path)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(bytes(4096))
    assert read(journal) == RECORDS
    journal.writer(COMMANDS, 0).close()
    assert path.stat().st_size == size
    assert journal.writer(COMMANDS, 0).append(b"again") == len(RECORDS)


@settings(max_examples=60, deadline=None)
@given(at=st.integers(min_value=16, max_value=16 + 24 + 4 + 5 + 24 + 4 + 1199), bit=st.integers(0, 7))
def test_a_flipped_bit_in_an_acknowledged_record_is_refused_with_its_offset(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    journal, path = filled(tmp_path_factory.mktemp("flipped"))
    content = bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)
    damaged = 0 if at < 16 + 24 + 4 + 5 else 1
    with pytest.raises(CorruptLogError, match=f"offset {damaged} "):
        journal.writer(COMMANDS, 0)
    with pytest.raises(CorruptLogError, match=f"offset {damaged} "):
        read(journal)
    assert path.read_bytes() == bytes(content), "refusing must not change the file"


def test_a_record_removed_from_the_middle_is_refused(tmp_path: Path) -> None:
    journal, path = filled(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[:16] + content[16 + 24 + 4 + 5 :])
    with pytest.raises(CorruptLogError, match=r"offset 0 .* next whole frame begins at 1"):
        journal.writer(COMMANDS, 0)


def test_a_frame_copied_from_another_log_does_not_count(tmp_path: Path) -> None:
    journal, path = filled(tmp_path / "one")
    _, other = filled(tmp_path / "other")
    path.write_bytes(path.read_bytes()[:16] + other.read_bytes()[16:])
    assert read(journal) == []


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    journal, path = filled(tmp_path)
    path.write_bytes(b"#!/bin/sh\necho hello\n")
    with pytest.raises(CorruptLogError, match="is not a log file"):
        journal.writer(COMMANDS, 0)


def test_many_records_of_one_append_count_all_or_none(tmp_path: Path) -> None:
    journal, path = filled(tmp_path)
    writer = journal.writer(COMMANDS, 0)
    size = path.stat().st_size
    writer.extend([b"x" * 100, b"y" * 100, b"z" * 100])
    writer.close()
    whole = path.stat().st_size
    for length in range(size, whole):
        os.truncate(path, length)
        assert read(journal) == RECORDS
    assert whole > size + 300


def test_after_a_failed_write_the_outcome_is_unknown_and_the_writer_is_of_no_more_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, _ = filled(tmp_path)
    writer = journal.writer(COMMANDS, 0)

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", no_space)
        with pytest.raises(AppendUnknownError, match="No space left on device at offset 4"):
            writer.append(b"unsure")
    with pytest.raises(AppendUnknownError, match="open it again"):
        writer.append(b"more")


def test_a_reader_waits_for_a_log_that_is_not_made_yet_and_a_writer_refuses(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path)
    reader = journal.reader(COMMANDS, 0)
    assert reader.end() == 0
    with pytest.raises(LogUnavailableError, match="No such file"):
        journal.writer(COMMANDS, 0)
    journal.prepare(COMMANDS, 1, 1_000_000)
    journal.writer(COMMANDS, 0).append(b"there")
    assert reader.read(0) == [Record(0, b"there")]
