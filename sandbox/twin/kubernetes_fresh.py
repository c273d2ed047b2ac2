"""A cluster made empty: what Pulumi made in it goes, and every namespace that is not the cluster's own."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sandbox.twin.kubernetes_api import MANAGER, ApiError, KubernetesApi, Reference
from sandbox.twin.kubernetes_objects import managers

_OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
_ADMISSION = "admissionregistration.k8s.io"
_POLL_S = 0.1


def empty(api: KubernetesApi, *, within_s: float = 120.0) -> None:
    """Delete everything that is not the cluster's own, and wait until it is gone.

    Admission policies go first, for they may forbid the rest; and still do so for a moment after they are gone.

    :raises ApiError: something is still there after `within_s` seconds; with what the API said of it.
    """
    deadline, refused = time.monotonic() + within_s, ""
    while doomed := list(_strangers(api)):
        if time.monotonic() > deadline:
            left = ", ".join(f"{each.kind} {each.name}" for each in doomed[:5])
            raise ApiError(f"the cluster could not be emptied within {within_s:.0f} s: {left} {refused}".strip())
        for each in doomed:
            try:
                api.ask_to_go(each, "Background")
            except ApiError as error:
                refused = f"({error})"
        time.sleep(_POLL_S)


def _strangers(api: KubernetesApi) -> Iterator[Reference]:
    """What is to go: namespaces as wholes, and beside them what bears Pulumi's name as a manager of its fields."""
    for version in sorted(api.versions(), key=lambda version: not version.startswith(_ADMISSION)):
        for served in api.kinds(version):
            for each in api.every(version, served.kind) if "delete" in served.verbs else ():
                found = Reference(version, served.kind, each["metadata"].get("namespace"), each["metadata"]["name"])
                if found.kind == "Namespace" and version == "v1":
                    wanted = found.name not in _OWN_NAMESPACES
                else:
                    wanted = found.namespace in {None, *_OWN_NAMESPACES} and MANAGER in managers(each)
                if wanted:
                    yield found
