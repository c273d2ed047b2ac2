"""The account twin as a whole: its life, and a fresh one."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from sandbox.provision.outcome import ProvisionError

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Life:
    """One account from its making to its reset: `born` names it, `changes` counts what was done to it since."""

    born: str
    changes: int


class Account:
    """The account that answers at `endpoint` (`http://127.0.0.1:PORT`)."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._http = httpx.Client(base_url=self.endpoint, timeout=TIMEOUT_SECONDS, trust_env=False)

    def life(self) -> Life:
        """Which life the account is in. Raises ProvisionError when it does not answer."""
        return self._life(self._answer("GET", "/valletta/health"))

    def reset(self) -> Life:
        """Begin a fresh account; nothing of the old one is left."""
        return self._life(self._answer("POST", "/valletta/reset"))

    def _answer(self, method: str, path: str) -> httpx.Response:
        try:
            return self._http.request(method, path).raise_for_status()
        except httpx.HTTPError as error:
            raise ProvisionError(
                f"the account twin does not answer at {self.endpoint}: {error}", hint="make up"
            ) from error

    @staticmethod
    def _life(answer: httpx.Response) -> Life:
        health = answer.json()
        return Life(str(health["born"]), int(health["sequence"]))
