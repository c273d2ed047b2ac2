"""The journal in files of one machine: a write-ahead file a log, for where there is no Kafka.

Fault model: the process or the machine may stop at any point; what fdatasync has acknowledged is on the disk. An
append that was cut short is removed when the file is next opened for writing. Damage to records that were
acknowledged is noticed and refused, never skipped. The loss of the disk is the loss of the journal.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from pathlib import Path

from services.journal.frames import FIRST_FRAME, Frame, file_header, frame_of, read_frame, salt_of
from services.journal.log import (
    LARGEST_EVENTS,
    AppendUnknownError,
    LogLockedError,
    LogReader,
    LogUnavailableError,
    LogWriter,
    Record,
)

_POLL_S = 0.01


class FileJournal:
    """Logs as files `<topic>-<shard>.log` in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, topic: str, shards: int, largest: int) -> None:
        """Make the folder and the topic's files where they are absent; a file takes records of up to LARGEST_EVENTS."""
        if largest > LARGEST_EVENTS:
            raise ValueError(f"records of {largest} bytes were asked for; a file takes {LARGEST_EVENTS}")
        self._folder.mkdir(parents=True, exist_ok=True)
        for shard in range(shards):
            _make(self._path(topic, shard))

    def reader(self, topic: str, shard: int) -> LogReader:
        """A reader that follows the file, also while another process writes it, and before it is made."""
        return _FileReader(self._path(topic, shard))

    def writer(self, topic: str, shard: int) -> LogWriter:
        """The writer, of which there can be one: LogLockedError for a second."""
        return _FileWriter(self._path(topic, shard))

    def _path(self, topic: str, shard: int) -> Path:
        return self._folder / f"{topic}-{shard}.log"


class _FileWriter:
    """Holds the file's lock; writes a frame an append and syncs it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failed = False
        try:
            self._file = os.open(path, os.O_RDWR)
        except OSError as error:
            raise LogUnavailableError(f"log {path} cannot be opened: {error.strerror}") from error
        try:
            self._lock()
            self._salt = salt_of(self._file, str(path))
            self._size, self._next = self._recover()
        except BaseException:
            os.close(self._file)
            raise

    def append(self, record: bytes) -> int:
        """Append one record; it is on the disk when this returns."""
        self.extend([record])
        return self._next - 1

    def extend(self, records: Sequence[bytes]) -> None:
        """Append records as one frame: after a crash all of them are there, or none."""
        if self._failed:
            raise AppendUnknownError(f"log {self._path} failed earlier; open it again")
        if max(map(len, records)) > LARGEST_EVENTS:
            raise ValueError(f"a record of {max(map(len, records))} bytes; at most {LARGEST_EVENTS} are taken")
        frame = frame_of(self._next, records, self._salt)
        try:
            _write_all(self._file, frame, self._size)
            os.fdatasync(self._file)
        except OSError as error:
            self._failed = True
            raise AppendUnknownError(f"log {self._path}: {error.strerror} at offset {self._next}") from error
        self._size += len(frame)
        self._next += len(records)

    def close(self) -> None:
        """Close the file, and with it the lock."""
        self._failed = True
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LogLockedError(f"log {self._path} is open for writing in another process") from None

    def _recover(self) -> tuple[int, int]:
        """Walk the whole file, and cut off an append that was not finished; the size and the next offset."""
        size, offset = FIRST_FRAME, 0
        while frame := read_frame(self._file, size, offset, self._salt):
            size, offset = frame.end, frame.next_offset
        if os.fstat(self._file).st_size > size:
            os.ftruncate(self._file, size)
        os.fsync(self._file)
        return size, offset


class _FileReader:
    """Follows the file; keeps the place of one frame, so that reading on does not start over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._salt = 0
        self._at, self._first = FIRST_FRAME, 0

    def read(self, offset: int, *, limit: int = 500, wait_s: float = 0.0) -> list[Record]:
        """The records from `offset` on; waits by looking again every hundredth of a second."""
        deadline = time.monotonic() + wait_s
        while not (found := self._available(offset, limit)) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return found

    def end(self) -> int:
        """Walks from where the reader stands to the end of the file."""
        while (frame := self._frame()) is not None:
            self._at, self._first = frame.end, frame.next_offset
        return self._first

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _available(self, offset: int, limit: int) -> list[Record]:
        if offset < self._first:
            self._at, self._first = FIRST_FRAME, 0
        found: list[Record] = []
        while len(found) < limit and (frame := self._frame()) is not None:
            found += [record for record in frame.numbered() if record.offset >= offset]
            if len(found) <= limit:
                self._at, self._first = frame.end, frame.next_offset
        return found[:limit]

    def _frame(self) -> Frame | None:
        if self._file < 0 and not self._open():
            return None
        return read_frame(self._file, self._at, self._first, self._salt)

    def _open(self) -> bool:
        try:
            self._file = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        self._salt = salt_of(self._file, str(self._path))
        return True


def _make(path: Path) -> None:
    """Make an empty log, whole or not at all, whoever else is making it at the same time."""
    if path.exists():
        return
    draft = path.with_suffix(f".{os.getpid()}.new")
    with draft.open("wb") as file:
        file.write(file_header())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes, at: int) -> None:
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, memoryview(data)[written:], at + written)
