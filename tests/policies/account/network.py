"""The network of the account under test: its subnets, its groups, its way out and the record of its traffic."""

from __future__ import annotations

from typing import Final

from policies.values import Value
from tests.policies.account.clients import REGION, Clients
from tests.policies.account.records import LANDING

ZONES: Final = ("a", "b", "c")
ANYWHERE: Final = "0.0.0.0/0"


class Network(Clients):
    """The network, and the ways to open it."""

    def clear_network(self) -> None:
        """Take away the default network that a new account has in every region."""
        ec2 = self.client("ec2")
        for subnet in ec2.describe_subnets()["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for vpc in ec2.describe_vpcs()["Vpcs"]:
            ec2.delete_vpc(VpcId=vpc["VpcId"])

    def build_network(self) -> None:
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate(ZONES)
        ]

    def build_flow_log(self, traffic: str = "ALL", interval: int = 60) -> None:
        """Record the network's traffic."""
        self.flow_log = self.client("ec2").create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType=traffic,
            MaxAggregationInterval=interval,
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{LANDING}",
        )["FlowLogIds"][0]

    def misdirect_flow_log(self) -> None:
        """A flow log into a log group that does not exist: it records, and delivers nothing."""
        ec2 = self.client("ec2")
        ec2.delete_flow_logs(FlowLogIds=[self.flow_log])
        self.flow_log = ec2.create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            MaxAggregationInterval=60,
            LogDestinationType="cloud-watch-logs",
            LogGroupName="/nowhere",
            DeliverLogsPermissionArn=self.role("flow"),
        )["FlowLogIds"][0]

    def rebuild_flow_log(self, **changes: Value) -> None:
        """Another flow log in place of the present one."""
        self.client("ec2").delete_flow_logs(FlowLogIds=[self.flow_log])
        self.build_flow_log(**changes)

    def route_to_the_internet(self) -> None:
        """Give the main route table of the network, which its subnets take, a way out."""
        ec2 = self.client("ec2")
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == self.vpc)
        ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)

    def close_the_route(self) -> None:
        """Take the way out away again."""
        ec2 = self.client("ec2")
        table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == self.vpc)
        ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock=ANYWHERE)

    def empty_default_group(self) -> None:
        """Take every rule out of the network's default group."""
        ec2, group = self.client("ec2"), self.default_group()
        described = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        if described["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=described["IpPermissions"])
        if described["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group, IpPermissions=described["IpPermissionsEgress"])

    def fill_default_group(self) -> None:
        """Let the members of the default group talk to each other."""
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        self.client("ec2").authorize_security_group_ingress(GroupId=self.default_group(), IpPermissions=[permission])

    def build_group(self, port: int, source: str = ANYWHERE) -> None:
        """A security group with a port open to a source."""
        ec2 = self.client("ec2")
        self.group = ec2.create_security_group(GroupName="open", Description="open", VpcId=self.vpc)["GroupId"]
        ranges = {"Ipv6Ranges": [{"CidrIpv6": source}]} if ":" in source else {"IpRanges": [{"CidrIp": source}]}
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges}
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[permission])

    def remove_group(self) -> None:
        """Take that group away."""
        self.client("ec2").delete_security_group(GroupId=self.group)

    def default_group(self) -> str:
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        own = (group for group in groups if (group["VpcId"], group["GroupName"]) == (self.vpc, "default"))
        return str(next(own)["GroupId"])
