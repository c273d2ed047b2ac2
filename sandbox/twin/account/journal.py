"""The account journal: an append-only file of everything that changed the account.

One record a line: the CRC-32 of the payload as eight hexadecimal digits, a space, the payload as JSON, a newline. The
first record is the header, which names the format and carries the account's seed. A record is on the disk before its
request is answered, so a last line that is torn belongs to a request that nobody was answered, and is dropped; any
other line that does not check is damage, and the journal is refused.
"""

from __future__ import annotations

import json
import os
import secrets
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = "valletta-account-journal/1"


class JournalCorruptError(Exception):
    """A journal that cannot be trusted: names the file, the line and what is wrong with it."""


@dataclass(frozen=True)
class Header:
    """What every record of one account depends on."""

    format: str
    account: str
    moto: str
    born: float
    """Unix time at which the account was made, seconds."""
    seed: str
    """32 random bytes in hexadecimal: every identifier and key of the account derives from it."""


def new_header(account: str, moto: str) -> Header:
    """The header of a fresh account, with a seed that nobody can guess."""
    return Header(format=FORMAT, account=account, moto=moto, born=time.time(), seed=secrets.token_hex(32))


class AccountJournal:
    """The journal file, opened for appending by its only writer."""

    def __init__(self, path: Path, header: Header) -> None:
        """Open the journal at `path`, or begin it with `header`; a torn last line is cut off.

        :raises JournalCorruptError: a line before the last does not check, or the header is not one of this format.
        """
        self.path = path
        if not path.exists() or path.stat().st_size == 0:
            _write_durably(path, _line(asdict(header)))
        self.header, self._end = _verified(path)
        self._fd = os.open(path, os.O_WRONLY)
        if os.fstat(self._fd).st_size > self._end:
            os.ftruncate(self._fd, self._end)
            os.fsync(self._fd)
        os.lseek(self._fd, self._end, os.SEEK_SET)

    def append(self, record: dict[str, Any]) -> None:
        """Write one record and return when it is on the disk.

        :raises OSError: the disk refused; the file may then end in a torn line, and the caller must stop.
        """
        data = memoryview(_line(record))
        while data:
            data = data[os.write(self._fd, data) :]
        os.fsync(self._fd)

    def records(self) -> Iterator[dict[str, Any]]:
        """Every record after the header, oldest first."""
        with self.path.open("rb") as file:
            file.readline()
            while line := file.readline():
                record = _payload(line)
                if record is None:
                    raise JournalCorruptError(f"{self.path}: changed while it was read")
                yield record

    def restart(self, header: Header) -> None:
        """Replace the whole journal by an empty one under `header`, at once or not at all."""
        _write_durably(self.path, _line(asdict(header)))
        os.close(self._fd)
        self.header = header
        self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND)

    def close(self) -> None:
        """Release the file."""
        os.close(self._fd)


def _line(record: dict[str, Any]) -> bytes:
    payload = json.dumps(record, separators=(",", ":"), sort_keys=True).encode()
    return b"%08x %s\n" % (zlib.crc32(payload), payload)


def _payload(line: bytes) -> dict[str, Any] | None:
    """The record in `line`, or None where it does not check."""
    checksum, space, payload = line[:8], line[8:9], line[9:-1]
    if space != b" " or not line.endswith(b"\n") or b"%08x" % zlib.crc32(payload) != checksum:
        return None
    record: dict[str, Any] = json.loads(payload)
    return record


def _verified(path: Path) -> tuple[Header, int]:
    """The header and the length in bytes of the part that checks."""
    size, end, number, header = path.stat().st_size, 0, 0, None
    with path.open("rb") as file:
        while line := file.readline():
            number += 1
            record = _payload(line)
            if record is None:
                if end + len(line) == size and header is not None:
                    break
                raise JournalCorruptError(
                    f"{path}: line {number} (byte {end}) is damaged and is not the last. The account cannot be "
                    "rebuilt from it; restore the file, or move it away to begin a fresh account."
                )
            if header is None:
                header = _header(path, record)
            end += len(line)
    if header is None:
        raise JournalCorruptError(f"{path}: holds no header")
    return header, end


def _header(path: Path, record: dict[str, Any]) -> Header:
    if record.get("format") != FORMAT:
        raise JournalCorruptError(f"{path}: format {record.get('format')!r} is not {FORMAT!r}")
    return Header(**record)


def _write_durably(path: Path, data: bytes) -> None:
    """Put `data` at `path` atomically, readable by the owner alone: the journal holds secrets."""
    fresh = path.with_suffix(".new")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
