"""Kubernetes objects as declared state, kept with the account where no control plane runs: nothing judges them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.twin.clients import Clients
from sandbox.twin.errors import TwinError
from sandbox.twin.kubernetes_objects import ASSIGNED, equal, without_assigned
from sandbox.twin.manifests import identity
from sandbox.twin.naming import dig
from sandbox.twin.values import Value

_BUILT_IN = ("default", "kube-node-lease", "kube-public", "kube-system")


class DeclaredObjects:
    """The objects of one cluster, kept in the account."""

    observable = False

    def __init__(self, clients: Clients, cluster: str) -> None:
        self._clients, self._cluster = clients, cluster

    def rehearse(self, manifest: Mapping[str, Any]) -> None:
        """Nothing judges an object beyond its schema, which `check` does."""

    def create(self, type_: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new object; gives it with what the API would assign."""
        id_ = identity(manifest)
        namespace = dig(manifest, "metadata.namespace")
        if namespace and namespace not in _BUILT_IN and self._kept("kubernetes:core/v1:Namespace", namespace) is None:
            raise TwinError(f"namespaces {namespace!r} not found")
        if self._kept(type_, id_) is not None:
            raise TwinError(f"{manifest['kind']} {id_!r} already exists")
        born = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assigned = {"uid": str(uuid.uuid4()), "creationTimestamp": born, "generation": 1, "resourceVersion": "1"}
        return self._keep(type_, id_, manifest, assigned)

    def find(self, type_: str, id_: str, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The object, and what of it was declared; None where it is gone."""
        kept = self._kept(type_, id_)
        return None if kept is None else (kept, without_assigned(kept))

    def update(self, type_: str, id_: str, manifest: Mapping[str, Any]) -> dict[str, Any] | None:
        """The object as `manifest` says from now on; None where it is gone."""
        kept = self._kept(type_, id_)
        if kept is None:
            return None
        assigned = {name: kept["metadata"][name] for name in ASSIGNED if name in kept["metadata"]}
        if not equal(kept.get("spec"), manifest.get("spec")):
            assigned["generation"] = int(assigned.get("generation", 1)) + 1
        assigned["resourceVersion"] = str(int(assigned.get("resourceVersion", "1")) + 1)
        return self._keep(type_, id_, manifest, assigned)

    def delete(self, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Forget the object; one that is gone already is no error."""
        self._clients.undeclare(self._cluster, type_, id_)

    def _kept(self, type_: str, id_: str) -> dict[str, Any] | None:
        return self._clients.declared(self._cluster, type_, id_)

    def _keep(self, type_: str, id_: str, manifest: Mapping[str, Any], assigned: Mapping[str, Value]) -> dict[str, Any]:
        kept = {**manifest, "metadata": {**manifest["metadata"], **assigned}}
        self._clients.declare(self._cluster, type_, id_, kept)
        return kept
