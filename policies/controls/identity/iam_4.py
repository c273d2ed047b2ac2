"""IAM-4: every service has an identity of AWS of its own, and no token lies around."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.cloud.documents import Document, parsed, statements
from policies.cluster import live, objects
from policies.cluster.objects import Object, listed, name_of, pod_of
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

PODS = "pods.eks.amazonaws.com"
"""The service by which EKS Pod Identity assumes a role in a pod's name."""

_SHARD = re.compile(r"-[0-9]+$")


@rule(
    "iam-4-own-identity",
    tokens.POD_IDENTITY,
    joins=True,
    remedy=f"Give each service an aws.iam.Role that trusts {PODS} alone, and bind no other service to it.",
)
def service_has_its_own_role(binding: Resource, stack: Stack) -> Iterator[str]:
    """A service account is bound to a role that trusts EKS Pod Identity alone and that no other service has."""
    roles = stack.referred(binding, "roleArn", tokens.IAM_ROLE)
    if not roles:
        yield "is bound to a role that this stack does not declare"
    own = _service(binding.get("namespace"), binding.get("serviceAccount"))
    for role in roles:
        yield from _trust_faults(parsed(role.get("assumeRolePolicy")))
        bound = stack.referring(role, tokens.POD_IDENTITY, "roleArn")
        others = {_service(each.get("namespace"), each.get("serviceAccount")) for each in bound} - {own}
        if others:
            yield f"shares its role with {', '.join(sorted(others))}"


def _service(namespace: str | None, account: str | None) -> str:
    """The service of a service account; the shards of one service are one, whose rights are the same."""
    return f"{namespace}/{_SHARD.sub('', account or '')}"


def _trust_faults(trust: Document | None) -> Iterator[str]:
    for statement in statements(trust):
        if statement.get("Effect") == "Allow" and statement.get("Principal") not in (
            {"Service": PODS},
            {"Service": [PODS]},
        ):
            yield f"is bound to a role that lets in others than {PODS}"


@check("iam-4-own-identity", inventory.clusters, proves="each service is bound to a role of its own")
def services_have_their_own_roles(bound_in: Subject, account: Account) -> Iterator[str]:
    """Service accounts of a cluster are bound to roles that trust EKS Pod Identity alone, one role a service."""
    account.observe(tokens.POD_IDENTITY, "roleArn", "serviceAccount", "namespace")
    name = bound_in.data["name"]
    entries = account.all("eks", "list_pod_identity_associations", "associations", clusterName=name)
    if not entries:
        yield "binds no service account to a role, so its pods have the rights of their machines or none"
    services: dict[str, set[str]] = {}
    for entry in entries:
        described = account.ask(
            "eks", "describe_pod_identity_association", clusterName=name, associationId=entry["associationId"]
        )["association"]
        service = _service(entry["namespace"], entry["serviceAccount"])
        services.setdefault(described["roleArn"], set()).add(service)
    for arn, bound in sorted(services.items()):
        role = account.ask("iam", "get_role", RoleName=arn.rpartition("/")[2])["Role"]
        for fault in _trust_faults(parsed(role.get("AssumeRolePolicyDocument"))):
            yield f"{', '.join(sorted(bound))} {fault}: {arn}"
        if len(bound) > 1:
            yield f"{', '.join(sorted(bound))} share one role: {arn}"


SHORTEST_LIFE = 600
"""Seconds that a projected token lasts at least, and here at most. The API's default is an hour."""

LASTING = "kubernetes.io/service-account-token"
"""The type of a Secret that is a token without an end."""


def _projected(pod: Object) -> Iterator[Object]:
    """The tokens for the API that are projected into a pod."""
    for volume in listed(pod, "volumes"):
        for source in listed(volume, "projected.sources"):
            token = read(source, "serviceAccountToken")
            if token is not None and token.get("audience") != PODS:
                yield token


def _mounted(workload: Object) -> Iterator[str]:
    pod = pod_of(workload)
    if read(pod, "automountServiceAccountToken", default=True):
        yield "mounts a token for the API (automountServiceAccountToken is not false)"
    for token in _projected(pod):
        life = read(token, "expirationSeconds", 3600)
        if life > SHORTEST_LIFE:
            yield f"has a token of {life:g} seconds, where {SHORTEST_LIFE} are the most"


