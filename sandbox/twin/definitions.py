"""Custom kinds: which API groups are no part of Kubernetes itself, and the definitions that EKS add-ons bring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parents[1] / "addons"
_PULUMI_OWN = ("helm.sh", "kustomize", "yaml")
_KUBERNETES_OWN = frozenset(
    f"{group}.k8s.io"
    for group in (
        "admissionregistration", "apiextensions", "apiregistration", "authentication", "authorization", "certificates",
        "coordination", "discovery", "events", "flowcontrol.apiserver", "internal.apiserver", "networking", "node",
        "rbac.authorization", "resource", "scheduling", "storage", "storagemigration",
    )
)  # fmt: skip


def add_on_definitions() -> list[Path]:
    """The manifests of the definitions that the cluster's EKS add-ons install, each named as its definition is."""
    return sorted(_FOLDER.glob("*.yaml"))


def is_custom(api_version: str) -> bool:
    """Whether an apiVersion is of a group that only a definition can bring: it has a domain of its own."""
    group, _, version = api_version.rpartition("/")
    return bool(version) and "." in group and group not in (*_PULUMI_OWN, *_KUBERNETES_OWN)


@cache
def add_on_schema(api_version: str, kind: str) -> Mapping[str, Any] | None:
    """The schema of a kind that an EKS add-on brings, closed: no field but those it names. None for others."""
    for path in add_on_definitions():
        spec = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]
        for version in spec["versions"]:
            if (f"{spec['group']}/{version['name']}", spec["names"]["kind"]) == (api_version, kind):
                return _closed(version["schema"]["openAPIV3Schema"])
    return None


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    closed = dict(schema)
    if "properties" in schema:
        closed["properties"] = {name: _closed(each) for name, each in schema["properties"].items()}
        closed.setdefault("additionalProperties", False)
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    return closed
