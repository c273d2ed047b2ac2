"""IAM-4: every service has an identity of AWS of its own, and no token lies around."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies import inventory, tokens
from policies.account import Account, Subject
from policies.checks import check
from policies.documents import Document, parsed, statements
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

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
def services_have_their_own_roles(cluster: Subject, account: Account) -> Iterator[str]:
    """Service accounts of a cluster are bound to roles that trust EKS Pod Identity alone, one role a service."""
    account.observe(tokens.POD_IDENTITY, "roleArn", "serviceAccount", "namespace")
    name = cluster.data["name"]
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
    preventive=(service_has_its_own_role,),
    admission=("accounts-without-tokens", "no-lasting-tokens", "no-mounted-tokens"),
    detective=(services_have_their_own_roles,),
)
