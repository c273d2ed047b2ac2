"""What is in the cluster: the lists of subjects that the checks of Kubernetes share.

An object's id is its path under the API without the version, such as `namespaces/exchange/pods/gateway-1`. What is in
the namespaces where AWS runs its own is left out, as the admission policies leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from policies.account import Account, Subject
from policies.cluster import objects
from policies.environment import ENVIRONMENT_TAG, Environment
from policies.values import read

ENVIRONMENT_LABEL: Final = "valletta/environment"
"""The label by which a namespace says what it is for."""

_CORE, _APPS, _BATCH = "/api/v1", "/apis/apps/v1", "/apis/batch/v1"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"

_MAKERS: Final = {
    f"{_APPS}/deployments": objects.DEPLOYMENT,
    f"{_APPS}/statefulsets": objects.STATEFUL_SET,
    f"{_APPS}/daemonsets": objects.DAEMON_SET,
    f"{_APPS}/replicasets": objects.REPLICA_SET,
    f"{_BATCH}/cronjobs": objects.CRON_JOB,
    f"{_BATCH}/jobs": objects.JOB,
}

Listing = Callable[[Account], Iterator[Subject]]


def _list(path: str, type_: str) -> Listing:
    def subjects(account: Account) -> Iterator[Subject]:
        return (_subject(path, type_, each) for each in account.objects(path) if objects.ours(each))

    return subjects


pods = _list(f"{_CORE}/pods", objects.POD)
services = _list(f"{_CORE}/services", objects.SERVICE)
service_accounts = _list(f"{_CORE}/serviceaccounts", objects.SERVICE_ACCOUNT)
quotas = _list(f"{_CORE}/resourcequotas", objects.QUOTA)
network_policies = _list("/apis/networking.k8s.io/v1/networkpolicies", objects.NETWORK_POLICY)


def workloads(account: Account) -> Iterator[Subject]:
    """Every pod, and all that makes pods and is made by nothing else: what has never run yet is judged too."""
    yield from pods(account)
    for path, type_ in _MAKERS.items():
        yield from (each for each in _list(path, type_)(account) if not _has_controller(each.data))


def node_leases(account: Account) -> Iterator[Subject]:
    """The lease of every node, which it renews by its own clock every few seconds."""
    path = "/apis/coordination.k8s.io/v1/leases"
    for each in account.objects(path):
        if objects.namespace_of(each) == "kube-node-lease":
            yield _subject(path, objects.LEASE, each)


def namespaces(account: Account) -> Iterator[Subject]:
    """Every namespace but those of Kubernetes and AWS, and `default`, in which nothing may run."""
    for each in account.objects(f"{_CORE}/namespaces"):
        if objects.name_of(each) not in objects.NOT_OURS | {objects.DEFAULT}:
            yield _namespace(each)


def environment_of(subject: Subject, account: Account) -> Environment:
    """What an object is for: as stated by the caller, else by the label of its namespace, else production."""
    named = objects.namespace_of(subject.data)
    own = (each for each in account.objects(f"{_CORE}/namespaces") if objects.name_of(each) == named)
    namespace = next(own, None)
    return account.environment(subject if namespace is None else _namespace(namespace))


def _namespace(document: Mapping[str, Any]) -> Subject:
    labels = read(document, "metadata.labels", {})
    tags = {ENVIRONMENT_TAG: labels[ENVIRONMENT_LABEL]} if ENVIRONMENT_LABEL in labels else {}
    return Subject(f"namespaces/{objects.name_of(document)}", objects.NAMESPACE, document, tags)


def roles(account: Account) -> Iterator[Subject]:
    """Every role and cluster role but those that Kubernetes and EKS keep for themselves."""
    yield from _not_built_in(account, f"{_RBAC}/roles", objects.ROLE)
    yield from _not_built_in(account, f"{_RBAC}/clusterroles", objects.CLUSTER_ROLE)


def bindings(account: Account) -> Iterator[Subject]:
    """Every binding of a role but those that Kubernetes and EKS keep for themselves."""
    yield from _not_built_in(account, f"{_RBAC}/rolebindings", objects.ROLE_BINDING)
    yield from _not_built_in(account, f"{_RBAC}/clusterrolebindings", objects.CLUSTER_ROLE_BINDING)


def _not_built_in(account: Account, path: str, type_: str) -> Iterator[Subject]:
    return (_subject(path, type_, each) for each in account.objects(path) if not _built_in(each))


_BUILT_IN_NAMES: Final = frozenset({"cluster-admin", "admin", "edit", "view"})


def _built_in(document: Mapping[str, Any]) -> bool:
    """Does Kubernetes, EKS or one of EKS's add-ons keep it?

    Kubernetes marks its own, and mark and name must both say so: a mark alone is anybody's to give. EKS's own bear its
    prefix; an add-on's were written by EKS and by nobody else.
    """
    name = objects.name_of(document)
    if read(document, "metadata.labels", {}).get("kubernetes.io/bootstrapping") == "rbac-defaults":
        return name in _BUILT_IN_NAMES or name.startswith("system:")
    managers = {each.get("manager") for each in objects.listed(document, "metadata.managedFields")}
    return name.startswith("eks:") or managers == {"eks"}


def _has_controller(document: Mapping[str, Any]) -> bool:
    return any(each.get("controller") for each in objects.listed(document, "metadata.ownerReferences"))


def _subject(path: str, type_: str, document: Mapping[str, Any]) -> Subject:
    namespace = read(document, "metadata.namespace")
    within = f"namespaces/{namespace}/" if namespace else ""
    return Subject(f"{within}{path.rpartition('/')[2]}/{objects.name_of(document)}", type_, document)
