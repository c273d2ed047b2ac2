"""EC2's virtual network: the VPC, its subnets, gateways, routes, endpoints and flow logs."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.work import Work

TAGGING = Tagging(
    style="TagSpecifications",
    add=Call("CreateTags", {"Resources": ["{id}"]}),
    remove=Call("DeleteTags", {"Resources": ["{id}"]}),
    keys="Tags",
)


def arn(kind: str) -> dict[str, str]:
    """EC2 answers without ARNs; they follow from the id."""
    return {"arn": f"arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/{{id}}"}


def _of_vpc(operation: str, at: str, mark: tuple[str, str], **names: str) -> Read:
    """What AWS makes together with a VPC, found by its mark."""
    filters = [{"Name": "vpc-id", "Values": ["{id}"]}, {"Name": mark[0], "Values": [mark[1]]}]
    return Read(operation, {"Filters": filters}, at=at, takes=(), names=names)


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
        _of_vpc(
            "DescribeRouteTables",
            "RouteTables[0]",
            ("association.main", "true"),
            mainRouteTableId="RouteTableId",
            defaultRouteTableId="RouteTableId",
        ),
        _of_vpc(
            "DescribeSecurityGroups", "SecurityGroups[0]", ("group-name", "default"), defaultSecurityGroupId="GroupId"
        ),
        _of_vpc("DescribeNetworkAcls", "NetworkAcls[0]", ("default", "true"), defaultNetworkAclId="NetworkAclId"),
    ),
    computed=arn("vpc"),
    delete=(Call("DeleteVpc", _VPC),),
    defaults={"enableDnsSupport": True, "enableDnsHostnames": False, "instanceTenancy": "default"},
    tagging=TAGGING,
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
    computed=arn("subnet"),
    delete=(Call("DeleteSubnet", _SUBNET),),
    identity=("vpcId", "cidrBlock"),
    defaults={"mapPublicIpOnLaunch": False, "assignIpv6AddressOnCreation": False},
    tagging=TAGGING,
    tag_type="subnet",
)

_GATEWAY = {"InternetGatewayId": "{id}"}
INTERNET_GATEWAY = Resource(
    type="aws:ec2/internetGateway:InternetGateway",
    service="ec2",
    id="{result.InternetGateway.InternetGatewayId}",
    create=Call("CreateInternetGateway"),
    updates=(
        Call("DetachInternetGateway", {**_GATEWAY, "VpcId": "{old.vpcId}"}, carries=("vpcId",), when="old.vpcId"),
    ),
    settings=(Call("AttachInternetGateway", {**_GATEWAY, "VpcId": "{vpcId}"}, carries=("vpcId",), when="vpcId"),),
    read=(
        Read(
            "DescribeInternetGateways",
            {"InternetGatewayIds": ["{id}"]},
            at="InternetGateways[0]",
            names={"vpcId": "Attachments[0].VpcId"},
        ),
    ),
    computed=arn("internet-gateway"),
    delete=(
        Call("DetachInternetGateway", {**_GATEWAY, "VpcId": "{vpcId}"}, when="vpcId"),
        Call("DeleteInternetGateway", _GATEWAY),
    ),
    tagging=TAGGING,
    tag_type="internet-gateway",
)

EIP = Resource(
    type="aws:ec2/eip:Eip",
    service="ec2",
    id="{result.AllocationId}",
    create=Call("AllocateAddress", carries=ALL),
    read=(
        Read(
            "DescribeAddresses",
            {"AllocationIds": ["{id}"]},
            at="Addresses[0]",
            # Who uses the address is the other resource's input.
            leaves=("instance", "networkInterface", "associateWithPrivateIp"),
        ),
    ),
    computed=arn("elastic-ip"),
    delete=(Call("ReleaseAddress", {"AllocationId": "{id}"}),),
    defaults={"domain": "vpc"},
    tagging=TAGGING,
    tag_type="elastic-ip",
)

_NAT = {"NatGatewayIds": ["{id}"]}
NAT_GATEWAY = Resource(
    type="aws:ec2/natGateway:NatGateway",
    service="ec2",
    id="{result.NatGateway.NatGatewayId}",
    create=Call("CreateNatGateway", carries=ALL),
    read=(
        Read(
            "DescribeNatGateways",
            _NAT,
            at="NatGateways[?State!='deleted'] | [0]",
            names={
                "allocationId": "NatGatewayAddresses[0].AllocationId",
                "publicIp": "NatGatewayAddresses[0].PublicIp",
                "privateIp": "NatGatewayAddresses[0].PrivateIp",
                "networkInterfaceId": "NatGatewayAddresses[0].NetworkInterfaceId",
            },
        ),
    ),
    delete=(Call("DeleteNatGateway", {"NatGatewayId": "{id}"}),),
    identity=("allocationId",),
    defaults={"connectivityType": "public"},
    tagging=TAGGING,
    tag_type="natgateway",
    waiter="nat_gateway_available",
    waiter_arguments=_NAT,
)

_TABLE = {"RouteTableId": "{id}"}
ROUTE_TABLE = Resource(
    type="aws:ec2/routeTable:RouteTable",
    service="ec2",
    id="{result.RouteTable.RouteTableId}",
    create=Call("CreateRouteTable", carries=("vpcId",)),
    read=(
        Read(
            "DescribeRouteTables",
            {"RouteTableIds": ["{id}"]},
            at="RouteTables[0]",
            leaves=("routes", "propagatingVgws"),
        ),
    ),
    computed=arn("route-table"),
    delete=(Call("DeleteRouteTable", _TABLE),),
    tagging=TAGGING,
    tag_type="route-table",
)

_ROUTE = {
    "RouteTableId": "{routeTableId}",
    "DestinationCidrBlock": "{destinationCidrBlock}",
    "DestinationIpv6CidrBlock": "{destinationIpv6CidrBlock}",
    "DestinationPrefixListId": "{destinationPrefixListId}",
}
ROUTE = Resource(
    type="aws:ec2/route:Route",
    service="ec2",
    id="{routeTableId}_{destinationCidrBlock || destinationIpv6CidrBlock || destinationPrefixListId}",
    create=Call("CreateRoute", _ROUTE, carries=ALL),
    read=(
        Read(
            "DescribeRouteTables",
            {"RouteTableIds": ["{routeTableId}"]},
            at="RouteTables[0].Routes[?DestinationCidrBlock=='{destinationCidrBlock}'"
            " || DestinationIpv6CidrBlock=='{destinationIpv6CidrBlock}'"
            " || DestinationPrefixListId=='{destinationPrefixListId}'] | [0]",
        ),
    ),
    computed={"routeTableId": "{routeTableId}"},
    updates=(Call("ReplaceRoute", _ROUTE, carries=ALL),),
    delete=(Call("DeleteRoute", _ROUTE),),
    identity=("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
)

ROUTE_TABLE_ASSOCIATION = Resource(
    type="aws:ec2/routeTableAssociation:RouteTableAssociation",
    service="ec2",
    id="{result.AssociationId}",
    create=Call("AssociateRouteTable", carries=ALL),
    read=(
        Read(
            "DescribeRouteTables",
            at="RouteTables[].Associations[?RouteTableAssociationId=='{id}'][] | [0]",
        ),
    ),
    delete=(Call("DisassociateRouteTable", {"AssociationId": "{id}"}),),
    identity=("subnetId", "gatewayId"),
)


def _modify_endpoint(work: Work) -> None:
    """Bring an endpoint's subnets, route tables and groups to the new; AWS takes additions and removals."""
    request: dict[str, list[str]] = {}
    for name, member in (
        ("subnetIds", "SubnetIds"),
        ("routeTableIds", "RouteTableIds"),
        ("securityGroupIds", "SecurityGroupIds"),
    ):
        old, new = set(work.values["old"].get(name) or []), set(work.inputs.get(name) or [])
        if new - old:
            request[f"Add{member}"] = sorted(new - old)
        if old - new:
            request[f"Remove{member}"] = sorted(old - new)
    work.client().modify_vpc_endpoint(VpcEndpointId=work.id, **request)


