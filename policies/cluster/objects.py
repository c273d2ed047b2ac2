"""Objects of Kubernetes, read alike from a plan and from a live cluster: so that a rule and a check judge one way.

An object is the document that the API takes: a mapping with `metadata` and `spec`, plain or wrapped. What the document
leaves out has the API's default, as the admission policies see it. The policies under `policies/admission` say the same
in CEL; `tests/policies/test_admission_equal.py` proves on their fixtures that neither says more than the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policies.resources import Resource, Stack
from policies.values import Value, read

POD: Final = "kubernetes:core/v1:Pod"
DEPLOYMENT: Final = "kubernetes:apps/v1:Deployment"
STATEFUL_SET: Final = "kubernetes:apps/v1:StatefulSet"
DAEMON_SET: Final = "kubernetes:apps/v1:DaemonSet"
REPLICA_SET: Final = "kubernetes:apps/v1:ReplicaSet"
JOB: Final = "kubernetes:batch/v1:Job"
CRON_JOB: Final = "kubernetes:batch/v1:CronJob"
WORKLOADS: Final = (POD, DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, JOB, CRON_JOB)
"""Pods, and all that makes pods: what the admission policies match."""

NAMESPACE: Final = "kubernetes:core/v1:Namespace"
CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
SECRET: Final = "kubernetes:core/v1:Secret"  # noqa: S105  (a type, not a credential)
SERVICE: Final = "kubernetes:core/v1:Service"
SERVICE_ACCOUNT: Final = "kubernetes:core/v1:ServiceAccount"
QUOTA: Final = "kubernetes:core/v1:ResourceQuota"
NETWORK_POLICY: Final = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
LEASE: Final = "kubernetes:coordination.k8s.io/v1:Lease"
ROLE: Final = "kubernetes:rbac.authorization.k8s.io/v1:Role"
CLUSTER_ROLE: Final = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
ROLE_BINDING: Final = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
CLUSTER_ROLE_BINDING: Final = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"

NOT_OURS: Final = frozenset(
    {
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "amazon-cloudwatch",
        "amazon-guardduty",
        "aws-secrets-manager",
    }
)
"""Namespaces in which AWS runs its own: not ours to judge. The admission policies' bindings leave out the same."""

DEFAULT: Final = "default"
"""The namespace that an object is in which names none; a quota or guardrails of ours it has not."""

PARAMETERS: Final = "admission-parameters"
"""The ConfigMap that says what differs between stacks: the registry, who may have a token, the node port."""
_PARAMETERS_NAMESPACE: Final = "exchange"

Object = Mapping[str, Any]


def name_of(document: Value) -> str:
    """The name of an object."""
    return str(read(document, "metadata.name", ""))


def namespace_of(document: Value) -> str:
    """The namespace of an object that lives in one."""
    return str(read(document, "metadata.namespace", DEFAULT))


def ours(document: Value) -> bool:
    """Is the object in a namespace that is ours to judge?"""
    return namespace_of(document) not in NOT_OURS


def is_pod(document: Value) -> bool:
    """Is the workload a pod itself, and not what makes pods?"""
    return read(document, "spec.template") is None and read(document, "spec.jobTemplate") is None


def pod_of(document: Value) -> Object:
    """The specification of the pods of a workload, however deep it lies."""
    for path in ("spec.jobTemplate.spec.template.spec", "spec.template.spec", "spec"):
        found: Object | None = read(document, path)
        if found is not None:
            return found
    return {}


def containers(pod: Object) -> Iterator[Object]:
    """Every container of a pod, of those before the others and of those that were put in later."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from listed(pod, kind)


def listed(document: Value, path: str) -> Sequence[Any]:
    """The list at a path; empty where it is absent or null."""
    return read(document, path, ()) or ()


def parameter(stack: Stack, key: str) -> str | None:
    """What the admission policies are told in this stack under a key; None where the stack tells them nothing.

    Raises:
        pulumi_policy.proxy.UnknownValueError: it is not known before the deployment.
    """
    for each in stack.of_type(CONFIG_MAP):
        if (name_of(each.properties), namespace_of(each.properties)) == (PARAMETERS, _PARAMETERS_NAMESPACE):
            return None if (value := each.get(f"data.{key}")) is None else str(value)
    return None


def in_namespace(stack: Stack, type_: str, namespace: str) -> Iterator[Resource]:
    """The resources of a type in one namespace.

    By its name, as the API itself joins them: in a cluster a namespace is nothing but its name.
    """
    return (each for each in stack.of_type(type_) if namespace_of(each.properties) == namespace)
