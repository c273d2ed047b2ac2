"""The network policies as Kubernetes reads them: nothing is open, then each flow that a deploy.toml names is opened.

Pure: from settings and deploy.toml files to manifests, so that what they open can be computed (`coverage.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any, Final

from infra.cidr import API_SERVER, Tier, subnet
from infra.foundation.data import database, scram, streaming
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.deploy import KUBERNETES, Deployment

Spec = Any
"""The spec of a NetworkPolicy, as a manifest has it."""

EDGE_PORT: Final = "http"
"""The port of this name takes requests from the edge: it is the way in from outside the cluster."""
METRICS_PORT: Final = "metrics"
"""The port of this name is scraped from the private subnets; probes come from the node itself, which always may."""

POD_IDENTITY_AGENT: Final = IPv4Network("169.254.170.23/32")
_AGENT_PORT: Final = 80
_API_SERVER_PORT: Final = 443


def network_policies(settings: StackSettings, deployments: Mapping[str, Deployment]) -> dict[str, Spec]:
    """Every network policy of the namespace, by name."""
    policies = {"default-deny": _deny_everything(), "allow-dns": _resolve_names()}
    for name, deployment in deployments.items():
        policies[f"allow-{name}"] = _serve(name, settings, deployments)
        if deployment.migration is not None:
            policies[f"allow-{name}-migration"] = _migrate(deployment, settings)
    if settings.kafka_scram_users:
        policies[f"allow-{scram.ACCOUNT}"] = _grant(settings)
    return policies


def _deny_everything() -> Spec:
    """Every pod, both ways: control NET-4."""
    return {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def _resolve_names() -> Spec:
    dns = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    }
    ports = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [dns], "ports": ports}]}


def _serve(name: str, settings: StackSettings, deployments: Mapping[str, Deployment]) -> Spec:
    deployment = deployments[name]
    egress = [_call(called, settings, deployments) for called in deployment.access.calls]
    if deployment.access.topics.read or deployment.access.topics.write:
        egress.append(_rule("to", [_block(POD_IDENTITY_AGENT)], [_AGENT_PORT]))
    return {
        "podSelector": _pods(name),
        "policyTypes": ["Ingress", "Egress"],
        "ingress": _callers(name, settings, deployments),
        "egress": egress,
    }


def _migrate(deployment: Deployment, settings: StackSettings) -> Spec:
    """A migration brings the database up to date, and speaks to nobody else."""
    return {
        "podSelector": _pods(deployment.service.name, labels.Role.MIGRATION),
        "policyTypes": ["Egress"],
        "egress": [_rule("to", _subnets(settings, Tier.DATA), [database.PORT])],
    }


def _grant(settings: StackSettings) -> Spec:
    """The job that grants Kafka's users with passwords their rights, as itself."""
    return {
        "podSelector": _pods(scram.ACCOUNT, labels.Role.MIGRATION),
        "policyTypes": ["Egress"],
        "egress": [
            _rule("to", _subnets(settings, Tier.DATA), [streaming.IAM_PORT]),
            _rule("to", [_block(POD_IDENTITY_AGENT)], [_AGENT_PORT]),
        ],
    }


def _callers(name: str, settings: StackSettings, deployments: Mapping[str, Deployment]) -> list[dict[str, Any]]:
    """Other services on the serving ports, the edge on its own, metrics from where the collector is."""
    callers = [caller for caller, each in deployments.items() if name in each.access.calls]
    rules = [_rule("from", [{"podSelector": _pods(each)} for each in callers], _serving_ports(deployments[name]))]
    # Node ports rewrite the source to the node's, so the edge comes from the nodes, in the private subnets.
    outside = [port.port for port in deployments[name].ports if port.name in (EDGE_PORT, METRICS_PORT)]
    rules.append(_rule("from", _subnets(settings, Tier.PRIVATE), outside))
    return [rule for rule in rules if rule["from"] and rule["ports"]]


def _call(called: str, settings: StackSettings, deployments: Mapping[str, Deployment]) -> dict[str, Any]:
    match called:
        case "database":
            return _rule("to", _subnets(settings, Tier.DATA), [database.PORT])
        case "streaming":
            return _rule("to", _subnets(settings, Tier.DATA), [streaming.IAM_PORT])
        case kubernetes if kubernetes == KUBERNETES:
            # AWS's network plugin judges a packet before the service's address is rewritten, others after.
            service = _block(IPv4Network(f"{API_SERVER}/32"))
            return _rule("to", [service, *_subnets(settings, Tier.PRIVATE)], [_API_SERVER_PORT])
    return _rule("to", [{"podSelector": _pods(called)}], _serving_ports(deployments[called]))


def _serving_ports(deployment: Deployment) -> list[int]:
    return [port.port for port in deployment.ports if port.name != METRICS_PORT]


def _pods(service: str, role: labels.Role = labels.Role.SERVER) -> dict[str, Any]:
    return {"matchLabels": labels.of_pods(service, role)}


def _subnets(settings: StackSettings, tier: Tier) -> list[dict[str, Any]]:
    return [_block(subnet(settings.vpc_cidr, zone, tier)) for zone in settings.availability_zones]


def _block(network: IPv4Network) -> dict[str, Any]:
    return {"ipBlock": {"cidr": str(network)}}


def _rule(direction: str, peers: Sequence[Mapping[str, Any]], ports: Iterable[int]) -> dict[str, Any]:
    return {direction: list(peers), "ports": [{"port": port, "protocol": "TCP"} for port in ports]}
