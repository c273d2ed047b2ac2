"""A small client of the exchange's REST interface: one session, a key on every command, retries under the same key."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Final, Self

import httpx
import uuid_utils

from sandbox.errors import SandboxError

_TRIES: Final = 4
_TEMPORARY: Final = frozenset({429, 503, 504})


class ExchangeError(SandboxError):
    """The exchange refused what the demonstration asked for, or does not answer."""


class Rest:
    """One person's way to the exchange; a context manager that closes its connections."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def log_in(self, username: str, password: str) -> None:
        """Begins a session, which every request after it belongs to."""
        session = self._answer("POST", "/v1/sessions", {"username": username, "password": password}, {})
        self._http.headers["Authorization"] = f"Bearer {session['token']}"

    def command(self, path: str, body: object = None) -> dict[str, Any]:
        """Has a command carried out, once, however often it has to be sent.

        Raises:
            ExchangeError: it was refused, or nothing answers.
        """
        answer: dict[str, Any] = self._answer("POST", path, body, {"Idempotency-Key": str(uuid_utils.uuid7())})
        return answer

    def read(self, path: str) -> Any:  # noqa: ANN401  (any JSON value)
        """What is at a path. Raises ExchangeError as `command` does."""
        return self._answer("GET", path, None, {})

    def _answer(self, method: str, path: str, body: object, headers: dict[str, str]) -> Any:  # noqa: ANN401
        for pause_s in [0.2 * 2**nth for nth in range(_TRIES)]:
            try:
                response = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                problem = f"{self._http.base_url} does not answer: {type(error).__name__}"
            else:
                if response.is_success:
                    return response.json()
                problem = f"{method} {path}: {_detail(response)}"
                if response.status_code not in _TEMPORARY:
                    break
            time.sleep(pause_s)
        raise ExchangeError(problem, hint="see what is not well: valletta status")


def _detail(response: httpx.Response) -> str:
    try:
        return f"{response.status_code}: {response.json()['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"status {response.status_code}"
