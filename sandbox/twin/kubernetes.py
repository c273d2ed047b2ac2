"""The Kubernetes half of the twin: Pulumi's resource operations on the objects of the account's cluster.

Where the account names the API of a control plane, the objects of its cluster live there and admission decides. Those
of any other cluster are validated against the API's schema and kept as declared state. Either way, a type and a
manifest that the API would not know are refused at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from sandbox.twin import manifests
from sandbox.twin.clients import Clients
from sandbox.twin.errors import TwinError, UnknownTypeError
from sandbox.twin.kubernetes_api import KubernetesApi
from sandbox.twin.kubernetes_declared import DeclaredObjects
from sandbox.twin.kubernetes_objects import as_live, equal, whole_numbers
from sandbox.twin.kubernetes_served import ServedObjects
from sandbox.twin.naming import dig
from sandbox.twin.outcomes import CheckFailure, Difference

_UNNAMED = "kubernetes"
"""What a cluster is called in the declared state where nobody named it."""


class Objects(Protocol):
    """Where the objects of a cluster are. `type_` is a checked type, a manifest has its name."""

    @property
    def observable(self) -> bool:
        """Whether an API serves them, so that evidence on them can be collected."""

    def rehearse(self, manifest: Mapping[str, Any], /) -> None:
        """Raises TwinError where the object would be refused."""

    def create(self, type_: str, manifest: Mapping[str, Any], /) -> dict[str, Any]:
        """Make an object; raises TwinError where it is refused, or there already."""

    def find(self, type_: str, id_: str, inputs: Mapping[str, Any], /) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The object, and what of it somebody declared, in the form of `inputs`; None where it is gone."""

    def update(self, type_: str, id_: str, manifest: Mapping[str, Any], /) -> dict[str, Any] | None:
        """Bring the object to what `manifest` says; None where it is gone."""

    def delete(self, type_: str, id_: str, state: Mapping[str, Any], /) -> None:
        """Delete it and wait for its end; gone already is no error."""


class KubernetesTwin:
    """Pulumi's resource operations on the objects of one cluster. Safe to use from several threads."""

    def __init__(self, endpoint: str, cluster: str | None = None) -> None:
        """Work on one cluster of the account served at `endpoint`: the one named, or that of the control plane."""
        self._cluster = cluster
        self._clients = Clients(endpoint, cluster or _UNNAMED)

    @cached_property
    def _objects(self) -> Objects:
        """One control plane serves one cluster; any other of the account, such as a copy's, is declared state."""
        kubeconfig = self._clients.kubeconfig()
        api = KubernetesApi(kubeconfig) if kubeconfig else None
        if api is None or self._cluster not in {None, api.cluster}:
            return DeclaredObjects(self._clients, self._cluster or _UNNAMED)
        return ServedObjects(api)

    def check(
        self, type_: str, urn: str, olds: Mapping[str, Any] | None, news: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[CheckFailure]]:
        """The manifest as it will be applied, its name and namespace made up; and what its schema refuses of it.

        :raises UnknownTypeError: the API has no such object.
        """
        api_version, kind = manifests.kind_of(type_)
        manifest: dict[str, Any] = {"apiVersion": api_version, "kind": kind, **whole_numbers(news)}
        metadata = dict(manifest.get("metadata") or {})
        if not metadata.get("name"):
            metadata["name"] = dig(olds or {}, "metadata.name") or _made_up_name(urn, metadata)
        if manifests.takes_a_namespace(api_version, kind):
            metadata.setdefault("namespace", "default")
        manifest["metadata"] = metadata
        if (manifest["apiVersion"], manifest["kind"]) != (api_version, kind):
            return manifest, [CheckFailure("kind", f"{manifest['apiVersion']} {manifest['kind']} is no {type_}")]
        return manifest, manifests.failures(manifest)

    def diff(self, type_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """What an update from the inputs `olds` to `news` would change."""
        manifests.kind_of(type_)
        changes = [name for name in {**news, **olds} if not equal(olds.get(name), news.get(name))]
        paths = manifests.unchangeable(news, olds)
        replaces = [name for name in changes if any(path.partition(".")[0] == name for path in paths)]
        same_name = manifests.identity(news) == manifests.identity(olds)
        return Difference(changes, replaces, bool(replaces) and same_name)

    def rehearse(self, type_: str, inputs: Mapping[str, Any]) -> None:
        """Raise TwinError, in the API's own words, where it would refuse the object now."""
        manifests.kind_of(type_)
        self._objects.rehearse(inputs)

    def create(
        self, type_: str, urn: str, inputs: Mapping[str, Any], *, timeout: float = 600
    ) -> tuple[str, dict[str, Any]]:
        """Make a new object; gives its id, `namespace/name`, and the object as the API has it.

        :param timeout: unused; nothing has to become ready, for no kubelet runs.
        """
        made = self._objects.create(type_, inputs)
        id_ = manifests.identity(made)
        return id_, {**made, "id": id_}

    def read(
        self, type_: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        """(id, inputs, outputs) rebuilt from the object as it is, or None where it is gone."""
        found = self._objects.find(type_, id_, inputs)
        if found is None:
            return None
        live, declared = found
        return id_, as_live(inputs, declared, state), {**live, "id": id_}

    def update(self, type_: str, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the object from the inputs `olds` to `news`; gives the object."""
        updated = self._objects.update(type_, id_, news)
        if updated is None:
            raise TwinError(f"{type_} {id_!r} is gone; refresh, and it will be made again")
        return {**updated, "id": id_}

    def delete(self, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Delete the object and wait for its end; one that is gone already is no error."""
        self._objects.delete(type_, id_, state)

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The twin answers no function of the provider.

        :raises UnknownTypeError: always.
        """
        raise UnknownTypeError(f"the twin does not know the function {token!r}")

    def observable(self, type_: str) -> bool:
        """Whether evidence on objects of this type can be collected here: whether an API serves them."""
        manifests.kind_of(type_)
        return self._objects.observable


def _made_up_name(urn: str, metadata: Mapping[str, Any]) -> str:
    """As Pulumi does: the logical name, a hyphen and eight random hexadecimal digits."""
    stem = str(metadata.get("generateName") or f"{urn.rpartition('::')[2]}-")
    return f"{stem[:245]}{secrets.token_hex(4)}"
