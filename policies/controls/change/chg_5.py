"""CHG-5: containers get no power that they do not need, and production is apart from everything else."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import account_wide, check
from policies.cloud import backups, inventory
from policies.cluster import live, objects
from policies.cluster.objects import Object, containers, listed, pod_of
from policies.environment import ENVIRONMENT_TAG, Environment
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

MEASURES = ("cpu", "memory")
SECCOMP = ("RuntimeDefault", "Localhost")
ENFORCED_PROFILE = "pod-security.kubernetes.io/enforce"


def _unbounded(document: Object) -> Iterator[str]:
    for each in containers(pod_of(document)):
        limits = read(each, "resources.limits", {})
        requests = read(each, "resources.requests", {})
        if objects.is_pod(document):  # of a pod, and of nothing that makes pods, the API takes limits for requests
            requests = {**limits, **requests}
        missing = [measure for measure in MEASURES if measure not in requests or measure not in limits]
        if missing:
            yield f"container {each['name']} has no request or no limit of {' and '.join(missing)}"


def _on_the_host(document: Object) -> Iterator[str]:
    pod = pod_of(document)
    for shared in ("hostNetwork", "hostPID", "hostIPC"):
        if read(pod, shared, default=False):
            yield f"shares its node's network or processes ({shared})"
    for volume in listed(pod, "volumes"):
        if read(volume, "hostPath") is not None:
            yield f"mounts its node's files ({read(volume, 'hostPath.path')})"
    for each in containers(pod):
        if any(read(port, "hostPort", 0) for port in listed(each, "ports")):
            yield f"container {each['name']} takes a port of its node"


def _unrestricted(document: Object) -> Iterator[str]:
    pod = pod_of(document)
    for each in containers(pod):
        for fault in _container_faults(each, pod):
            yield f"container {each['name']} {fault}"


def _container_faults(container: Object, pod: Object) -> Iterator[str]:
    if not read(container, "securityContext.readOnlyRootFilesystem", default=False):
        yield "can write to its root file system"
    if read(container, "securityContext.allowPrivilegeEscalation", default=True):
        yield "may become privileged (allowPrivilegeEscalation is not false)"
    if read(container, "securityContext.privileged", default=False):
        yield "is privileged"
    if "ALL" not in listed(container, "securityContext.capabilities.drop"):
        yield "keeps capabilities (ALL are not dropped)"
    if added := listed(container, "securityContext.capabilities.add"):
        yield f"has capabilities added: {', '.join(added)}"
    own = (read(holder, "securityContext.runAsNonRoot") for holder in (container, pod))
    if not next((said for said in own if said is not None), False):
        yield "may run as root"
    profiles = (read(holder, "securityContext.seccompProfile.type") for holder in (container, pod))
    if next((said for said in profiles if said is not None), None) not in SECCOMP:
        yield "has no seccomp profile"


@rule("chg-5-bounded-resources", *objects.WORKLOADS, remedy="Give every container requests and limits of both.")
def is_bounded(workload: Resource, _: Stack) -> Iterator[str]:
    """A container says what it needs of CPU and memory, and what it may not exceed."""
    if objects.ours(workload.properties):
        yield from _unbounded(workload.properties)


@rule("chg-5-no-host-access", *objects.WORKLOADS, remedy="Use volumes and services of the cluster, not its nodes'.")
def is_apart_from_its_node(workload: Resource, _: Stack) -> Iterator[str]:
    """A pod has none of its node's files, network, processes or ports."""
    if objects.ours(workload.properties):
        yield from _on_the_host(workload.properties)


@rule("chg-5-nothing-in-default", *objects.WORKLOADS, remedy="Name the exchange's namespace in its metadata.")
def is_not_in_default(workload: Resource, _: Stack) -> Iterator[str]:
    """Nothing runs in the namespace default, which is what an object is in that names none."""
    if objects.namespace_of(workload.properties) == objects.DEFAULT:
        yield "is in the namespace default, which has no guardrails of its own"


