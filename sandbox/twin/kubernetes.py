"""The Kubernetes half of the twin: objects validated against the API's schema and kept as declared state.

Nothing runs them and no admission policy sees them; a type and a manifest that the API would not know are refused all
the same.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.twin import manifests
from sandbox.twin.clients import Clients
from sandbox.twin.errors import TwinError, UnknownTypeError
from sandbox.twin.naming import dig
from sandbox.twin.outcomes import CheckFailure, Difference
from sandbox.twin.sameness import rebuilt, same
from sandbox.twin.values import Value

_BUILT_IN = ("default", "kube-node-lease", "kube-public", "kube-system")
_ASSIGNED = ("uid", "creationTimestamp", "generation", "resourceVersion")
"""The metadata that the API assigns."""


class KubernetesTwin:
    """Pulumi's resource operations on the objects of one cluster. Safe to use from several threads."""

    def __init__(self, endpoint: str, cluster: str = "kubernetes") -> None:
        """Keep the objects of the cluster named `cluster` in the account served at `endpoint`."""
        self._clients, self._cluster = Clients(endpoint, cluster), cluster

    def check(
        self, type_: str, urn: str, olds: Mapping[str, Any] | None, news: Mapping[str, Any]
    ) -> tuple[dict[str, Any], list[CheckFailure]]:
        """The manifest as it will be kept, its name and namespace made up; and what the API would refuse of it.

        :raises UnknownTypeError: the API has no such object.
        """
        api_version, kind = manifests.kind_of(type_)
        manifest: dict[str, Any] = {"apiVersion": api_version, "kind": kind, **_whole_numbers(news)}
        metadata = dict(manifest.get("metadata") or {})
        if not metadata.get("name"):
            metadata["name"] = dig(olds or {}, "metadata.name") or _made_up_name(urn, metadata)
        if kind not in manifests.CLUSTER_WIDE:
            metadata.setdefault("namespace", "default")
        manifest["metadata"] = metadata
        if (manifest["apiVersion"], manifest["kind"]) != (api_version, kind):
            return manifest, [CheckFailure("kind", f"{manifest['apiVersion']} {manifest['kind']} is no {type_}")]
        return manifest, manifests.failures(manifest)

    def diff(self, type_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """What an update from the inputs `olds` to `news` would change."""
        manifests.kind_of(type_)
        changes = [name for name in {**news, **olds} if not same(olds.get(name), news.get(name))]
        paths = manifests.unchangeable(news, olds)
        replaces = [name for name in changes if any(path.partition(".")[0] == name for path in paths)]
        return Difference(changes, replaces, bool(replaces) and _identity(news) == _identity(olds))

    def create(
        self, type_: str, urn: str, inputs: Mapping[str, Any], *, timeout: float = 600
    ) -> tuple[str, dict[str, Any]]:
        """Keep a new object; gives its id, `namespace/name`, and the object with what the API assigns.

        :param timeout: unused; nothing has to become ready.
        """
        id_ = _identity(inputs)
        namespace = dig(inputs, "metadata.namespace")
        if namespace and namespace not in _BUILT_IN and self._stored("kubernetes:core/v1:Namespace", namespace) is None:
            raise TwinError(f"{urn}: namespaces {namespace!r} not found")
        if self._stored(type_, id_) is not None:
            raise TwinError(f"{urn}: {inputs['kind']} {id_!r} already exists")
        born = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assigned = {"uid": str(uuid.uuid4()), "creationTimestamp": born, "generation": 1, "resourceVersion": "1"}
        return id_, self._keep(type_, id_, inputs, assigned)

    def read(
        self, type_: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        """(id, inputs, outputs) rebuilt from what is kept, or None where it is gone."""
        kept = self._stored(type_, id_)
        if kept is None:
            return None
        now = rebuilt(inputs, _without_assigned(kept), _without_assigned(state))
        return id_, now, {**kept, "id": id_}

    def update(self, type_: str, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the object from the inputs `olds` to `news`; gives the object."""
        kept = self._stored(type_, id_)
        if kept is None:
            raise TwinError(f"{type_} {id_!r} is gone; refresh, and it will be made again")
        assigned = {name: kept["metadata"][name] for name in _ASSIGNED if name in kept["metadata"]}
        if not same(olds.get("spec"), news.get("spec")):
            assigned["generation"] = int(assigned.get("generation", 1)) + 1
        assigned["resourceVersion"] = str(int(assigned.get("resourceVersion", "1")) + 1)
        return self._keep(type_, id_, news, assigned)

    def delete(self, type_: str, id_: str, state: Mapping[str, Any]) -> None:
        """Forget the object; one that is gone already is no error."""
        self._clients.undeclare(self._cluster, type_, id_)

    def invoke(self, token: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The twin answers no function of the provider.

        :raises UnknownTypeError: always.
        """
        raise UnknownTypeError(f"the twin does not know the function {token!r}")

    def preview_outputs(self, type_: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of the object before it is made: what it was given."""
        manifests.kind_of(type_)
        return dict(inputs)

    def observable(self, type_: str) -> bool:
        """Whether evidence on objects of this type can be collected here: no API serves them."""
        manifests.kind_of(type_)
        return False

    def unobservable_properties(self, type_: str) -> tuple[str, ...]:
        """The inputs that nothing shows: none beside the whole type."""
        manifests.kind_of(type_)
        return ()

    def _stored(self, type_: str, id_: str) -> dict[str, Any] | None:
        return self._clients.declared(self._cluster, type_, id_)

    def _keep(self, type_: str, id_: str, inputs: Mapping[str, Any], assigned: Mapping[str, Value]) -> dict[str, Any]:
        kept = {**inputs, "metadata": {**inputs["metadata"], **assigned}}
        self._clients.declare(self._cluster, type_, id_, kept)
        return {**kept, "id": id_}


def _identity(manifest: Mapping[str, Any]) -> str:
    namespace, name = dig(manifest, "metadata.namespace"), dig(manifest, "metadata.name")
    return f"{namespace}/{name}" if namespace else str(name)


def _without_assigned(manifest: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key not in _ASSIGNED}
    return {**{key: value for key, value in manifest.items() if key != "id"}, "metadata": metadata}


def _made_up_name(urn: str, metadata: Mapping[str, Any]) -> str:
    """As Pulumi does: the logical name, a hyphen and eight random hexadecimal digits."""
    stem = str(metadata.get("generateName") or f"{urn.rpartition('::')[2]}-")
    return f"{stem[:245]}{secrets.token_hex(4)}"


def _whole_numbers(value: Value) -> Value:
    """Pulumi's wire knows only floating point; the API's fields are integers."""
    if isinstance(value, Mapping):
        return {key: _whole_numbers(element) for key, element in value.items() if element is not None}
    if isinstance(value, list):
        return [_whole_numbers(element) for element in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
