"""Command keys that the gateway makes itself: where a request of the wire format carries none, or needs several."""

from __future__ import annotations

import hashlib

import uuid_utils


def new_key() -> bytes:
    """A fresh UUIDv7."""
    return uuid_utils.uuid7().bytes


def derived_key(base: bytes, *purpose: str) -> bytes:
    """The UUIDv7 that `base` and a purpose always give: the base's time, and random bits from their SHA-256.

    So one key that is kept (a client's, or that of a customerRef) names every command that it led to, and a repeat of
    the whole request repeats each command.
    """
    digest = hashlib.sha256(b"\0".join([base, *(part.encode() for part in purpose)])).digest()
    bits = bytearray(base[:6] + digest[:10])
    bits[6] = 0x70 | (bits[6] & 0x0F)
    bits[8] = 0x80 | (bits[8] & 0x3F)
    return bytes(bits)
