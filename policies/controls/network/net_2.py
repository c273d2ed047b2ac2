"""NET-2: no door stands open by default, and none but the front door is open to the world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import Value, read

WIDE = {4: 8, 6: 16}
"""A public network with a shorter prefix than this is as good as the world: two halves of it are all of it."""
FRONT_DOOR = 443
"""HTTPS: the one port that may be open to the world."""


@rule(
    "net-2-default-group-empty",
    tokens.VPC,
    joins=True,
    remedy="Declare an aws.ec2.DefaultSecurityGroup for the network, with ingress=[] and egress=[].",
)
def default_group_is_empty(vpc: Resource, stack: Stack) -> Iterator[str]:
    """The default security group of every network is emptied; AWS's default lets its members talk to each other."""
    groups = stack.referring(vpc, tokens.DEFAULT_SECURITY_GROUP, "vpcId")
    if not groups:
        yield "leaves its default security group as AWS makes it"
    for group in groups:
        for direction in ("ingress", "egress"):
            if list(group.items(direction)):
                yield f"its default security group has rules ({direction})"


@rule(
    "net-2-nothing-open",
    tokens.INGRESS_RULE,
    tokens.SECURITY_GROUP,
    remedy=f"Name the group or the network that may come in; only port {FRONT_DOOR} may be open to the world.",
)
def nothing_is_open_to_the_world(resource: Resource, _: Stack) -> Iterator[str]:
    """Nothing but HTTPS is open to the world."""
    if resource.type == tokens.INGRESS_RULE:
        yield from _open_rule(resource.properties, ("cidrIpv4", "cidrIpv6"), "ipProtocol")
    for inline in resource.items("ingress"):
        yield from _open_rule(inline, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")


def _open_rule(entry: Value, sources: tuple[str, ...], protocol: str) -> Iterator[str]:
    """What is open to the world in a rule, where it stands alone or within a group."""
    values = [read(entry, source, ()) for source in sources]
    named = {value for each in values for value in ([each] if isinstance(each, str) else each)}
    yield from _faults(named, (read(entry, protocol), read(entry, "fromPort"), read(entry, "toPort")))


def _faults(sources: Iterable[str], ports: tuple[Value, Value, Value]) -> Iterator[str]:
    world = sorted(source for source in sources if _is_the_world(source))
    if world and ports != ("tcp", FRONT_DOOR, FRONT_DOOR):
        yield f"lets the world in ({', '.join(world)}) to more than port {FRONT_DOOR}"


def _is_the_world(source: str) -> bool:
    try:
        network = ip_network(source, strict=False)
    except ValueError:
        return False  # no network: AWS would not take it
    return network.prefixlen < WIDE[network.version] and not network.is_private


def _groups(account: Account) -> Iterator[Subject]:
    """Every security group of a network in use."""
    networks = {vpc.id for vpc in inventory.networks_in_use(account)}
    for group in account.all("ec2", "describe_security_groups", "SecurityGroups"):
        if group.get("VpcId") in networks:
            yield Subject(group["GroupId"], tokens.SECURITY_GROUP, group)


def _default_groups(account: Account) -> Iterator[Subject]:
    return (group for group in _groups(account) if group.get("GroupName") == "default")


@check("net-2-default-group-empty", _default_groups, proves="it has no rules")
def default_group_has_no_rules(group: Subject, account: Account) -> Iterator[str]:
    """The default security group of every network in use is empty."""
    account.observe(tokens.DEFAULT_SECURITY_GROUP, "ingress", "egress")
    for direction in ("IpPermissions", "IpPermissionsEgress"):
        if group.get(direction):
            yield f"is a network's default group and has rules ({direction})"


@check("net-2-nothing-open", _groups, proves="nothing but HTTPS is open to the world")
def group_is_not_open(group: Subject, account: Account) -> Iterator[str]:
    """Nothing but HTTPS is open to the world."""
    account.observe(tokens.INGRESS_RULE, "cidrIpv4", "cidrIpv6", "ipProtocol", "fromPort", "toPort")
    for permission in group.get("IpPermissions", []):
        ports = (permission.get("IpProtocol"), permission.get("FromPort"), permission.get("ToPort"))
        yield from _faults(_sources(permission), ports)


def _sources(permission: Mapping[str, Any]) -> set[str]:
    v4 = {entry.get("CidrIp", "") for entry in permission.get("IpRanges", [])}
    return v4 | {entry.get("CidrIpv6", "") for entry in permission.get("Ipv6Ranges", [])}


CONTROL = Control(
    id="NET-2",
    title="Nothing open by default",
    statement=(
        "The default security group of every network is empty, and nothing but HTTPS is open to the world: no port of "
        "administration, no database, no broker."
    ),
    rationale=(
        "A default group is what a resource gets that nobody thought about. An open port of administration is found by "
        "a scanner within the hour."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "5.3"),
        Clause("CIS AWS", "5.0", "5.4"),
        Clause("CIS AWS", "5.0", "5.5"),
        Clause("PCI DSS", "4.0.1", "1.4"),
        Clause("ISO 27001", "2022", "8.20"),
        Clause("GLI-19", "3.0", "B.7"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The rules of every security group, and a scan from outside.",
    preventive=(default_group_is_empty, nothing_is_open_to_the_world),
    detective=(default_group_has_no_rules, group_is_not_open),
)
