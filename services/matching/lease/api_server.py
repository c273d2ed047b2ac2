"""A lease as an object of Kubernetes: coordination.k8s.io/v1 Lease, over the API server's REST interface.

Plain REST, for the official client's election judges by the wall clock, releases nothing when it ends, and blocks its
thread. What the service account must be allowed: get, patch and watch on the lease by its name; and, unless whoever
deploys the shard has made the lease, to create leases (which cannot be granted by name).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import BaseModel, Field, ValidationError

from services.matching.lease.store import LeaseConflictError, LeaseRecord, LeaseUnavailableError

_API: Final = "coordination.k8s.io/v1"
_MANAGER: Final = {"fieldManager": "valletta-matching"}
_MERGE: Final = "application/merge-patch+json"
_REQUEST_S: Final = 3.0
_TOKEN: Final = "token"  # noqa: S105 (the name of a file)
_CA: Final = "ca.crt"


class CredentialsError(Exception):
    """The token or the CA's certificate that a pod needs for the API server is absent or cannot be read."""


class ApiServerStore:
    """The record as a Lease object.

    Args:
        client: speaks to the API server; its base URL is the server's.
        token: the file of the pod's token. It is read anew for every request, for the kubelet replaces it.
        namespace: where the object is.
        name: of the object.
    """

    def __init__(self, client: httpx.AsyncClient, token: Path, namespace: str, name: str) -> None:
        self._client = client
        self._token = token
        self._name = name
        self._leases = f"/apis/{_API}/namespaces/{namespace}/leases"
        self._lease = f"{self._leases}/{name}"

    async def read(self) -> LeaseRecord | None:
        """GET the object."""
        answer = await self._ask("GET", self._lease, also=httpx.codes.NOT_FOUND)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _record(answer)

    async def write(self, record: LeaseRecord, *, taken: bool) -> LeaseRecord:
        """POST it where it is absent, else PATCH it, with the version as the patch's precondition."""
        spec = _spec(record, taken=taken)
        if record.version:
            patch = {"metadata": {"resourceVersion": record.version}, "spec": spec}
            answer = await self._ask("PATCH", self._lease, patch, _MERGE, also=httpx.codes.CONFLICT)
        else:
            new = {"apiVersion": _API, "kind": "Lease", "metadata": {"name": self._name}, "spec": spec}
            answer = await self._ask("POST", self._leases, new, also=httpx.codes.CONFLICT)
        if answer.status_code == httpx.codes.CONFLICT:
            raise LeaseConflictError(f"the lease {self._name} was written by somebody else")
        return _record(answer)

    async def changed(self, record: LeaseRecord | None, within_s: float) -> None:
        """Watch the object from that version on; where that cannot be done, the time passes."""
        try:
            async with asyncio.timeout(within_s):
                if record is None or not await self._watched(record.version, within_s):
                    await asyncio.sleep(within_s)
        except TimeoutError:
            return

    async def _watched(self, version: str, within_s: float) -> bool:
        """Whether there was an event after that version; False where the server tells none."""
        parameters = {
            "watch": "true",
            "fieldSelector": f"metadata.name={self._name}",
            "resourceVersion": version,
            "timeoutSeconds": str(int(within_s) + 1),
        }
        try:
            watching = self._client.stream("GET", self._leases, params=parameters, headers=self._headers())
            async with watching as answer:
                async for line in answer.aiter_lines():
                    return answer.is_success and json.loads(line).get("type") != "ERROR"
        except (httpx.HTTPError, OSError, ValueError):
            return False
        return False

    async def _ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, kind: str = "application/json", *, also: int
    ) -> httpx.Response:
        """Ask once; an answer that is neither a success nor `also` is LeaseUnavailableError."""
        try:
            async with asyncio.timeout(_REQUEST_S):
                answer = await self._client.request(
                    method,
                    path,
                    content=json.dumps(body).encode() if body else None,
                    params=_MANAGER if body else None,
                    headers=self._headers() | ({"Content-Type": kind} if body else {}),
                )
        except (httpx.HTTPError, OSError) as error:  # TimeoutError is an OSError
            raise LeaseUnavailableError(f"{method} {path}: {type(error).__name__} {error}".strip()) from error
        if not answer.is_success and answer.status_code != also:
            raise LeaseUnavailableError(f"{method} {path}: {answer.status_code} {_reason(answer)}")
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.read_text().strip()}"}


@asynccontextmanager
async def api_server_store(server: str, credentials: Path, namespace: str, name: str) -> AsyncIterator[ApiServerStore]:
    """A store at the API server `server`, whose connections end with the block.

    Args:
        server: its URL.
        credentials: the folder that Kubernetes mounts, with `token` and `ca.crt`.
        namespace: of the lease.
        name: of the lease.

    Raises:
        CredentialsError: as it says.
    """
    try:
        (credentials / _TOKEN).read_bytes()
        trusted = ssl.create_default_context(cafile=str(credentials / _CA))
    except OSError as error:  # an SSLError is one
        raise CredentialsError(f"{credentials} must hold `{_TOKEN}` and `{_CA}` (PEM): {error}") from error
    async with httpx.AsyncClient(base_url=server, verify=trusted, timeout=_REQUEST_S, trust_env=False) as client:
        yield ApiServerStore(client, credentials / _TOKEN, namespace, name)


class _Metadata(BaseModel):
    version: str = Field(alias="resourceVersion")


class _Spec(BaseModel):
    holder: str | None = Field(default=None, alias="holderIdentity")
    duration_s: int | None = Field(default=None, alias="leaseDurationSeconds")
    transitions: int | None = Field(default=None, alias="leaseTransitions")


class _Lease(BaseModel):
    metadata: _Metadata
    spec: _Spec = Field(default_factory=_Spec)


def _record(answer: httpx.Response) -> LeaseRecord:
    try:
        lease = _Lease.model_validate_json(answer.content)
    except ValidationError as error:
        raise LeaseUnavailableError(f"the API server's answer is no Lease: {error.error_count()} errors") from error
    spec = lease.spec
    return LeaseRecord(spec.holder or "", spec.duration_s or 0, spec.transitions or 0, lease.metadata.version)


def _spec(record: LeaseRecord, *, taken: bool) -> dict[str, Any]:
    """The times are for people to read: no node judges by them."""
    now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    spec: dict[str, Any] = {
        "holderIdentity": record.holder or None,
        "leaseDurationSeconds": record.duration_s,
        "leaseTransitions": record.transitions,
        "renewTime": now,
    }
    return spec | ({"acquireTime": now} if taken else {})


def _reason(answer: httpx.Response) -> str:
    """What the API server says, cut short; its messages name the account and what it may not, and no secret."""
    try:
        return str(answer.json()["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase
