"""Asks the Kubernetes API, read only: whole lists of objects, never a Secret."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from policies.account import NotObservable, Unanswered
from policies.evidence.reaching import Cluster, Unreachable, of_account
from policies.evidence.target import AccountTarget

_COLLECTION: Final = re.compile(r"/(?:api/v1|apis/[a-z0-9.-]+/v[0-9][a-z0-9]*)/([a-z]+)")
_UNTOUCHED: Final = frozenset({"secrets"})
"""What is never read: a list of Secrets is a list of passwords, which evidence would keep."""

_PAGE: Final = 500
_TRIES: Final = 3
_LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
_LONGEST_WAIT_S: Final = 5.0
_TIMEOUT: Final = httpx.Timeout(30, connect=5)

LISTING: Final = "kubernetes:List"
"""The one question, as a target names what cannot be observed in it."""

WAY_OUT: Final = (
    "an endpoint that is private answers within its network only; run there, or name a way in by --kubeconfig"
)


class ClusterReader:
    """The cluster of an account, asked for lists. Nothing is kept between two questions but how to reach it."""

    def __init__(self, target: AccountTarget) -> None:
        self._target = target

    def list(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The whole list at `parameters["path"]`, over all namespaces and pages, as one answer of the API.

        Raises:
            ValueError: the question is none for a list, or for Secrets; nothing was sent.
            Unanswered: denied, failed, or not reached.
            NotObservable: the account is a twin whose cluster is declared state only.
        """
        path = str(parameters.get("path", ""))
        found = _COLLECTION.fullmatch(path)
        if operation != "list" or set(parameters) != {"path"} or found is None:
            raise ValueError(f"kubernetes {operation} {path}: evidence lists whole collections, and nothing else")
        if found[1] in _UNTOUCHED:
            raise ValueError(f"kubernetes {operation} {path}: evidence never reads {found[1]}")
        call = f"{LISTING} {path}"
        if LISTING in self._target.unobservable.operations:
            raise NotObservable("the cluster is left out of this run")
        try:
            cluster = self._target.cluster or self._of_account()
            with httpx.Client(
                base_url=cluster.server, verify=cluster.trust, timeout=_TIMEOUT, trust_env=False
            ) as client:
                return _whole(client, cluster, path, call)
        except Unreachable as refusal:
            raise Unanswered(call, "ClusterUnreachable", f"the cluster does not answer: {refusal}; {WAY_OUT}") from None
        except httpx.HTTPError as error:
            told = f"the cluster does not answer: {type(error).__name__}: {error}; {WAY_OUT}"
            raise Unanswered(call, "ClusterUnreachable", told) from None

    def _of_account(self) -> Cluster:
        if self._target.endpoint_url:
            raise NotObservable("the twin keeps its cluster as declared state only, and no Kubernetes API serves it")
        return of_account(self._target.session, self._target.region)


def _whole(client: httpx.Client, cluster: Cluster, path: str, call: str) -> dict[str, Any]:
    """All pages as one list. Where the API has forgotten the list (410), it is read again from its beginning."""
    for _ in range(_TRIES):
        items: list[Any] = []
        page: dict[str, Any] = {"metadata": {}}
        following = ""
        while True:
            answer = _page(client, cluster, path, following)
            if answer.status_code == HTTPStatus.GONE:
                break
            page = _read(answer, call)
            items += page["items"] or []
            following = str(page.get("metadata", {}).get("continue") or "")
            if not following:
                kept = {key: value for key, value in page["metadata"].items() if key == "resourceVersion"}
                return {**page, "metadata": kept, "items": items}
    raise Unanswered(call, "Expired", f"the API forgot the list {_TRIES} times before all of it was read")


def _page(client: httpx.Client, cluster: Cluster, path: str, following: str) -> httpx.Response:
    parameters = {"limit": str(_PAGE), **({"continue": following} if following else {})}
    for tried in range(1, _TRIES + 1):
        headers = {"Accept": "application/json", **cluster.headers()}
        answer = client.get(path, params=parameters, headers=headers)
        if answer.status_code not in _LATER or tried == _TRIES:
            return answer
        time.sleep(min(_seconds(answer.headers.get("Retry-After")), _LONGEST_WAIT_S))
    raise AssertionError("unreachable")


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 1.0


def _read(answer: httpx.Response, call: str) -> dict[str, Any]:
    """A page of a list.

    Raises:
        Unanswered: the API refused, in its own words; or what answers is no Kubernetes API.
    """
    try:
        body = answer.json()
    except ValueError:
        body = None
    told = body if isinstance(body, dict) else {}
    if not answer.is_success:
        reason = str(told.get("reason") or f"HTTP{answer.status_code}")
        raise Unanswered(call, reason, str(told.get("message") or answer.text[:200]))
    if not (str(told.get("kind", "")).endswith("List") and isinstance(told.get("items") or [], list)):
        raise Unanswered(call, "NoList", f"{answer.url.host} answers what is no list of Kubernetes")
    return {**told, "metadata": told.get("metadata") or {}, "items": told.get("items") or []}
