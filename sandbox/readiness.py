"""Waiting until a supervised program does its work, or saying why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx

from sandbox.errors import SandboxError
from sandbox.runtime.supervise import Supervisor

_PATIENCE_S = 90.0
_CRASH_LOOP_S = 8.0  # a service that cannot start ends at once, again and again


class NotReadyError(SandboxError):
    """A program was started and does not get ready."""


def answers(url: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a GET of `url` is answered 2xx."""
    try:
        return httpx.get(url, timeout=timeout_s, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def wait_until(ready: Callable[[], bool], supervisor: Supervisor, program: str) -> None:
    """Returns when `ready` holds.

    Raises:
        NotReadyError: The program gave up, keeps crashing, or is not ready after 90 s; with the end of its log.
    """
    began = time.monotonic()
    crashing_since: float | None = None
    while not ready():
        now = time.monotonic()
        state = next((status.state for status in supervisor.status() if status.name == program), "not supervised")
        crashing_since = (crashing_since or now) if state in {"BACKOFF", "EXITED"} else None
        if state in {"FATAL", "not supervised"} or (crashing_since and now - crashing_since > _CRASH_LOOP_S):
            raise _not_ready(f"{program} does not start ({state})", supervisor.log_of(program))
        if now - began > _PATIENCE_S:
            raise _not_ready(f"{program} was not ready after {_PATIENCE_S:.0f} s ({state})", supervisor.log_of(program))
        time.sleep(0.1)


def _not_ready(message: str, log: Path) -> NotReadyError:
    lines = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
    return NotReadyError(message, details=[line[:300] for line in lines], hint=f"see {log}")
