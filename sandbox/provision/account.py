"""The account twin as a whole, with the objects of its cluster: its life, and a fresh one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.provision.outcome import ProvisionError
from sandbox.twin.errors import TwinError
from sandbox.twin.kubernetes_api import KubernetesApi
from sandbox.twin.kubernetes_fresh import empty

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Life:
    """One account from its making to its reset: `born` names it, `changes` counts what was done to it since.

    `cluster` names the control plane where the account's Kubernetes objects are; empty where they are declared state.
    """

    born: str
    changes: int
    cluster: str = ""


class Account:
    """The account that answers at `endpoint` (`http://127.0.0.1:PORT`)."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._http = httpx.Client(base_url=self.endpoint, timeout=TIMEOUT_SECONDS, trust_env=False)

    def life(self) -> Life:
        """Which life the account is in. Raises ProvisionError when it does not answer."""
        return self._life(self._answer("GET", "/valletta/health"))

    def reset(self) -> Life:
        """Begin a fresh account and empty its cluster; nothing of the old one is left."""
        answer = self._answer("POST", "/valletta/reset")
        if kubernetes := _kubernetes(answer):
            with _told():
                empty(kubernetes)
        return self._life(answer)

    def _answer(self, method: str, path: str) -> httpx.Response:
        try:
            return self._http.request(method, path).raise_for_status()
        except httpx.HTTPError as error:
            raise ProvisionError(
                f"the account twin does not answer at {self.endpoint}: {error}", hint="make up"
            ) from error

    @staticmethod
    def _life(answer: httpx.Response) -> Life:
        health, kubernetes = answer.json(), _kubernetes(answer)
        with _told():
            return Life(str(health["born"]), int(health["sequence"]), kubernetes.identity() if kubernetes else "")


def _kubernetes(answer: httpx.Response) -> KubernetesApi | None:
    kubeconfig = answer.json()["kubernetes"]
    return KubernetesApi(Path(kubeconfig)) if kubeconfig else None


@contextmanager
def _told() -> Iterator[None]:
    """The cluster's refusals as provisioning tells its own."""
    try:
        yield
    except TwinError as error:
        raise ProvisionError(str(error), hint="make up") from error
