"""A door that only the cluster's pods may come through: one security group, one port."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.network.doors import let_in
from infra.foundation.network.network import Network


def pods_only_group(
    owner: Component,
    network: Network,
    clients_group_id: pulumi.Input[str],
    *,
    group: tuple[str, str],
    rule: tuple[str, str],
    port: int,
) -> aws.ec2.SecurityGroup:
    """The security group of something that pods reach on one TCP port, and that opens nothing itself.

    Args:
        owner: whose child the group and its rule are.
        clients_group_id: the pods' security group.
        group: the group's name within its owner, and its description.
        rule: likewise for its one rule.
    """
    name, description = group
    made = aws.ec2.SecurityGroup(
        owner.child_name(name),
        name=owner.name_of(name),
        description=description,
        vpc_id=network.vpc.id,
        tags=owner.tags(name),
        opts=owner.child(),
    )
    rule_name, rule_description = rule
    let_in(owner, rule_name, made.id, port, clients_group_id, description=rule_description)
    return made
