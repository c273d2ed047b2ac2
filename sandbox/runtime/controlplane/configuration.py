"""What the control plane is told: its settings are those of EKS where EKS says what they are.

Admission is Kubernetes' default set and the two plugins that EKS adds; secrets are encrypted in etcd; every request but
the programs' own housekeeping is in the audit log, and no secret's value ever is.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from sandbox.files import write_atomically
from sandbox.runtime.controlplane.authority import Pair

CLUSTER = "valletta-local-exchange"
"""The cluster of the account that the control plane stands for: that of the stack `local`."""

SERVICE_NETWORK = "10.100.0.0/16"
NAMES_WITHIN = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "10.100.0.1")
"""What the API is called inside the cluster; its address is the first one of the services' network."""

ISSUER = "https://kubernetes.default.svc"

ADMISSION = ("NodeRestriction", "ExtendedResourceToleration")
"""The admission plugins that EKS enables beside Kubernetes' default ones."""

CONTROLLERS = (
    "clusterrole-aggregation-controller",
    "deployment-controller",
    "disruption-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
    "replicaset-controller",
    "resourcequota-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
    "validatingadmissionpolicy-status-controller",
)
"""Those that need no node. With the workloads' controllers, pods are made, so that admission and quotas judge them."""

Settings: TypeAlias = Mapping[str, str | int | Path]
"""What a program is told, by the names of its flags."""

_HOUSEKEEPING = ("system:apiserver", "system:kube-controller-manager")


def write_audit_policy(path: Path) -> None:
    """What is logged of requests: who, what and when of all, and the body of changes, but for what may be secret."""
    secret = [
        {"group": "", "resources": ["secrets", "configmaps", "serviceaccounts/token"]},
        {"group": "authentication.k8s.io", "resources": ["tokenreviews"]},
    ]
    reading = ["get", "list", "watch"]
    rules: list[dict[str, Any]] = [
        {"level": "None", "users": list(_HOUSEKEEPING)},
        {"level": "None", "userGroups": ["system:serviceaccounts:kube-system"], "verbs": reading},
        {"level": "None", "nonResourceURLs": ["/livez*", "/readyz*", "/healthz*", "/version", "/openapi*"]},
        {"level": "Metadata", "resources": secret},
        {"level": "Metadata", "verbs": reading},
        {"level": "Request"},
    ]
    policy = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": rules}
    _write(path, policy)


def write_encryption(path: Path) -> None:
    """The key with which secrets are encrypted in etcd; made once, for what is there is read with it."""
    if path.exists():
        return
    key = {"name": "local", "secret": base64.b64encode(secrets.token_bytes(32)).decode()}
    rule = {"resources": ["secrets"], "providers": [{"secretbox": {"keys": [key]}}, {"identity": {}}]}
    _write(path, {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [rule]})


def write_kubeconfig(path: Path, server: str, authority: Pair, user: Pair) -> None:
    """A kubeconfig whose credentials stay in their files. JSON is YAML, so kubectl reads it too."""
    name = user.certificate.stem
    cluster = {"server": server, "certificate-authority": str(authority.certificate)}
    credentials = {"client-certificate": str(user.certificate), "client-key": str(user.key)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": CLUSTER,
        "clusters": [{"name": CLUSTER, "cluster": cluster}],
        "contexts": [{"name": CLUSTER, "context": {"cluster": CLUSTER, "user": name}}],
        "users": [{"name": name, "user": credentials}],
    }
    _write(path, document)


def flags(settings: Settings) -> list[str]:
    """Settings as a command's flags."""
    return [f"--{name}={value}" for name, value in settings.items()]


def _write(path: Path, document: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(document, indent=2) + "\n", mode=0o600)
