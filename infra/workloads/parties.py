"""Everybody whose connections the network policies decide: the pods of the exchange, and what is around them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Final

from infra.cidr import API_SERVER, Tier, subnet
from infra.foundation.data.scram import ACCOUNT
from infra.foundation.identity import NAMESPACE
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.coverage import Party
from infra.workloads.deploy import Deployment
from infra.workloads.flow_policies import POD_IDENTITY_AGENT

PRIVATE_SUBNETS: Final = "private subnets"
"""Nodes, which send on what comes to their ports; the collector of metrics; AWS's endpoints; every pod's address."""
_METADATA_SERVICE: Final = IPv4Network("169.254.169.254/32")
_INTERNET: Final = IPv4Network("203.0.113.0/24")
"""Addresses for documentation, standing for any outside."""


def exchange_parties(settings: StackSettings, deployments: Mapping[str, Deployment]) -> list[Party]:
    """The pods of every service: those that serve, and those that migrate."""
    found = []
    for name, deployment in deployments.items():
        found.append(_pods(settings, name, NAMESPACE, labels.of_pods(name, labels.Role.SERVER)))
        if deployment.migration is not None:
            selected = labels.of_pods(name, labels.Role.MIGRATION)
            found.append(_pods(settings, f"{name} migration", NAMESPACE, selected))
    if settings.kafka_scram_users:
        found.append(_pods(settings, ACCOUNT, NAMESPACE, labels.of_pods(ACCOUNT, labels.Role.MIGRATION)))
    return found


def surrounding_parties(settings: StackSettings) -> list[Party]:
    """Whom they might speak with: other pods, AWS, the node, the world."""
    private, data = _subnets(settings, Tier.PRIVATE), _subnets(settings, Tier.DATA)
    return [
        _pods(settings, "cluster DNS", "kube-system", {"k8s-app": "kube-dns"}),
        _pods(settings, "pod of no service", NAMESPACE, {"app": "stranger"}),
        _pods(settings, "pod of another namespace", "elsewhere", {"app": "stranger"}),
        Party("database and brokers", data),
        Party("API server", (IPv4Network(f"{API_SERVER}/32"),)),
        Party(PRIVATE_SUBNETS, private),
        Party("load balancer", _subnets(settings, Tier.PUBLIC)),
        Party("Pod Identity agent", (POD_IDENTITY_AGENT,)),
        Party("metadata service", (_METADATA_SERVICE,)),
        Party("internet", (_INTERNET,)),
    ]


def _pods(settings: StackSettings, name: str, namespace: str, selected: Mapping[str, str]) -> Party:
    return Party(name, _subnets(settings, Tier.PRIVATE), selected, namespace)


def _subnets(settings: StackSettings, tier: Tier) -> tuple[IPv4Network, ...]:
    return tuple(subnet(settings.vpc_cidr, zone, tier) for zone in settings.availability_zones)
