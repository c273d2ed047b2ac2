"""The journal's file: what is written is read again, and what was torn is told from what was damaged."""

from __future__ import annotations

import json
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.twin.account.journal import FORMAT, AccountJournal, Header, JournalCorruptError

HEADER = Header(format=FORMAT, account="123456789012", moto="5", born=1.0, seed="0" * 64)
RECORDS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=3), max_size=6)


def written(folder: Path, records: list[dict[str, str | int]]) -> tuple[Path, list[int]]:
    """A journal with these records, and its length after the header and after each."""
    path = folder / "journal"
    journal = AccountJournal(path, HEADER)
    ends = [path.stat().st_size]
    for record in records:
        journal.append(dict(record))
        ends.append(path.stat().st_size)
    journal.close()
    return path, ends


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.data())
def test_cut_at_any_byte_it_keeps_exactly_the_whole_records(
    records: list[dict[str, str | int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, ends = written(Path(folder), records)
        cut = data.draw(st.integers(ends[0], ends[-1]))
        with path.open("rb+") as file:
            file.truncate(cut)
        journal = AccountJournal(path, HEADER)
        kept = list(journal.records())
        assert kept == records[: sum(end <= cut for end in ends[1:])]
        journal.append({"after": 1})
        assert list(journal.records()) == [*kept, {"after": 1}]
        journal.close()


@settings(max_examples=60, deadline=None)
@given(RECORDS.filter(lambda records: len(records) > 1), st.data())
def test_one_changed_byte_before_the_last_record_is_refused(
    records: list[dict[str, str | int]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, ends = written(Path(folder), records)
        place = data.draw(st.integers(0, ends[-2] - 1))
        content = bytearray(path.read_bytes())
        content[place] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        with pytest.raises(JournalCorruptError):
            AccountJournal(path, HEADER)


def test_another_format_is_refused(tmp_path: Path) -> None:
    journal = AccountJournal(tmp_path / "journal", HEADER)
    journal.close()
    payload = json.dumps({"format": "something/9"}).encode()
    (tmp_path / "journal").write_bytes(b"%08x %s\n" % (zlib.crc32(payload), payload))
    with pytest.raises(JournalCorruptError, match="something/9"):
        AccountJournal(tmp_path / "journal", HEADER)