def _mounts_by_itself(account: Object) -> Iterator[str]:
    # Kubernetes makes `default` by itself in every namespace; what pods do with it is judged on the pods
    if name_of(account) != "default" and read(account, "automountServiceAccountToken", default=True):
        yield "mounts a token into its pods by itself (automountServiceAccountToken is not false)"


@rule(
    "iam-4-accounts-without-tokens",
    objects.SERVICE_ACCOUNT,
    remedy="Set automount_service_account_token=False on the service account.",
)
def account_mounts_no_token(account: Resource, _: Stack) -> Iterator[str]:
    """A service account mounts no token into its pods by itself; the API's default is that it does."""
    if objects.ours(account.properties):
        yield from _mounts_by_itself(account.properties)


@rule(
    "iam-4-no-lasting-tokens",
    objects.SECRET,
    remedy="Leave the Secret out, and project a token that ends into the pod that needs it.",
)
def secret_is_no_token(secret: Resource, _: Stack) -> Iterator[str]:
    """No Secret is a token that outlives its pod."""
    if objects.ours(secret.properties) and secret.get("type") == LASTING:
        yield "is a token that never ends"


@rule(
    "iam-4-no-mounted-tokens",
    *objects.WORKLOADS,
    joins=True,
    remedy=(
        "Set automount_service_account_token=False; a service that calls the API projects a token of"
        f" {SHORTEST_LIFE} seconds."
    ),
)
def pod_has_no_needless_token(workload: Resource, stack: Stack) -> Iterator[str]:
    """A pod has no token for the API, but for the services that call it: theirs is projected, and lasts minutes."""
    if not objects.ours(workload.properties):
        return
    yield from _mounted(workload.properties)
    pod = pod_of(workload.properties)
    callers = (objects.parameter(stack, "token-accounts") or "").split(",")
    if any(_projected(pod)) and read(pod, "serviceAccountName", "default") not in callers:
        yield f"has a token projected, which only {', '.join(callers) or 'nobody'} may have"


@check("iam-4-accounts-without-tokens", live.service_accounts, proves="it mounts no token by itself")
def account_mounts_none(account: Subject, _: Account) -> Iterator[str]:
    """A service account mounts no token into its pods by itself."""
    yield from _mounts_by_itself(account.data)


@check("iam-4-no-mounted-tokens", live.workloads, proves="it mounts no token that lasts")
def workload_mounts_no_token(workload: Subject, _: Account) -> Iterator[str]:
    """What runs, or is there to run, mounts no token of the API but one that lasts minutes."""
    yield from _mounted(workload.data)


@check("iam-4-no-secrets", live.namespaces, proves="its quota allows no Secret, and there is none")
def namespace_has_no_secret(namespace: Subject, account: Account) -> Iterator[str]:
    """A namespace's quota allows no Secret, so that no token is kept in one. Secrets themselves are never read."""
    own = [
        quota
        for quota in live.quotas(account)
        if objects.namespace_of(quota.data) == name_of(namespace.data) and quota.get("spec.hard.secrets") is not None
    ]
    if not any(str(quota.get("spec.hard.secrets")) == "0" for quota in own):
        yield "has no quota that allows no Secret"
    held = {str(quota.get("status.used", {}).get("secrets", "an unknown number")) for quota in own} - {"0"}
    if held:
        yield f"holds {max(held)} Secrets"


CONTROL = Control(
    id="IAM-4",
    title="An identity of AWS for every service",
    statement=(
        "Every service account that calls AWS is bound to a role of its own by EKS Pod Identity; the shards of one "
        "service share one. No pod mounts a token of Kubernetes that it does not use, and no token outlives its pod."
    ),
    rationale=(
        "A shared identity gives the weakest service the rights of all. A token that lasts is a password that nobody"
        " changes."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "5.2.1"),
        Clause("ISO 27001", "2022", "8.2"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The Pod Identity associations with their roles, and the service accounts of all pods.",
    preventive=(service_has_its_own_role, account_mounts_no_token, secret_is_no_token, pod_has_no_needless_token),
    admission=("accounts-without-tokens", "no-lasting-tokens", "no-mounted-tokens"),
    detective=(services_have_their_own_roles, account_mounts_none, workload_mounts_no_token, namespace_has_no_secret),
)