VPC_ENDPOINT = Resource(
    type="aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    id="{result.VpcEndpoint.VpcEndpointId}",
    create=Call("CreateVpcEndpoint", carries=ALL),
    names={"policy": "PolicyDocument"},
    read=(
        Read(
            "DescribeVpcEndpoints",
            {"VpcEndpointIds": ["{id}"]},
            at="VpcEndpoints[?State!='deleted'] | [0]",
            names={"securityGroupIds": "Groups[].GroupId"},
        ),
    ),
    updates=(
        Adjust(_modify_endpoint, carries=("subnetIds", "routeTableIds", "securityGroupIds")),
        Call(
            "ModifyVpcEndpoint", {"VpcEndpointId": "{id}"}, carries=("policy", "privateDnsEnabled"), only_changed=True
        ),
    ),
    computed=arn("vpc-endpoint"),
    delete=(Call("DeleteVpcEndpoints", {"VpcEndpointIds": ["{id}"]}),),
    defaults={"vpcEndpointType": "Gateway", "privateDnsEnabled": False},
    only_here=("autoAccept",),
    tagging=TAGGING,
    tag_type="vpc-endpoint",
)

FLOW_LOG = Resource(
    type="aws:ec2/flowLog:FlowLog",
    service="ec2",
    id="{result.FlowLogIds[0]}",
    create=Call(
        "CreateFlowLogs",
        {
            "ResourceIds": "=[vpcId || subnetId || eniId]",
            "ResourceType": "=vpcId && 'VPC' || subnetId && 'Subnet' || 'NetworkInterface'",
        },
        carries=ALL,
    ),
    names={"iamRoleArn": "DeliverLogsPermissionArn"},
    read=(
        Read(
            "DescribeFlowLogs",
            {"FlowLogIds": ["{id}"]},
            at="FlowLogs[0]",
            names={
                "vpcId": "starts_with(ResourceId, 'vpc-') && ResourceId || `null`",
                "subnetId": "starts_with(ResourceId, 'subnet-') && ResourceId || `null`",
                "eniId": "starts_with(ResourceId, 'eni-') && ResourceId || `null`",
            },
        ),
    ),
    computed=arn("vpc-flow-log"),
    delete=(Call("DeleteFlowLogs", {"FlowLogIds": ["{id}"]}),),
    identity=("vpcId", "subnetId", "eniId", "trafficType", "logDestination"),
    defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
    tagging=TAGGING,
    tag_type="vpc-flow-log",
)

