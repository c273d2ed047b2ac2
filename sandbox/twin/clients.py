"""Clients of the account twin: boto3 for what moto has, HTTP for the declared state beside it."""

from __future__ import annotations

import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import boto3
import httpx
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from sandbox.twin.values import Value

ACCESS_KEY = "VALLETTATWIN"
"""Not a secret: the twin asks for no authentication, and AWS's clients cannot go without."""

USER_AGENT = "valletta-twin"
"""Fixed: what botocore would say of this machine anew with each request takes a tenth of the request's time."""


class Clients:
    """The boto3 clients of one endpoint, made when first asked for. Safe to share between threads."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint, self.region = endpoint.rstrip("/"), region
        self._session = boto3.session.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY)
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self._http = httpx.Client(base_url=self.endpoint, timeout=60, trust_env=False)

    def client(self, service: str, region: str | None = None) -> Value:
        """The client of a service in a region (the endpoint's own unless named)."""
        key = (service, region or self.region)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._new(*key)
            return self._made[key]

    def account(self) -> str:
        """The account's twelve digits."""
        return str(self._health()["account"])

    def kubeconfig(self) -> Path | None:
        """The administrator's access to the Kubernetes API of the account's cluster; None where no such API runs."""
        named = self._health().get("kubernetes")
        return Path(named) if named else None

    def declared(self, region: str, kind: str, identity: str) -> dict[str, Any] | None:
        """The declared state of one object, or None."""
        answer = self._http.get(_declared_path(region, kind, identity))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def declare(self, region: str, kind: str, identity: str, state: dict[str, Any]) -> None:
        """Keep the declared state of one object."""
        self._http.put(_declared_path(region, kind, identity), json=state).raise_for_status()

    def undeclare(self, region: str, kind: str, identity: str) -> None:
        """Forget the declared state of one object, if there is any."""
        answer = self._http.delete(_declared_path(region, kind, identity))
        if answer.status_code != HTTPStatus.NOT_FOUND:
            answer.raise_for_status()

    def _health(self) -> dict[str, Any]:
        health: dict[str, Any] = self._http.get("/valletta/health").raise_for_status().json()
        return health

    def _new(self, service: str, region: str) -> Value:
        config = Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": 1},
            max_pool_connections=32,
            proxies={},
            user_agent=USER_AGENT,
        )
        make: Any = self._session.client  # its overloads name every service
        client = make(service, region_name=region, endpoint_url=self.endpoint, config=config)
        if service == "s3control":
            client.meta.events.register("before-sign.s3-control", self._without_account_host)
        return client

    def _without_account_host(self, request: AWSRequest, **_: Value) -> None:
        """S3 Control puts the account before the host, and `<account>.127.0.0.1` is nowhere."""
        request.url = urlunsplit(urlsplit(str(request.url))._replace(netloc=urlsplit(self.endpoint).netloc))


def _declared_path(region: str, kind: str, identity: str) -> str:
    return "/".join(["/valletta/declared", *(quote(part, safe="") for part in (region, kind, identity))])
