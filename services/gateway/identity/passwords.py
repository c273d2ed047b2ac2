"""Passwords at rest: argon2id with the library's recommended costs, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, ParamSpec, TypeVar

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 128

_hasher = PasswordHasher()
_turns = anyio.CapacityLimiter(2)
_Asked = ParamSpec("_Asked")
_AnswerT = TypeVar("_AnswerT")


async def in_turn(work: Callable[_Asked, _AnswerT], *asked: _Asked.args, **named: _Asked.kwargs) -> _AnswerT:
    """Does work that hashes, on a worker thread, when it is its turn.

    A hash takes 64 MiB and some tens of milliseconds of several cores: a burst of logins waits here, where it holds up
    neither the other worker threads nor the machine.
    """
    return await anyio.to_thread.run_sync(lambda: work(*asked, **named), limiter=_turns)


@cache
def _nobodys() -> str:
    """The hash that an unknown name is checked against."""
    return _hasher.hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to keep."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one hashed. With no hash (an unknown user) it takes as long, and is False."""
    try:
        _hasher.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
