"""A second lock on the data subnets: whatever a security group says, only the private and the data tier come in.

Security groups say which port is open to which pods. This says, for the whole tier at once and whoever adds what to it,
that neither the public subnets nor any address outside ever speak to a database or a broker: control NET-1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from infra.cidr import ZONE_LETTERS, Tier, subnet
from infra.component import Component


def data_acl(owner: Component, vpc_id: pulumi.Input[str], subnet_ids: list[pulumi.Output[str]]) -> None:
    """The network ACL of the data subnets and its rules, as children of `owner`.

    A rule's number follows from its zone and tier, so that a zone that is added renumbers nothing.
    """
    acl = aws.ec2.NetworkAcl(
        owner.child_name("data"), vpc_id=vpc_id, subnet_ids=subnet_ids, tags=owner.tags("data"), opts=owner.child()
    )
    settings = owner.settings
    for name, number, network in peers(settings.vpc_cidr, settings.availability_zones):
        for egress in (False, True):
            aws.ec2.NetworkAclRule(
                owner.child_name(f"data-{'to' if egress else 'from'}-{name}"),
                network_acl_id=acl.id,
                rule_number=number,
                egress=egress,
                rule_action="allow",
                protocol="tcp",
                cidr_block=str(network),
                from_port=1024,
                to_port=65535,
                opts=owner.child(),
            )


def peers(vpc: IPv4Network, zones: Iterable[str]) -> Iterator[tuple[str, int, IPv4Network]]:
    """Who speaks with the data tier, as (name, number of the rule, addresses): the nodes, and the tier itself.

    Nothing there listens on a port below 1024.
    """
    for zone in zones:
        for hundred, tier in ((100, Tier.PRIVATE), (200, Tier.DATA)):
            yield f"{tier}-{zone}", hundred + ZONE_LETTERS.index(zone[-1]), subnet(vpc, zone, tier)
