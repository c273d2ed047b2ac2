"""The network: three tiers in each zone, private ways to AWS, and a record of every packet's passage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier, subnet
from infra.component import Component
from infra.foundation import iam
from infra.foundation.logs import log_group
from infra.foundation.network.data_acl import data_acl
from infra.foundation.network.doors import let_in
from infra.foundation.network.endpoint_policies import INTERFACES, S3, endpoint_policy
from infra.settings import Nat, StackSettings

FLOW_LOG_SECONDS: Final = 60
FLOW_LOG_FIELDS: Final = [
    "version",
    "account-id",
    "vpc-id",
    "subnet-id",
    "instance-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "protocol",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "tcp-flags",
    "type",
    "flow-direction",
    "traffic-path",
    "log-status",
]


class Network(Component):
    """A VPC over the settings' zones with public, private and route-less data subnets."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        log_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Network", name, settings, opts)
        self.vpc = aws.ec2.Vpc(
            self.child_name("vpc"),
            cidr_block=str(settings.vpc_cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self.tags("vpc"),
            opts=self.child(),
        )
        self._subnets = {tier: self._make_subnets(tier) for tier in Tier}
        self._close_defaults()
        tables = self._route()
        self._connect_services(tables)
        data_acl(self, self.vpc.id, self.subnet_ids(Tier.DATA))
        self._record_flows(log_key_arn)
        self.register_outputs({"vpc_id": self.vpc.id, **{f"{tier}_subnet_ids": self.subnet_ids(tier) for tier in Tier}})

    def subnet_ids(self, tier: Tier) -> list[pulumi.Output[str]]:
        """The subnets of a tier, in the order of the settings' zones."""
        return [each.id for each in self._subnets[tier].values()]

    def _make_subnets(self, tier: Tier) -> Mapping[str, aws.ec2.Subnet]:
        roles = {Tier.PUBLIC: {"kubernetes.io/role/elb": "1"}, Tier.PRIVATE: {"kubernetes.io/role/internal-elb": "1"}}
        return {
            zone: aws.ec2.Subnet(
                self.child_name(f"{tier}-{zone}"),
                vpc_id=self.vpc.id,
                availability_zone=zone,
                cidr_block=str(subnet(self.settings.vpc_cidr, zone, tier)),
                map_public_ip_on_launch=False,
                tags={**self.tags(f"{tier}-{zone}"), **roles.get(tier, {})},
                opts=self.child(),
            )
            for zone in self.settings.availability_zones
        }

    def _close_defaults(self) -> None:
        """What AWS makes by itself is emptied: control NET-2."""
        aws.ec2.DefaultSecurityGroup(
            self.child_name("default"),
            vpc_id=self.vpc.id,
            ingress=[],
            egress=[],
            tags=self.tags("default-unused"),
            opts=self.child(),
        )

    def _route(self) -> list[aws.ec2.RouteTable]:
        """Public through the Internet gateway, private through NAT, data nowhere; returns the private tables."""
        gateway = aws.ec2.InternetGateway(
            self.child_name("internet"), vpc_id=self.vpc.id, tags=self.tags("internet"), opts=self.child()
        )
        public = self._table("public", Tier.PUBLIC, self.settings.availability_zones)
        self._default_route("public", public, gateway_id=gateway.id, depends_on=gateway)
        self._table("data", Tier.DATA, self.settings.availability_zones)
        nats = self._make_nats(gateway)
        tables = []
        for zone in self.settings.availability_zones:
            nat = nats.get(zone) or next(iter(nats.values()))
            table = self._table(f"private-{zone}", Tier.PRIVATE, (zone,))
            self._default_route(f"private-{zone}", table, nat_gateway_id=nat.id, depends_on=nat)
            tables.append(table)
        return tables

    def _make_nats(self, gateway: aws.ec2.InternetGateway) -> Mapping[str, aws.ec2.NatGateway]:
        zones = self.settings.availability_zones
        return {
            zone: self._make_nat(zone, gateway) for zone in (zones if self.settings.nat is Nat.PER_ZONE else zones[:1])
        }

    def _make_nat(self, zone: str, gateway: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        address = aws.ec2.Eip(
            self.child_name(f"nat-{zone}"),
            domain="vpc",
            tags=self.tags(f"nat-{zone}"),
            opts=self.child(depends_on=[gateway]),
        )
        return aws.ec2.NatGateway(
            self.child_name(f"nat-{zone}"),
            allocation_id=address.id,
            subnet_id=self._subnets[Tier.PUBLIC][zone].id,
            tags=self.tags(f"nat-{zone}"),
            opts=self.child(depends_on=[gateway]),
        )

    def _table(self, part: str, tier: Tier, zones: tuple[str, ...]) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(self.child_name(part), vpc_id=self.vpc.id, tags=self.tags(part), opts=self.child())
        for zone in zones:
            aws.ec2.RouteTableAssociation(
                self.child_name(f"{tier}-{zone}"),
                subnet_id=self._subnets[tier][zone].id,
                route_table_id=table.id,
                opts=self.child(),
            )
        return table

    def _default_route(
        self,
        part: str,
        table: aws.ec2.RouteTable,
        *,
        depends_on: pulumi.Resource,
        gateway_id: pulumi.Input[str] | None = None,
        nat_gateway_id: pulumi.Input[str] | None = None,
    ) -> None:
        aws.ec2.Route(
            self.child_name(part),
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway_id,
            nat_gateway_id=nat_gateway_id,
            opts=self.child(depends_on=[depends_on]),
        )

    def _connect_services(self, tables: list[aws.ec2.RouteTable]) -> None:
        region = self.settings.region
        aws.ec2.VpcEndpoint(
            self.child_name("s3"),
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            policy=endpoint_policy(self.settings, S3),
            tags=self.tags("s3"),
            opts=self.child(),
        )
        group = self._endpoint_group()
        for service in INTERFACES:
            aws.ec2.VpcEndpoint(
                self.child_name(service),
                vpc_id=self.vpc.id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                policy=endpoint_policy(self.settings, service),
                subnet_ids=self.subnet_ids(Tier.PRIVATE),
                security_group_ids=[group.id],
                tags=self.tags(service),
                opts=self.child(),
            )

    def _endpoint_group(self) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            self.child_name("endpoints"),
            name=self.name_of("endpoints"),
            description="AWS services, from within the network only",
            vpc_id=self.vpc.id,
            tags=self.tags("endpoints"),
            opts=self.child(),
        )
        let_in(self, "endpoints-https", group.id, 443, self.settings.vpc_cidr, description="HTTPS from the network")
        return group

    def _record_flows(self, log_key_arn: pulumi.Input[str]) -> None:
        """Accepted and rejected traffic, minute by minute: control NET-5."""
        group = log_group(self, "flow", f"/valletta/{self.settings.name}/flow", log_key_arn)
        role = aws.iam.Role(
            self.child_name("flow"),
            name=self.name_of("flow"),
            assume_role_policy=iam.trust(
                "vpc-flow-logs.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("flow"),
            opts=self.child(),
        )
        write = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        policy = aws.iam.RolePolicy(
            self.child_name("flow"),
            role=role.name,
            policy=iam.document(iam.allow("WriteFlows", write, [group.arn, pulumi.Output.concat(group.arn, ":*")])),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            self.child_name("flow"),
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            max_aggregation_interval=FLOW_LOG_SECONDS,
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            log_format=" ".join(f"${{{field}}}" for field in FLOW_LOG_FIELDS),
            iam_role_arn=role.arn,
            tags=self.tags("flow"),
            opts=self.child(depends_on=[policy]),
        )
