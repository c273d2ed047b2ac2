"""IAM-5: nobody commands the cluster through RBAC, and no role says `everything`."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cluster import live, objects
from policies.cluster.objects import Object, listed
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

COMMANDING = frozenset({"cluster-admin", "admin", "edit"})
ANYBODY = frozenset({"system:anonymous", "system:unauthenticated", "system:authenticated"})
WIDENING = frozenset({"bind", "escalate", "impersonate"})


def _commands(binding: Object) -> Iterator[str]:
    bound = str(read(binding, "roleRef.name"))
    if read(binding, "roleRef.kind") == "ClusterRole" and bound in COMMANDING:
        yield f"binds the cluster role {bound}; administrators are access entries of the cluster"
    for subject in listed(binding, "subjects"):
        if (name := read(subject, "name")) in ANYBODY:
            yield f"binds to whoever asks ({name})"


def _allows_everything(role: Object) -> Iterator[str]:
    for each in listed(role, "rules"):
        for field in ("verbs", "resources", "apiGroups"):
            if "*" in listed(each, field):
                yield f"has a wildcard among its {field}"
        if any("*" in url for url in listed(each, "nonResourceURLs")):
            yield "has a wildcard among its nonResourceURLs"
        if widening := WIDENING & set(listed(each, "verbs")):
            yield f"lets its bearer {' and '.join(sorted(widening))}, which would be to allow everything"


@rule(
    "iam-5-no-cluster-admins",
    objects.ROLE_BINDING,
    objects.CLUSTER_ROLE_BINDING,
    remedy="Bind a role of the namespace to a service account; make administrators access entries of the cluster.",
)
def binds_no_administrator(binding: Resource, _: Stack) -> Iterator[str]:
    """No binding makes anybody an administrator, or binds to whoever asks."""
    yield from _commands(binding.properties)


@rule(
    "iam-5-roles-without-wildcards",
    objects.ROLE,
    objects.CLUSTER_ROLE,
    remedy="Name the verbs, resources and API groups that the service uses.",
)
def has_no_wildcard(role: Resource, _: Stack) -> Iterator[str]:
    """A role names what it allows, and lets nobody widen it."""
    yield from _allows_everything(role.properties)


@check("iam-5-no-cluster-admins", live.bindings, proves="it makes nobody an administrator")
def binding_makes_no_administrator(binding: Subject, _: Account) -> Iterator[str]:
    """No binding but Kubernetes's own makes anybody an administrator, or binds to whoever asks."""
    yield from _commands(binding.data)


@check("iam-5-roles-without-wildcards", live.roles, proves="it names what it allows")
def role_has_no_wildcard(role: Subject, _: Account) -> Iterator[str]:
    """A role that is not Kubernetes's own or EKS's names what it allows, and lets nobody widen it."""
    yield from _allows_everything(role.data)


CONTROL = Control(
    id="IAM-5",
    title="No cluster administrators, no wildcards",
    statement=(
        "Nobody is bound to cluster-admin, admin or edit, and no role of the exchange has a wildcard; administrators"
        " are access entries of the cluster, which AWS logs."
    ),
    rationale="A wildcard grants what does not exist yet. A binding inside the cluster is made by whoever is inside.",
    clauses=(
        Clause("CIS EKS", "1.8", "4.1.1"),
        Clause("CIS EKS", "1.8", "4.1.3"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="All bindings and roles of the cluster, and its access entries.",
    preventive=(binds_no_administrator, has_no_wildcard),
    admission=("no-cluster-admins", "roles-without-wildcards"),
    detective=(binding_makes_no_administrator, role_has_no_wildcard),
)