@rule(
    "chg-5-restricted-containers",
    *objects.WORKLOADS,
    remedy="Take the security context of the other services: no root, nothing to write to, no capability.",
)
def is_restricted(workload: Resource, _: Stack) -> Iterator[str]:
    """Containers keep Pod Security's profile `restricted`, and have a read-only root file system."""
    if objects.ours(workload.properties):
        yield from _unrestricted(workload.properties)


@rule("chg-5-namespace-restricted", objects.NAMESPACE, remedy=f"Label it {ENFORCED_PROFILE}: restricted.")
def enforces_restricted(namespace: Resource, _: Stack) -> Iterator[str]:
    """A namespace enforces Pod Security's profile `restricted`; the API's default is that it enforces none."""
    if objects.name_of(namespace.properties) not in objects.NOT_OURS:
        yield from _profile_faults(namespace.properties)


def _profile_faults(namespace: Object) -> Iterator[str]:
    enforced = read(namespace, "metadata.labels", {}).get(ENFORCED_PROFILE)
    if enforced != "restricted":
        yield f"enforces {enforced or 'no profile'} of Pod Security, where restricted is demanded"


@check("chg-5-namespace-restricted", live.namespaces, proves="it enforces Pod Security's profile restricted")
def namespace_is_restricted(namespace: Subject, _: Account) -> Iterator[str]:
    """A namespace enforces Pod Security's profile `restricted`."""
    yield from _profile_faults(namespace.data)


@check("chg-5-restricted-workloads", live.workloads, proves="it is bounded and restricted, apart from its node")
def workload_is_restricted(workload: Subject, _: Account) -> Iterator[str]:
    """What runs, or is there to run, is bounded, restricted, apart from its node, and not in `default`."""
    if objects.namespace_of(workload.data) == objects.DEFAULT:
        yield "is in the namespace default"
    for faults in (_unbounded, _on_the_host, _unrestricted):
        yield from faults(workload.data)


@check("chg-5-account-apart", account_wide, proves="what it holds is all of one environment")
def account_has_one_environment(_: Subject, account: Account) -> Iterator[str]:
    """The account's clusters, databases, buckets, vaults and namespaces are all of one environment by their tags.

    By its environment a thing is judged: one that calls itself by another is judged by another measure.
    """
    found = [
        *inventory.clusters(account),
        *inventory.databases(account),
        *inventory.buckets(account),
        *backups.vaults(account),
        *_labelled_namespaces(account),
    ]
    environments = {Environment.of(each.tags.get(ENVIRONMENT_TAG)) for each in found}
    if len(environments) > 1:
        yield f"holds {' and '.join(sorted(environments))} side by side"


def _labelled_namespaces(account: Account) -> Iterator[Subject]:
    """Those that say of themselves what they are for; the others are judged as their cluster is."""
    return (each for each in live.namespaces(account) if ENVIRONMENT_TAG in each.tags)


CONTROL = Control(
    id="CHG-5",
    title="Restricted pods, production apart",
    statement=(
        "Containers of the exchange run restricted: without privileges, host access or a writable root, within bounds"
        " of CPU and memory, in a namespace of their own. Production has its own account and its own cluster."
    ),
    rationale=(
        "A container that can reach its node can reach every other one. A test that shares a cluster with production"
        " is a change to production."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "4.2.1"),
        Clause("CIS EKS", "1.8", "4.2.2"),
        Clause("CIS EKS", "1.8", "4.2.3"),
        Clause("CIS EKS", "1.8", "4.2.4"),
        Clause("CIS EKS", "1.8", "4.2.5"),
        Clause("ISO 27001", "2022", "8.31"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The namespaces with their labels, and the security contexts of all running pods.",
    preventive=(is_bounded, is_apart_from_its_node, is_not_in_default, is_restricted, enforces_restricted),
    admission=("bounded-resources", "no-host-access", "nothing-in-default", "restricted-containers"),
    detective=(namespace_is_restricted, workload_is_restricted, account_has_one_environment),
)
