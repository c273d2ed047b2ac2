"""Doors in security groups: one TCP port, open to one other group or one range of addresses."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component

WORLD: Final = IPv4Network("0.0.0.0/0")


def let_in(
    owner: Component,
    part: str,
    group_id: pulumi.Input[str],
    port: int,
    source: pulumi.Input[str] | IPv4Network,
    *,
    description: str,
) -> None:
    """Declare a way into a security group.

    Args:
        owner: whose child the rule is.
        part: the rule's name within its owner.
        group_id: the security group that is entered.
        source: who comes: the id of a security group, or a range of addresses.
        description: what the rule is for, as the console shows it.
    """
    aws.vpc.SecurityGroupIngressRule(
        owner.child_name(part),
        security_group_id=group_id,
        description=description,
        cidr_ipv4=_cidr(source),
        referenced_security_group_id=_group(source),
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=owner.tags(part),
        opts=owner.child(),
    )


def let_out(
    owner: Component,
    part: str,
    group_id: pulumi.Input[str],
    port: int,
    target: pulumi.Input[str] | IPv4Network,
    *,
    description: str,
) -> None:
    """Declare a way out of a security group to `target`; otherwise as `let_in`."""
    aws.vpc.SecurityGroupEgressRule(
        owner.child_name(part),
        security_group_id=group_id,
        description=description,
        cidr_ipv4=_cidr(target),
        referenced_security_group_id=_group(target),
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=owner.tags(part),
        opts=owner.child(),
    )


def _cidr(peer: pulumi.Input[str] | IPv4Network) -> str | None:
    return str(peer) if isinstance(peer, IPv4Network) else None


def _group(peer: pulumi.Input[str] | IPv4Network) -> pulumi.Input[str] | None:
    return None if isinstance(peer, IPv4Network) else peer
