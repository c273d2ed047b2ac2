"""Rules of the Kubernetes API about objects: their schema, their names, their scope, and what of them never changes.

An object of a custom kind is validated where the definition comes with an EKS add-on; of any other custom kind only the
names are known before the cluster is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from jsonschema.protocols import Validator  # type: ignore[import-untyped]
from kubernetes_validate import utils
from referencing import Registry, Resource

from sandbox.twin import custom_types
from sandbox.twin.definitions import add_on_schema, is_custom
from sandbox.twin.errors import UnknownTypeError
from sandbox.twin.kubernetes_objects import equal
from sandbox.twin.naming import dig
from sandbox.twin.outcomes import CheckFailure
from sandbox.twin.values import Value

KUBERNETES_VERSION = "1.35.0"
"""The API against which manifests are validated: that of the program's cluster."""

_SCHEMAS = f"kubernetes-json-schema/v{KUBERNETES_VERSION}-local-strict"
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_NAMED_OTHERWISE = frozenset({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "APIService"})

CLUSTER_WIDE = frozenset({
    "APIService", "ClusterRole", "ClusterRoleBinding", "CSIDriver", "CustomResourceDefinition", "IngressClass",
    "MutatingWebhookConfiguration", "Namespace", "Node", "PersistentVolume", "PriorityClass", "RuntimeClass",
    "StorageClass", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
})  # fmt: skip
"""Kinds without a namespace."""

_IDENTITY = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_IMMUTABLE: Mapping[str, tuple[str, ...]] = {
    "ClusterRoleBinding": ("roleRef",),
    "DaemonSet": ("spec.selector",),
    "Deployment": ("spec.selector",),
    "IngressClass": ("spec.controller",),
    "Job": ("spec.selector", "spec.template", "spec.completionMode", "spec.podFailurePolicy", "spec.manualSelector"),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeMode"),
    "Pod": ("spec",),
    "PriorityClass": ("value",),
    "ReplicaSet": ("spec.selector",),
    "ResourceQuota": ("spec.scopes", "spec.scopeSelector"),
    "RoleBinding": ("roleRef",),
    "Secret": ("type",),
    "Service": ("spec.clusterIP", "spec.clusterIPs"),
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    "StorageClass": ("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"),
}  # fmt: skip


def kind_of(type_: str) -> tuple[str, str]:
    """The apiVersion and kind of a type such as `kubernetes:apps/v1:Deployment`.

    :raises UnknownTypeError: it is not an object of the API that the twin validates, and not of a custom kind.
    """
    match type_.split(":"):
        case ["kubernetes", version, kind] if _has_schema(version.removeprefix("core/"), kind) or is_custom(version):
            return version.removeprefix("core/"), kind
    raise UnknownTypeError(
        f"the twin does not know the type {type_!r}: Kubernetes {KUBERNETES_VERSION} has no such object "
        "(sandbox/twin/manifests.py names the version)"
    )


def identity(manifest: Mapping[str, Any]) -> str:
    """The id of an object, `namespace/name`, or `name` of one without a namespace."""
    namespace, name = dig(manifest, "metadata.namespace"), dig(manifest, "metadata.name")
    return f"{namespace}/{name}" if namespace else str(name)


def takes_a_namespace(api_version: str, kind: str) -> bool:
    """Whether objects of a kind are known to live in namespaces."""
    return kind not in CLUSTER_WIDE and (not is_custom(api_version) or add_on_schema(api_version, kind) is not None)


def failures(manifest: Mapping[str, Value]) -> list[CheckFailure]:
    """What the API would refuse of a manifest. Values are not quoted: one of them may be a secret."""
    kind = str(manifest["kind"])
    found = [CheckFailure(_place(error), _reason(error)) for error in _errors(manifest, kind)]
    name = dig(manifest, "metadata.name")
    if isinstance(name, str) and kind not in _NAMED_OTHERWISE and not _SUBDOMAIN.fullmatch(name):
        rule = "must be at most 253 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends"
        found.append(CheckFailure("metadata.name", f"{name!r} {rule}"))
    if kind in CLUSTER_WIDE and dig(manifest, "metadata.namespace"):
        found.append(CheckFailure("metadata.namespace", f"a {kind} belongs to no namespace"))
    return found


def unchangeable(manifest: Mapping[str, Value], old: Mapping[str, Value]) -> list[str]:
    """The dotted paths in which `manifest` differs from `old` and the API accepts no change."""
    paths = [*_IDENTITY, *_IMMUTABLE.get(str(manifest.get("kind")), ())]
    if old.get("immutable"):
        paths += ["data", "binaryData", "stringData", "immutable"]
    return [path for path in paths if not equal(dig(manifest, path), dig(old, path))]


def _errors(manifest: Mapping[str, Value], kind: str) -> Iterator[jsonschema.ValidationError]:
    validator = _validator(str(manifest["apiVersion"]), kind)
    yield from sorted(validator.iter_errors(manifest), key=lambda error: error.json_path)


def _place(error: jsonschema.ValidationError) -> str:
    return error.json_path.removeprefix("$.").removeprefix("$") or "."


def _reason(error: jsonschema.ValidationError) -> str:
    match error.validator:
        case "additionalProperties":
            known = set(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else set()
            strangers = ", ".join(sorted(set(error.instance) - known))
            return f"has no field {strangers}; it has {', '.join(sorted(known))}"
        case "required":
            return str(error.message)  # names the field, no value
        case "type":
            return f"must be {_listed(error.validator_value)}"
        case "enum":
            return f"must be one of {_listed(error.validator_value)}"
    return f"does not meet {error.validator} {error.validator_value}"


def _listed(value: object) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)


def _file(api_version: str, kind: str) -> str:
    """The library's name of a schema: the group's first label, the version."""
    group, _, version = api_version.rpartition("/")
    return f"{kind.lower()}-{group.partition('.')[0]}-{version}" if group else f"{kind.lower()}-{version}"


@cache
def _has_schema(api_version: str, kind: str) -> bool:
    if (api_version, kind) in custom_types.schemas():
        return True
    try:
        utils.schema_contents(f"{_SCHEMAS}/{_file(api_version, kind)}.json", KUBERNETES_VERSION)
    except FileNotFoundError:
        return False
    return True


@cache
def _definitions() -> Resource[Any]:
    contents = utils.schema_contents(f"{_SCHEMAS}/_definitions.json", KUBERNETES_VERSION)
    return Resource.from_contents(contents)


@cache
def _validator(api_version: str, kind: str) -> Validator:
    if is_custom(api_version):
        return jsonschema.Draft202012Validator(add_on_schema(api_version, kind) or {})
    schema = utils.schema_contents(f"{_SCHEMAS}/{_file(api_version, kind)}.json", KUBERNETES_VERSION)
    registry: Registry[Any] = _definitions() @ (Resource.from_contents(schema) @ Registry())
    return jsonschema.Draft202012Validator(schema, registry=registry)
