"""The bytes of a log file: a header, then frames. A frame is what one append wrote: it counts whole or not at all.

    file   = "valletta-log" salt:u32 frame*
    frame  = "vfr1" length:u32 first-offset:u64 count:u32 crc:u32 payload[length]      (little endian)
    payload = (length:u32 record)*

The CRC-32 is seeded with the file's salt and covers all of the frame but itself. The salt is random, so that no
record can be written by a client to look like a frame of this file.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from services.journal.log import CorruptLogError, Record

_FILE = struct.Struct("<12sI")
_FILE_MARK: Final = b"valletta-log"
_FRAME = struct.Struct("<4sIQII")
_FRAME_MARK: Final = b"vfr1"
_LENGTH = struct.Struct("<I")

FIRST_FRAME: Final = _FILE.size
"""Where the first frame begins, in bytes."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as read: the offset of its first record, its records, and the byte after it."""

    first: int
    records: tuple[bytes, ...]
    end: int

    @property
    def next_offset(self) -> int:
        """The offset after its last record."""
        return self.first + len(self.records)

    def numbered(self) -> Iterator[Record]:
        """Its records with their offsets."""
        return (Record(self.first + i, data) for i, data in enumerate(self.records))


def file_header() -> bytes:
    """The header of a new log file, with a fresh salt."""
    return _FILE.pack(_FILE_MARK, int.from_bytes(os.urandom(4), "little"))


def salt_of(descriptor: int, path: str) -> int:
    """The salt in a log file's header. Raises CorruptLogError where the file is not a log."""
    header = os.pread(descriptor, _FILE.size, 0)
    if len(header) < _FILE.size or header[:12] != _FILE_MARK:
        raise CorruptLogError(f"{path} is not a log file: it begins with {header[:12]!r}")
    salt: int = _FILE.unpack(header)[1]
    return salt


def frame_of(first: int, records: Sequence[bytes], salt: int) -> bytes:
    """The frame of an append."""
    payload = b"".join(part for record in records for part in (_LENGTH.pack(len(record)), record))
    head = _FRAME.pack(_FRAME_MARK, len(payload), first, len(records), 0)[:-4]
    return head + _LENGTH.pack(crc32(payload, crc32(head, salt))) + payload


def read_frame(descriptor: int, at: int, expected: int, salt: int) -> Frame | None:
    """The frame at byte `at`, whose first record must have the offset `expected`.

    None where no whole frame is there and none comes after it: the log ends here, or an append was cut short.

    Raises:
        CorruptLogError: no whole frame is there although a later one is: acknowledged records are damaged.
    """
    frame = _frame_at(descriptor, at, salt)
    if frame is not None and frame.first == expected:
        return frame
    rest = os.pread(descriptor, os.fstat(descriptor).st_size - at, at)
    following = rest.find(_FRAME_MARK, 1)
    while frame is None and following >= 0:
        frame = _frame_at(descriptor, at + following, salt)
        following = rest.find(_FRAME_MARK, following + 1)
    if frame is not None:
        raise CorruptLogError(f"offset {expected} (byte {at}) is damaged: the next whole frame begins at {frame.first}")
    return None


def _frame_at(descriptor: int, at: int, salt: int) -> Frame | None:
    header = os.pread(descriptor, _FRAME.size, at)
    if len(header) < _FRAME.size or header[:4] != _FRAME_MARK:
        return None
    _, length, first, count, check = _FRAME.unpack(header)
    payload = os.pread(descriptor, length, at + _FRAME.size)
    if len(payload) < length or crc32(payload, crc32(header[:-4], salt)) != check:
        return None
    return Frame(first, tuple(_records(payload, count)), at + _FRAME.size + length)


def _records(payload: bytes, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(payload, at)[0]
        yield payload[start:at]
