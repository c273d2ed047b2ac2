"""A client of the Kubernetes API: server-side apply, reading, deleting, and what kinds there are.

Written on httpx: an apply is one PATCH, and the twin needs four verbs of the API and none of its types.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal, Self

import httpx

from sandbox.twin.errors import TwinError, UnknownTypeError

MANAGER = "pulumi"
"""Who applies: the field manager of everything that the program gives."""

Propagation = Literal["Foreground", "Background", "Orphan"]
_APPLY = "application/apply-patch+yaml"
_TIMEOUT_S = 60.0
_POLL_S = 0.05


class ApiError(TwinError):
    """The API refused, in its own words; or it does not answer (status 0)."""

    def __init__(self, message: str, status: int = 0, reason: str = "") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Reference:
    """What names an object: its kind, its namespace (None for a cluster-wide one) and its name."""

    api_version: str
    kind: str
    namespace: str | None
    name: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Self:
        """The reference of a manifest."""
        metadata = manifest["metadata"]
        return cls(manifest["apiVersion"], manifest["kind"], metadata.get("namespace"), metadata["name"])


@dataclass(frozen=True)
class Served:
    """A kind as the API serves it: its collection, whether its objects live in namespaces, and what it can do."""

    kind: str
    verbs: tuple[str, ...]
    root: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None, name: str = "") -> str:
        """The path of an object, or of a collection."""
        within = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{self.root}{within}/{self.plural}" + (f"/{name}" if name else "")


class KubernetesApi:
    """The API that a kubeconfig with a client certificate names, or the same as somebody else. Safe between threads."""

    def __init__(self, kubeconfig: Path, *, token: str | None = None) -> None:
        """Speak with the certificate that `kubeconfig` names; with `token` instead, where one is given.

        :raises TwinError: the file is no kubeconfig as the sandbox writes it.
        """
        self.kubeconfig = kubeconfig
        self.cluster, self._server, context = _access(kubeconfig, certificate=token is None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limits = httpx.Limits(max_connections=32)
        self._http = httpx.Client(
            base_url=self._server, verify=context, headers=headers, timeout=_TIMEOUT_S, trust_env=False, limits=limits
        )
        self._kinds: dict[tuple[str, str], Served] = {}
        self._lock = threading.Lock()

    def as_bearer(self, token: str) -> KubernetesApi:
        """The same API, spoken to with a token."""
        return KubernetesApi(self.kubeconfig, token=token)

    def ready(self) -> bool:
        """Whether the API says that it is."""
        try:
            return self._http.get("/readyz", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def identity(self) -> str:
        """What names this cluster and no other: the uid of its system's namespace."""
        found = self.find(Reference("v1", "Namespace", None, "kube-system"))
        return str(found["metadata"]["uid"]) if found else ""

    def versions(self) -> list[str]:
        """The version of each group that the API prefers, the core's first."""
        return ["v1", *(group["preferredVersion"]["groupVersion"] for group in self.ask("GET", "/apis")["groups"])]

    def kinds(self, api_version: str) -> list[Served]:
        """The kinds of a group's version whose objects can be listed."""
        return [served for served in self._discover(api_version).values() if "list" in served.verbs]

    def kind(self, api_version: str, kind: str) -> Served:
        """How a kind is served.

        :raises UnknownTypeError: the API has no such kind.
        """
        with self._lock:
            if (api_version, kind) not in self._kinds:  # a definition may have come since
                self._kinds.update(self._discover(api_version))
            found = self._kinds.get((api_version, kind))
        if found is None:
            raise UnknownTypeError(f"the Kubernetes API at {self._server} has no {api_version} {kind}")
        return found

    def apply(
        self, manifest: Mapping[str, Any], *, force: bool = False, dry_run: bool = False, manager: str = MANAGER
    ) -> dict[str, Any]:
        """Server-side apply, with strict validation of fields; gives the object as it then is.

        :param force: take over fields that another manager holds, instead of a conflict.
        :param dry_run: only say what would be.
        :raises ApiError: the API refused.
        :raises UnknownTypeError: the API has no such kind.
        """
        path = self.path(Reference.of(manifest))
        parameters = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Strict"}
        if dry_run:
            parameters["dryRun"] = "All"
        return self.ask("PATCH", path, params=parameters, content=json.dumps(manifest), kind=_APPLY)

    def apply_text(self, collection: str, name: str, text: bytes, *, manager: str) -> dict[str, Any]:
        """Server-side apply of a manifest in YAML, by force."""
        parameters = {"fieldManager": manager, "force": "true", "fieldValidation": "Strict"}
        return self.ask("PATCH", f"{collection}/{name}", params=parameters, content=text, kind=_APPLY)

    def find(self, wanted: Reference) -> dict[str, Any] | None:
        """An object, or None where there is none, or no such kind."""
        try:
            return self.ask("GET", self.path(wanted))
        except UnknownTypeError:
            return None
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def every(self, api_version: str, kind: str, namespace: str | None = None) -> list[dict[str, Any]]:
        """The objects of a kind, in one namespace or in all."""
        items: list[dict[str, Any]] = self.ask("GET", self.kind(api_version, kind).path(namespace))["items"]
        return items

    def replace(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Put a whole object in the place of the one with the same resourceVersion."""
        parameters = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        return self.ask("PUT", self.path(Reference.of(manifest)), params=parameters, content=json.dumps(manifest))

    def delete(self, doomed: Reference, *, propagation: Propagation = "Foreground", within_s: float = 300.0) -> None:
        """Delete an object and wait until it, and with `Foreground` what it owns, is gone. Gone already is no error.

        :raises ApiError: the API refused, or it is still there after `within_s` seconds; with what holds it.
        """
        uid = self.ask_to_go(doomed, propagation)
        deadline = time.monotonic() + within_s
        while uid and (left := self.find(doomed)) is not None and left["metadata"]["uid"] == uid:
            if time.monotonic() > deadline:
                raise ApiError(f"{doomed.kind} {doomed.name!r} is still there after {within_s:.0f} s: {_held_by(left)}")
            time.sleep(_POLL_S)

    def ask_to_go(self, doomed: Reference, propagation: Propagation = "Foreground") -> str:
        """Delete an object without waiting; gives its uid, or nothing where it was gone already.

        :raises ApiError: the API refused.
        """
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        try:
            answer = self.ask("DELETE", self.path(doomed), content=json.dumps(options))
        except UnknownTypeError:
            return ""
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return ""
            raise
        return str((answer.get("metadata") or {}).get("uid") or (answer.get("details") or {}).get("uid") or "")

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: str | bytes | None = None,
        kind: str = "application/json",
    ) -> dict[str, Any]:
        """One request, its answer as JSON.

        :raises ApiError: the API refused, in its own words, or does not answer.
        """
        headers = {"Content-Type": kind} if content is not None else {}
        request = self._http.build_request(method, path, params=params, content=content, headers=headers)
        answer = self._send(request)
        deadline = time.monotonic() + _TIMEOUT_S
        while answer.status_code == HTTPStatus.TOO_MANY_REQUESTS and time.monotonic() < deadline:
            time.sleep(float(answer.headers.get("Retry-After", "1")))  # its caches fill, or others ask too much
            answer = self._send(request)
        if answer.is_success:
            found: dict[str, Any] = answer.json()
            return found
        raise _refusal(answer)

    def _send(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except httpx.HTTPError as error:
            raise ApiError(f"the Kubernetes API at {self._server} does not answer: {error}") from error

    def path(self, wanted: Reference) -> str:
        """Where an object is; one of a kind that lives in namespaces is in `default` unless it names another.

        :raises UnknownTypeError: the API has no such kind.
        """
        return self.kind(wanted.api_version, wanted.kind).path(wanted.namespace or "default", wanted.name)

    def _discover(self, api_version: str) -> dict[tuple[str, str], Served]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            listed = self.ask("GET", root)["resources"]
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return {}
            raise
        return {
            (api_version, each["kind"]): Served(
                each["kind"], tuple(each["verbs"]), root, each["name"], each["namespaced"]
            )
            for each in listed
            if "/" not in each["name"]  # a subresource
        }


def _access(kubeconfig: Path, *, certificate: bool) -> tuple[str, str, ssl.SSLContext]:
    """The cluster's name, its server's address, and what both sides of the connection show."""
    try:
        document = json.loads(kubeconfig.read_text(encoding="utf-8"))
        (named,), user = document["clusters"], document["users"][0]["user"]
        cluster = named["cluster"]
        context = ssl.create_default_context(cafile=cluster["certificate-authority"])
        if certificate:
            context.load_cert_chain(user["client-certificate"], user["client-key"])
        return str(named["name"]), str(cluster["server"]), context
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise TwinError(f"{kubeconfig} is no kubeconfig with files for its credentials: {error}") from error


def _refusal(answer: httpx.Response) -> ApiError:
    """The API's own words: a Status object's message."""
    try:
        status = answer.json()
        return ApiError(str(status["message"]), answer.status_code, str(status.get("reason", "")))
    except (ValueError, KeyError):
        return ApiError(f"HTTP {answer.status_code}: {answer.text[:300]}", answer.status_code)


def _held_by(left: Mapping[str, Any]) -> str:
    """What keeps an object that was asked to go."""
    finalizers = [*left["metadata"].get("finalizers", []), *(left.get("spec") or {}).get("finalizers", [])]
    conditions = [each["message"] for each in (left.get("status") or {}).get("conditions", []) if each.get("message")]
    return "; ".join([f"finalizers {', '.join(finalizers) or 'none'}", *conditions])
