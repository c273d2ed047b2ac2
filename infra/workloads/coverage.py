"""What network policies open: a pure answer for any two parties and any port, read off the policies as rendered.

The rules are those of Kubernetes: a pod that no policy of a direction selects is open in that direction; policies add
up; a connection needs both its ends to agree. Addresses are judged by what a party may have: an address block that
overlaps a party's networks counts as open to it, so what is called closed is closed wherever its address lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

Policy = Mapping[str, Any]
"""A NetworkPolicy as a manifest: `metadata` with its namespace, and `spec`."""


class UncomputedError(Exception):
    """A policy uses a feature of Kubernetes that is not computed here, so nothing can be said."""


@dataclass(frozen=True)
class Party:
    """Who opens or takes connections: pods, by what selects them, or anything else, by its addresses alone.

    Args:
        name: what people call it.
        networks: where its addresses may lie.
        labels: of its pods; None where it is none.
        namespace: of its pods.
    """

    name: str
    networks: tuple[IPv4Network, ...]
    labels: Mapping[str, str] | None = field(default=None, hash=False)
    namespace: str = ""


def is_open(policies: Iterable[Policy], source: Party, target: Party, port: int, protocol: str = "TCP") -> bool:
    """Whether `source` can open a connection to `port` of `target`.

    Raises:
        UncomputedError: a policy has a named port or a match expression.
    """
    known = list(policies)
    leaving, entering = _rules(known, source, "Egress", "to"), _rules(known, target, "Ingress", "from")
    return _lets(leaving, target, (port, protocol)) and _lets(entering, source, (port, protocol))


_Rule = tuple[str, Any, Any]
"""A rule's own namespace, its peers and its ports; None for all."""


def _rules(policies: Iterable[Policy], owner: Party, direction: str, peers: str) -> list[_Rule] | None:
    """The rules that bind `owner` in a direction, or None where nothing does."""
    selecting = [each for each in policies if _selects(each, owner) and direction in _types(each["spec"])]
    if not selecting:
        return None
    return [
        (each["metadata"]["namespace"], rule.get(peers), rule.get("ports"))
        for each in selecting
        for rule in each["spec"].get(direction.lower(), [])
    ]


def _lets(rules: list[_Rule] | None, peer: Party, at: tuple[int, str]) -> bool:
    if rules is None:
        return True
    return any(_on_port(ports, *at) and _with_peer(peers, peer, namespace) for namespace, peers, ports in rules)


def _types(spec: Mapping[str, Any]) -> list[str]:
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if "egress" in spec else [])]


def _selects(policy: Policy, party: Party) -> bool:
    if party.labels is None or policy["metadata"]["namespace"] != party.namespace:
        return False
    return _matches(policy["spec"]["podSelector"], party.labels)


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if selector.get("matchExpressions"):
        raise UncomputedError("matchExpressions are not computed; write matchLabels")
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def _on_port(ports: Iterable[Mapping[str, Any]] | None, port: int, protocol: str) -> bool:
    return ports is None or any(_is_port(each, port, protocol) for each in ports)


def _is_port(allowed: Mapping[str, Any], port: int, protocol: str) -> bool:
    if allowed.get("protocol", "TCP") != protocol:
        return False
    first = allowed.get("port")
    if isinstance(first, str):
        raise UncomputedError(f"the named port {first!r} is not computed; write its number")
    return first is None or first <= port <= allowed.get("endPort", first)


def _with_peer(peers: Iterable[Mapping[str, Any]] | None, party: Party, namespace: str) -> bool:
    return not peers or any(_is_peer(each, party, namespace) for each in peers)


def _is_peer(peer: Mapping[str, Any], party: Party, namespace: str) -> bool:
    if block := peer.get("ipBlock"):
        return any(_overlaps(block, network) for network in party.networks)
    if party.labels is None:
        return False
    if "namespaceSelector" in peer:
        if not _matches(peer["namespaceSelector"], {"kubernetes.io/metadata.name": party.namespace}):
            return False
    elif party.namespace != namespace:
        return False
    return _matches(peer.get("podSelector", {}), party.labels)


def _overlaps(block: Mapping[str, Any], network: IPv4Network) -> bool:
    if not network.overlaps(IPv4Network(block["cidr"])):
        return False
    return not any(network.subnet_of(IPv4Network(each)) for each in block.get("except", []))
