"""Passwords at rest: argon2id with the library's recommended costs, a bounded number at a time."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 128
_AT_ONCE: Final = 4
"""Each hash takes 64 MiB while it is computed, so a burst of logins queues rather than eating the machine."""

_hasher = PasswordHasher()
_turn = threading.BoundedSemaphore(_AT_ONCE)


@cache
def _nobodys() -> str:
    """The hash that an unknown name is checked against."""
    return _hasher.hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to keep."""
    with _turn:
        return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one hashed. With no hash (an unknown user) it takes as long, and is False."""
    with _turn:
        try:
            _hasher.verify(kept or _nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None
