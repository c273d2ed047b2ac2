"""EC2: the network."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_TAGGING = Tagging(
    style="TagSpecifications",
    add=Call("CreateTags", {"Resources": ["{id}"]}),
    remove=Call("DeleteTags", {"Resources": ["{id}"]}),
    keys="Tags",
)

_VPC = {"VpcId": "{id}"}
VPC = Resource(
    type="aws:ec2/vpc:Vpc",
    service="ec2",
    id="{result.Vpc.VpcId}",
    create=Call("CreateVpc", carries=ALL),
    settings=(
        Call("ModifyVpcAttribute", _VPC, carries=("enableDnsSupport",)),
        Call("ModifyVpcAttribute", _VPC, carries=("enableDnsHostnames",)),
    ),
    read=(
        Read("DescribeVpcs", {"VpcIds": ["{id}"]}, at="Vpcs[0]"),
        Read("DescribeVpcAttribute", {**_VPC, "Attribute": "enableDnsSupport"}, takes=("enableDnsSupport",)),
        Read("DescribeVpcAttribute", {**_VPC, "Attribute": "enableDnsHostnames"}, takes=("enableDnsHostnames",)),
        Read(
            "DescribeRouteTables",
            {"Filters": [{"Name": "vpc-id", "Values": ["{id}"]}, {"Name": "association.main", "Values": ["true"]}]},
            at="RouteTables[0]",
            takes=(),
            names={"mainRouteTableId": "RouteTableId", "defaultRouteTableId": "RouteTableId"},
        ),
        Read(
            "DescribeSecurityGroups",
            {"Filters": [{"Name": "vpc-id", "Values": ["{id}"]}, {"Name": "group-name", "Values": ["default"]}]},
            at="SecurityGroups[0]",
            takes=(),
            names={"defaultSecurityGroupId": "GroupId"},
        ),
        Read(
            "DescribeNetworkAcls",
            {"Filters": [{"Name": "vpc-id", "Values": ["{id}"]}, {"Name": "default", "Values": ["true"]}]},
            at="NetworkAcls[0]",
            takes=(),
            names={"defaultNetworkAclId": "NetworkAclId"},
        ),
    ),
    computed={"arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}"},
    delete=(Call("DeleteVpc", _VPC),),
    defaults={"enableDnsSupport": True, "enableDnsHostnames": False, "instanceTenancy": "default"},
    tagging=_TAGGING,
    tag_type="vpc",
)

_SUBNET = {"SubnetId": "{id}"}
SUBNET = Resource(
    type="aws:ec2/subnet:Subnet",
    service="ec2",
    id="{result.Subnet.SubnetId}",
    create=Call("CreateSubnet", carries=ALL),
    settings=tuple(
        Call("ModifySubnetAttribute", _SUBNET, carries=(name,))
        for name in ("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64")
    ),
    read=(Read("DescribeSubnets", {"SubnetIds": ["{id}"]}, at="Subnets[0]"),),
    computed={"arn": "arn:{partition}:ec2:{region}:{account}:subnet/{id}"},
    delete=(Call("DeleteSubnet", _SUBNET),),
    identity=("vpcId", "cidrBlock"),
    defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
    tagging=_TAGGING,
    tag_type="subnet",
)

RESOURCES = (VPC, SUBNET)
