"""EC2's security groups: the groups, the default one of a VPC, and their rules."""

from __future__ import annotations

from typing import Literal

from sandbox.twin.mapping.ec2 import TAGGING, arn
from sandbox.twin.resource import Adjust, Call, Read, Resource, Tagging
from sandbox.twin.values import Value
from sandbox.twin.work import Work


def _revoke_everything(work: Work) -> None:
    """Take every rule out of the group."""
    ec2 = work.client()
    group = ec2.describe_security_groups(GroupIds=[work.id])["SecurityGroups"][0]
    if group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=work.id, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=work.id, IpPermissions=group["IpPermissionsEgress"])


def _set_rules(work: Work) -> None:
    """Leave the group with the rules of its inputs and no others."""
    _revoke_everything(work)
    ec2 = work.client()
    if ingress := [_permission(rule) for rule in work.inputs.get("ingress") or []]:
        ec2.authorize_security_group_ingress(GroupId=work.id, IpPermissions=ingress)
    if egress := [_permission(rule) for rule in work.inputs.get("egress") or []]:
        ec2.authorize_security_group_egress(GroupId=work.id, IpPermissions=egress)


def _permission(rule: dict[str, Value]) -> dict[str, Value]:
    """A rule of Pulumi's `ingress` and `egress` lists as AWS's IpPermission."""
    groups = [*(rule.get("securityGroups") or []), *(["self"] if rule.get("self") else [])]
    note = {"Description": rule["description"]} if rule.get("description") else {}
    return {
        "IpProtocol": str(rule["protocol"]),
        "FromPort": int(rule["fromPort"]),
        "ToPort": int(rule["toPort"]),
        "IpRanges": [{"CidrIp": cidr, **note} for cidr in rule.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **note} for cidr in rule.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [{"PrefixListId": name, **note} for name in rule.get("prefixListIds") or []],
        "UserIdGroupPairs": [{"GroupId": group, **note} for group in groups],
    }


_RULES = (
    "[].{protocol: IpProtocol, fromPort: FromPort, toPort: ToPort, cidrBlocks: IpRanges[].CidrIp,"
    " ipv6CidrBlocks: Ipv6Ranges[].CidrIpv6, prefixListIds: PrefixListIds[].PrefixListId,"
    " securityGroups: UserIdGroupPairs[].GroupId}"
)

SECURITY_GROUP = Resource(
    type="aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    id="{result.GroupId}",
    create=Call(
        "CreateSecurityGroup", {"Description": "=description || 'Managed by Pulumi'"}, carries=("name", "vpcId")
    ),
    noun="Group",
    # AWS lets everything out of a new group; the provider takes that away, so that only declared rules hold.
    after_create=_revoke_everything,
    read=(
        Read(
            "DescribeSecurityGroups",
            {"GroupIds": ["{id}"]},
            at="SecurityGroups[0]",
            # Rules are resources of their own.
            leaves=("ingress", "egress"),
        ),
    ),
    computed=arn("security-group"),
    delete=(Call("DeleteSecurityGroup", {"GroupId": "{id}"}),),
    autoname="name",
    identity=("name", "vpcId"),
    defaults={"description": "Managed by Pulumi"},
    only_here=("revokeRulesOnDelete",),
    tagging=TAGGING,
    tag_type="security-group",
)

DEFAULT_SECURITY_GROUP = Resource(
    type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    service="ec2",
    id="{result.SecurityGroups[0].GroupId}",
    # Nothing is created: the group came with the VPC, and is adopted.
    create=Call(
        "DescribeSecurityGroups",
        {"Filters": [{"Name": "vpc-id", "Values": ["{vpcId}"]}, {"Name": "group-name", "Values": ["default"]}]},
    ),
    settings=(Adjust(_set_rules, carries=("ingress", "egress")),),
    noun="Group",
    read=(
        Read(
            "DescribeSecurityGroups",
            {"GroupIds": ["{id}"]},
            at="SecurityGroups[0]",
            names={"ingress": f"IpPermissions{_RULES}", "egress": f"IpPermissionsEgress{_RULES}"},
        ),
    ),
    computed=arn("security-group"),
    only_here=("revokeRulesOnDelete",),
    tagging=Tagging(add=TAGGING.add, remove=TAGGING.remove, keys="Tags", on_create=""),
)


def _rule(direction: Literal["Ingress", "Egress"]) -> Resource:
    """A single rule of a group."""
    note = "Description: description"
    peer = {
        "IpRanges": f"=cidrIpv4 && [{{CidrIp: cidrIpv4, {note}}}]",
        "Ipv6Ranges": f"=cidrIpv6 && [{{CidrIpv6: cidrIpv6, {note}}}]",
        "PrefixListIds": f"=prefixListId && [{{PrefixListId: prefixListId, {note}}}]",
        "UserIdGroupPairs": f"=referencedSecurityGroupId && [{{GroupId: referencedSecurityGroupId, {note}}}]",
    }
    ports = {"IpProtocol": "{ipProtocol}", "FromPort": "{fromPort}", "ToPort": "{toPort}"}
    one = {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]}
    changed = {
        **ports,
        "CidrIpv4": "{cidrIpv4}",
        "CidrIpv6": "{cidrIpv6}",
        "PrefixListId": "{prefixListId}",
        "ReferencedGroupId": "{referencedSecurityGroupId}",
        "Description": "{description}",
    }
    inputs = (
        "ipProtocol",
        "fromPort",
        "toPort",
        "cidrIpv4",
        "cidrIpv6",
        "prefixListId",
        "referencedSecurityGroupId",
        "description",
    )
    return Resource(
        type=f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        service="ec2",
        id="{result.SecurityGroupRules[0].SecurityGroupRuleId}",
        create=Call(
            f"AuthorizeSecurityGroup{direction}",
            {"GroupId": "{securityGroupId}", "IpPermissions": [{**ports, **peer}]},
        ),
        read=(
            Read(
                "DescribeSecurityGroupRules",
                {"SecurityGroupRuleIds": ["{id}"]},
                at="SecurityGroupRules[0]",
                names={"securityGroupId": "GroupId", "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId"},
            ),
        ),
        names=dict.fromkeys(inputs, ""),
        updates=(
            Call(
                "ModifySecurityGroupRules",
                {
                    "GroupId": "{securityGroupId}",
                    "SecurityGroupRules": [{"SecurityGroupRuleId": "{id}", "SecurityGroupRule": changed}],
                },
                carries=inputs,
            ),
        ),
        computed=arn("security-group-rule"),
        delete=(Call(f"RevokeSecurityGroup{direction}", one),),
        identity=("securityGroupId", *inputs[:-1]),
        # Of a rule for another group; moto keeps it of a range.
        dropped=("description",),
        tagging=TAGGING,
        tag_type="security-group-rule",
    )


RESOURCES = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP, _rule("Ingress"), _rule("Egress"))