BLOCK_PUBLIC_ACCESS = Resource(
    type="aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    service="ec2",
    id="{region}",
    settings=(Call("ModifyVpcBlockPublicAccessOptions", carries=ALL),),
    read=(Read("DescribeVpcBlockPublicAccessOptions", at="VpcBlockPublicAccessOptions"),),
    computed={"awsAccountId": "{account}", "awsRegion": "{region}"},
    delete=(Call("ModifyVpcBlockPublicAccessOptions", {"InternetGatewayBlockMode": "off"}),),
    lacking=True,
)

BLOCK_PUBLIC_ACCESS_EXCLUSION = Resource(
    type="aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion",
    service="ec2",
    # AWS makes up an id; what is only declared is named by what it is about.
    id="vpcbpa-exclude-{subnetId || vpcId}",
    create=Call("CreateVpcBlockPublicAccessExclusion", carries=ALL),
    read=(Read("DescribeVpcBlockPublicAccessExclusions", {"ExclusionIds": ["{id}"]}),),
    updates=(
        Call("ModifyVpcBlockPublicAccessExclusion", {"ExclusionId": "{id}"}, carries=("internetGatewayExclusionMode",)),
    ),
    delete=(Call("DeleteVpcBlockPublicAccessExclusion", {"ExclusionId": "{id}"}),),
    identity=("subnetId", "vpcId"),
    tagging=TAGGING,
    tag_type="vpc-block-public-access-exclusion",
    lacking=True,
)

RESOURCES = (
    VPC,
    SUBNET,
    INTERNET_GATEWAY,
    EIP,
    NAT_GATEWAY,
    ROUTE_TABLE,
    ROUTE,
    ROUTE_TABLE_ASSOCIATION,
    VPC_ENDPOINT,
    FLOW_LOG,
    BLOCK_PUBLIC_ACCESS,
    BLOCK_PUBLIC_ACCESS_EXCLUSION,
)
