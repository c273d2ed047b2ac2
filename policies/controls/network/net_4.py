"""NET-4: in the cluster nobody talks to anybody, unless it is written down who may."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.cluster import live, objects
from policies.cluster.objects import Object, listed, name_of, namespace_of
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

CLOSED = "default-deny"
"""The network policy that denies everything both ways in its namespace."""

NETWORK_ADD_ON = "vpc-cni"
"""The add-on of EKS that enforces network policies, where it is told to."""


def _opened(policy: Object) -> Iterator[str]:
    """What keeps a network policy from denying everything to every pod of its namespace, both ways."""
    if read(policy, "spec.podSelector", {}):
        yield f"the network policy {name_of(policy)} selects some pods only"
    ways = set(listed(policy, "spec.policyTypes"))
    if not ways >= {"Ingress", "Egress"} or listed(policy, "spec.ingress") or listed(policy, "spec.egress"):
        yield f"the network policy {name_of(policy)} opens something"


def _enters(service: Object, edge_port: str | None) -> Iterator[str]:
    """What is wrong with the ways in that a service opens from outside the cluster."""
    kind = read(service, "spec.type", "ClusterIP")
    if kind != "ClusterIP" and not (kind == "NodePort" and _is_edge(service, edge_port)):
        yield f"is of type {kind}; services are ClusterIP, and the edge alone is the node port {edge_port or 'stated'}"
    if listed(service, "spec.externalIPs"):
        yield "takes an address from outside the cluster (externalIPs)"


def _is_edge(service: Object, edge_port: str | None) -> bool:
    ports = {str(int(read(port, "nodePort", 0))) for port in listed(service, "spec.ports")}
    return namespace_of(service) == "exchange" and name_of(service).endswith("-edge") and ports <= {edge_port}


@rule(
    "net-4-closed-network-first",
    *objects.WORKLOADS,
    joins=True,
    remedy=f"Declare the network policy {CLOSED} in the namespace: all pods, both ways, and no rule.",
)
def runs_in_a_closed_network(workload: Resource, stack: Stack) -> Iterator[str]:
    """Where pods run, the stack declares a network policy that denies everything both ways."""
    namespace = namespace_of(workload.properties)
    if namespace in objects.NOT_OURS | {objects.DEFAULT}:
        return
    policies = objects.in_namespace(stack, objects.NETWORK_POLICY, namespace)
    closed = [policy for policy in policies if name_of(policy.properties) == CLOSED]
    if not closed:
        yield f"runs in {namespace}, which has no network policy {CLOSED}"
    for policy in closed:
        yield from _opened(policy.properties)


@rule(
    "net-4-one-way-in",
    objects.SERVICE,
    joins=True,
    remedy="Let the service be ClusterIP, and route to it through the edge.",
)
def opens_no_way_in(service: Resource, stack: Stack) -> Iterator[str]:
    """A service is reached from within the cluster only, but for the edge by its one node port."""
    if objects.ours(service.properties):
        yield from _enters(service.properties, objects.parameter(stack, "edge-node-port"))


@rule(
    "net-4-policies-enforced",
    tokens.ADD_ON,
    remedy='Configure the add-on vpc-cni with {"enableNetworkPolicy": "true"}.',
)
def enforces_network_policies(add_on: Resource, _: Stack) -> Iterator[str]:
    """The network add-on enforces network policies; its default is that they are accepted and do nothing."""
    if add_on.get("addonName") == NETWORK_ADD_ON:
        yield from _enforcement_faults(add_on.get("configurationValues"))


def _enforcement_faults(configuration: str | None) -> Iterator[str]:
    try:
        said = json.loads(configuration or "{}").get("enableNetworkPolicy")
    except (ValueError, AttributeError):
        said = None
    if str(said).lower() != "true":
        yield "does not enforce network policies (enableNetworkPolicy is not true)"


@check("net-4-namespace-closed", live.namespaces, proves="everything is denied there both ways until it is allowed")
def namespace_is_closed(namespace: Subject, account: Account) -> Iterator[str]:
    """A namespace has a network policy that denies everything to every pod, both ways."""
    own = [
        policy.data for policy in live.network_policies(account) if namespace_of(policy.data) == name_of(namespace.data)
    ]
    if not any(not list(_opened(policy)) for policy in own):
        yield "has no network policy that denies everything to every pod, both ways"


@check("net-4-one-way-in", live.services, proves="it opens no way in but the edge's")
def service_opens_no_way_in(service: Subject, account: Account) -> Iterator[str]:
    """A service opens no way into the cluster, but for the edge by one node port."""
    ports = {
        str(port["nodePort"])
        for each in live.services(account)
        for port in listed(each.data, "spec.ports")
        if read(port, "nodePort")
    }
    if len(ports) > 1 and read(service.data, "spec.type") == "NodePort":
        yield f"is one of {len(ports)} node ports, where there is one way in"
    yield from _enters(service.data, min(ports, default=None))


@check("net-4-policies-enforced", inventory.clusters, proves="its network add-on enforces network policies")
def cluster_enforces_network_policies(owner: Subject, account: Account) -> Iterator[str]:
    """A cluster's network add-on is told to enforce network policies; without that they do nothing."""
    account.observe(tokens.ADD_ON, "configurationValues")
    if owner.get("computeConfig.enabled", default=False):
        return  # Auto Mode brings its own network, which enforces them
    absent = ("ResourceNotFoundException",)
    found = account.find("eks", "describe_addon", absent, clusterName=owner.get("name"), addonName=NETWORK_ADD_ON)
    if found is None:
        yield f"has no add-on {NETWORK_ADD_ON}, so nobody enforces its network policies"
        return
    yield from _enforcement_faults(found["addon"].get("configurationValues"))


CONTROL = Control(
    id="NET-4",
    title="Default-deny network policies",
    statement=(
        "Every namespace of the exchange denies all traffic, in and out, until a policy allows a flow by name; the"
        " load balancer's port is the one way in. The cluster enforces these policies."
    ),
    rationale="A pod that was taken over should find every door shut but those that its service needs.",
    clauses=(
        Clause("CIS EKS", "1.8", "4.3.2"),
        Clause("ISO 27001", "2022", "8.22"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The network policies of every namespace, and a refused connection between two services.",
    preventive=(runs_in_a_closed_network, opens_no_way_in, enforces_network_policies),
    admission=("closed-network-first", "one-way-in"),
    detective=(namespace_is_closed, service_opens_no_way_in, cluster_enforces_network_policies),
)
