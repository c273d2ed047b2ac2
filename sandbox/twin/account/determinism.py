"""The same request at the same place in the journal gives the same identifiers, keys and times.

Moto draws from its own seeded generator, from `random`, from `os.urandom` (keys, and `uuid.uuid4` through it) and from
the clock. Within `reproducible` all of them are functions of the account's seed, the place and the recorded time. One
source escapes: RSA and elliptic-curve keys are drawn inside OpenSSL; `requests.refusal` turns those requests away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import time_machine
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random

from sandbox.twin.values import Value

_system_urandom = os.urandom
_section = threading.local()


def derived_seed(seed: str, *place: object) -> bytes:
    """32 bytes for one place (a sequence number, a backend's name) in the account with this seed (hexadecimal)."""
    return hmac.digest(bytes.fromhex(seed), "/".join(map(str, place)).encode(), "sha256")


@contextmanager
def reproducible(seed: bytes, at: float) -> Iterator[None]:
    """Run a block whose randomness comes from `seed` and whose clock stands at `at` (Unix seconds). Nests."""
    outer = getattr(_section, "stream", None)
    states = mock_random.getstate(), random.getstate()
    _section.stream = _Stream(seed)
    mock_random.seed(seed)
    random.seed(seed)
    try:
        with time_machine.travel(at, tick=False):
            yield
    finally:
        _section.stream = outer
        mock_random.setstate(states[0])
        random.setstate(states[1])


class _Stream:
    """Bytes for ever from a seed."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._blocks = seed, 0

    def take(self, size: int) -> bytes:
        self._blocks += 1
        return hashlib.shake_256(self._seed + self._blocks.to_bytes(8, "big")).digest(size)


def _urandom(size: int, /) -> bytes:
    """The system's randomness, but inside a reproducible section (of this thread) the section's."""
    stream: _Stream | None = getattr(_section, "stream", None)
    return _system_urandom(size) if stream is None else stream.take(size)


def install(seed_of: Value, baseline: Value) -> None:
    """Make the process reproducible; once, before the first request.

    Moto makes the part of a service that belongs to a region when it is first touched, which may be by a mere read,
    and fills it (the default VPC, the AWS managed policies). So each part is made from a seed of its own, given by
    `seed_of(service, account, region) -> (seed, time)`, whatever touches it first; `baseline(service, backend)` then
    puts it into the state in which a landing zone hands an account over.
    """
    os.urandom = _urandom
    make = AccountSpecificBackend.__getitem__

    def get(self: Value, region: str) -> Value:
        name = "aws" if region == "global" else region
        if name in self.keys() or name not in self:
            return make(self, region)
        seed, born = seed_of(self.service_name, self.account_id, name)
        with reproducible(seed, born):
            backend = make(self, name)
            baseline(self.service_name, backend)
            return backend

    AccountSpecificBackend.__getitem__ = get  # type: ignore[method-assign]
