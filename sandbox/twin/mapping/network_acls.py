"""EC2's network ACLs: the lists, the subnets that have them, and their rules."""

from __future__ import annotations

from sandbox.twin.mapping.ec2 import TAGGING, arn
from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource
from sandbox.twin.work import Work


def _associate(work: Work) -> None:
    """A subnet always has one list: it gets this one for the one that it has, and those that leave the default one."""
    wanted = set(work.inputs.get("subnetIds") or [])
    _replace(work, sorted(set(work.values.get("old", {}).get("subnetIds") or []) - wanted), _default(work))
    _replace(work, sorted(wanted), work.id)


def _leave(work: Work) -> None:
    _replace(work, sorted(work.inputs.get("subnetIds") or []), _default(work))


def _replace(work: Work, subnets: list[str], acl: str) -> None:
    ec2 = work.client()
    for subnet in subnets:
        having = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
        associations = [each for one in having["NetworkAcls"] for each in one["Associations"]]
        for each in associations:
            if each["SubnetId"] == subnet and each["NetworkAclId"] != acl:
                ec2.replace_network_acl_association(AssociationId=each["NetworkAclAssociationId"], NetworkAclId=acl)


def _default(work: Work) -> str:
    of_vpc = [
        {"Name": "vpc-id", "Values": [work.inputs["vpcId"]]},
        {"Name": "default", "Values": ["true"]},
    ]
    return str(work.client().describe_network_acls(Filters=of_vpc)["NetworkAcls"][0]["NetworkAclId"])


_ACL = {"NetworkAclId": "{id}"}
ACL = Resource(
    type="aws:ec2/networkAcl:NetworkAcl",
    service="ec2",
    id="{result.NetworkAcl.NetworkAclId}",
    create=Call("CreateNetworkAcl", carries=("vpcId",)),
    settings=(Adjust(_associate, carries=("subnetIds",)),),
    read=(
        Read(
            "DescribeNetworkAcls",
            {"NetworkAclIds": ["{id}"]},
            at="NetworkAcls[0]",
            names={"subnetIds": "Associations[].SubnetId"},
            leaves=("ingress", "egress"),
        ),
    ),
    computed=arn("network-acl"),
    before_delete=_leave,
    delete=(Call("DeleteNetworkAcl", _ACL),),
    tagging=TAGGING,
    tag_type="network-acl",
)

_RULE = {
    "NetworkAclId": "{networkAclId}",
    "RuleNumber": "{ruleNumber}",
    "Egress": "=egress || `false`",
    # AWS knows protocols by number, and programs by name.
    "Protocol": "=protocol == 'tcp' && '6' || protocol == 'udp' && '17' || protocol",
    "PortRange": "={From: fromPort, To: toPort}",
}
_NUMBERS = "Protocol == '6' && 'tcp' || Protocol == '17' && 'udp' || Protocol"
RULE = Resource(
    type="aws:ec2/networkAclRule:NetworkAclRule",
    service="ec2",
    id="{networkAclId}:{ruleNumber}:{egress}",
    create=Call("CreateNetworkAclEntry", _RULE, carries=ALL),
    names={"fromPort": "", "toPort": "", "protocol": ""},
    read=(
        Read(
            "DescribeNetworkAcls",
            {"NetworkAclIds": ["{networkAclId}"]},
            # What stands in braces is put in as text, and `True` is none of JMESPath's literals.
            at="NetworkAcls[0].Entries[?RuleNumber==`{ruleNumber}` && Egress==contains('{egress}', 'rue')] | [0]",
            names={"fromPort": "PortRange.From", "toPort": "PortRange.To", "protocol": _NUMBERS},
        ),
    ),
    updates=(
        Call("ReplaceNetworkAclEntry", _RULE, carries=("cidrBlock", "fromPort", "protocol", "ruleAction", "toPort")),
    ),
    computed={"networkAclId": "{networkAclId}"},
    delete=(
        Call(
            "DeleteNetworkAclEntry",
            {"NetworkAclId": "{networkAclId}", "RuleNumber": "{ruleNumber}", "Egress": "=egress || `false`"},
        ),
    ),
    identity=("networkAclId", "ruleNumber", "egress"),
)

RESOURCES = (ACL, RULE)
