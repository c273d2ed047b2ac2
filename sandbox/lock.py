"""One `up` or `down` at a time in a clone."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import SandboxError


class BusyError(SandboxError):
    """Another `make up` or `make down` is at work in this clone."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the state folder for this process; the kernel lets go of it however the process ends.

    Raises:
        BusyError: Another process has it.
    """
    handle = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise BusyError(f"another valletta up or down is at work in {home}", hint="wait for it, or end it") from None
    try:
        yield
    finally:
        os.close(handle)
