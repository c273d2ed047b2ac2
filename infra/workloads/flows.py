"""Who may open a connection to whom: nothing is open, then each flow that a deploy.toml names is opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from infra.cidr import Tier, subnet
from infra.component import Component
from infra.foundation import database, streaming
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.deploy import Deployment

EDGE_PORT: Final = "http"
"""The port of this name takes requests from load balancers: it is the way in from outside the cluster."""
METRICS_PORT: Final = "metrics"
"""The port of this name answers probes, which the node itself may always make."""

_POD_IDENTITY_AGENT: Final = IPv4Network("169.254.170.23/32")
_PLATFORM_PORTS: Final[Mapping[str, int]] = {"database": database.PORT, "streaming": streaming.IAM_PORT}


class Flows(Component):
    """The network policies of a namespace: default deny, names, and one policy a service. `all` is every policy."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        namespace: pulumi.Input[str],
        deployments: Mapping[str, Deployment],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:Flows", name, settings, opts)
        self._namespace = namespace
        self._deployments = deployments
        self.all: list[pulumi.Resource] = [self._deny_everything(), self._resolve_names()]
        self.all += [self._open(service) for service in deployments]
        self.register_outputs({})

    def _deny_everything(self) -> NetworkPolicy:
        """Every pod, both ways: control NET-4."""
        return self._policy("default-deny", LabelSelectorArgs(), ingress=[], egress=[])

    def _resolve_names(self) -> NetworkPolicy:
        dns = NetworkPolicyPeerArgs(
            namespace_selector=LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": "kube-system"}),
            pod_selector=LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
        )
        ports = [NetworkPolicyPortArgs(port=53, protocol=protocol) for protocol in ("UDP", "TCP")]
        return self._policy(
            "allow-dns", LabelSelectorArgs(), egress=[NetworkPolicyEgressRuleArgs(to=[dns], ports=ports)]
        )

    def _open(self, service: str) -> NetworkPolicy:
        deployment = self._deployments[service]
        selector = LabelSelectorArgs(match_labels=labels.of_service(service))
        egress = [self._call(called) for called in deployment.access.calls]
        if deployment.access.secrets or "streaming" in deployment.access.calls:
            egress += self._aws_services()
        return self._policy(f"allow-{service}", selector, ingress=self._callers(service), egress=egress)

    def _callers(self, service: str) -> list[NetworkPolicyIngressRuleArgs]:
        callers = [name for name, each in self._deployments.items() if service in each.access.calls]
        rules = []
        if callers:
            peers = [_pods(each) for each in callers]
            rules.append(NetworkPolicyIngressRuleArgs(from_=peers, ports=_ports(self._serving_ports(service))))
        edge = [port.port for port in self._deployments[service].ports if port.name == EDGE_PORT]
        if edge:
            peers = self._subnets(Tier.PUBLIC, Tier.PRIVATE)
            rules.append(NetworkPolicyIngressRuleArgs(from_=peers, ports=_ports(edge)))
        return rules

    def _call(self, called: str) -> NetworkPolicyEgressRuleArgs:
        if called in _PLATFORM_PORTS:
            return NetworkPolicyEgressRuleArgs(to=self._subnets(Tier.DATA), ports=_ports([_PLATFORM_PORTS[called]]))
        return NetworkPolicyEgressRuleArgs(to=[_pods(called)], ports=_ports(self._serving_ports(called)))

    def _aws_services(self) -> list[NetworkPolicyEgressRuleArgs]:
        """The node's Pod Identity agent for credentials, and the private endpoints of AWS."""
        return [
            NetworkPolicyEgressRuleArgs(to=[_block(_POD_IDENTITY_AGENT)], ports=_ports([80])),
            NetworkPolicyEgressRuleArgs(to=self._subnets(Tier.PRIVATE), ports=_ports([443])),
        ]

    def _serving_ports(self, service: str) -> list[int]:
        return [port.port for port in self._deployments[service].ports if port.name != METRICS_PORT]

    def _subnets(self, *tiers: Tier) -> list[NetworkPolicyPeerArgs]:
        zones = self.settings.availability_zones
        return [_block(subnet(self.settings.vpc_cidr, zone, tier)) for tier in tiers for zone in zones]

    def _policy(
        self,
        name: str,
        pods: LabelSelectorArgs,
        *,
        ingress: list[NetworkPolicyIngressRuleArgs] | None = None,
        egress: list[NetworkPolicyEgressRuleArgs] | None = None,
    ) -> NetworkPolicy:
        types = [kind for kind, rules in (("Ingress", ingress), ("Egress", egress)) if rules is not None]
        return NetworkPolicy(
            self.child_name(name),
            metadata=ObjectMetaArgs(name=name, namespace=self._namespace),
            spec=NetworkPolicySpecArgs(
                pod_selector=pods, policy_types=types, ingress=ingress or None, egress=egress or None
            ),
            opts=self.child(),
        )


def _pods(service: str) -> NetworkPolicyPeerArgs:
    return NetworkPolicyPeerArgs(pod_selector=LabelSelectorArgs(match_labels=labels.of_service(service)))


def _block(network: IPv4Network) -> NetworkPolicyPeerArgs:
    return NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=str(network)))


def _ports(numbers: Iterable[int]) -> list[NetworkPolicyPortArgs]:
    return [NetworkPolicyPortArgs(port=number, protocol="TCP") for number in numbers]
