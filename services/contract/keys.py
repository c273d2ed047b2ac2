"""Command keys: a UUIDv7 chosen by the client, 16 bytes, whose first 48 bits are milliseconds since the epoch."""

from __future__ import annotations

from uuid import UUID


class KeyFormatError(ValueError):
    """Text that is not a UUIDv7: the message names it."""


def key_of(text: str) -> bytes:
    """The 16 bytes of a UUIDv7 written as text.

    Raises:
        KeyFormatError: not a UUID, or a UUID of another version.
    """
    try:
        key = UUID(text)
    except ValueError as error:
        raise KeyFormatError(f"key {text!r} is not a UUID; send a UUIDv7 (RFC 9562)") from error
    if key.version != 7:
        raise KeyFormatError(f"key {text!r} is a UUID of version {key.version}; send a UUIDv7 (RFC 9562)")
    return key.bytes


def time_ms_of(key: bytes) -> int:
    """The milliseconds since the epoch that a UUIDv7 carries."""
    return int.from_bytes(key[:6], "big")
