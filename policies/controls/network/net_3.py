"""NET-3: the Kubernetes API is reached from inside the network only."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule


@rule(
    "net-3-endpoint-not-public",
    tokens.CLUSTER,
    remedy="Set vpc_config.endpoint_public_access=False: EKS opens it by default.",
)
def has_no_public_endpoint(cluster: Resource, _: Stack) -> Iterator[str]:
    """The cluster's endpoint is not public; EKS's default is that it is."""
    if cluster.get("vpcConfig.endpointPublicAccess", default=True) is not False:
        yield "has a public endpoint (endpointPublicAccess is true, which is also the default)"


@rule(
    "net-3-endpoint-private",
    tokens.CLUSTER,
    remedy="Set vpc_config.endpoint_private_access=True: EKS leaves it closed by default.",
)
def has_a_private_endpoint(cluster: Resource, _: Stack) -> Iterator[str]:
    """The cluster has a private endpoint; EKS's default is that it has none."""
    if cluster.get("vpcConfig.endpointPrivateAccess", default=False) is not True:
        yield "has no private endpoint (endpointPrivateAccess is not true)"


@check("net-3-endpoint", inventory.clusters, proves="its endpoint is private, and only that")
def endpoint_is_private(cluster: Subject, account: Account) -> Iterator[str]:
    """The cluster's endpoint is private, and not public."""
    account.observe(tokens.CLUSTER, "vpcConfig")
    if cluster.get("resourcesVpcConfig.endpointPublicAccess", default=True) is not False:
        yield "has a public endpoint"
    if cluster.get("resourcesVpcConfig.endpointPrivateAccess", default=False) is not True:
        yield "has no private endpoint"


CONTROL = Control(
    id="NET-3",
    title="Private cluster endpoint",
    statement="The Kubernetes API has a private endpoint and no public one.",
    rationale=(
        "Whoever commands the cluster commands the exchange. A public endpoint leaves a password between the two."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "5.4.1"),
        Clause("CIS EKS", "1.8", "5.4.2"),
        Clause("ISO 27001", "2022", "8.20"),
        Clause("GLI-19", "3.0", "B.7"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The cluster's description, and a refused connection from outside.",
    preventive=(has_no_public_endpoint, has_a_private_endpoint),
    detective=(endpoint_is_private,),
)
