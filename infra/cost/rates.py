"""What each type of resource costs in a month: one function a type, from its inputs, the prices and the usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.cost.prices import HOURS, Prices, processors
from infra.cost.usage import Usage

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One position of a bill: `quantity` of something, in US dollars a month."""

    what: str
    quantity: float
    usd: float


@dataclass(frozen=True)
class Context:
    """What a rate may know beside the resource's own inputs."""

    prices: Prices
    usage: Usage
    count: Mapping[str, int]
    """How many resources of each type the stack has: usage is shared among them."""
    disk_gib: float
    """The disk of a node, which its launch template gives."""

    def units(self, what: str, key: str, quantity: float) -> Line:
        """`quantity` units of the table's `key`."""
        return Line(what, quantity, quantity * self.prices.unit(key))

    def share(self, type_: str) -> float:
        """One resource's part of what all of its type use."""
        return 1 / max(1, self.count.get(type_, 1))


Rate = Callable[[Inputs, Context], Iterator[Line]]
RATES: dict[str, Rate] = {}


def rate(type_: str) -> Callable[[Rate], Rate]:
    """Register the rate of a type."""

    def register(function: Rate) -> Rate:
        RATES[type_] = function
        return function

    return register


def monthly(type_: str, what: str, key: str) -> None:
    """A type that costs one unit a month, whatever it is used for."""
    RATES[type_] = lambda _, context: iter([context.units(what, key, 1)])


@rate("aws:eks/cluster:Cluster")
def _cluster(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("control plane, hours", "cluster_hour", HOURS)


@rate("aws:eks/nodeGroup:NodeGroup")
def _nodes(inputs: Inputs, context: Context) -> Iterator[Line]:
    """As many as the least: what scaling adds is the traffic's price."""
    count = inputs["scalingConfig"]["minSize"]
    machine = inputs["instanceTypes"][0]
    yield Line(f"nodes {machine}", count, count * HOURS * context.prices.hour(f"ec2.{machine}"))
    yield context.units("node disks, GB", "disk_gb_month", count * context.disk_gib)
    cpus = count * processors(machine)
    yield context.units("GuardDuty on nodes, vCPU", "guardduty_runtime_vcpu_month", cpus)


@rate("aws:msk/cluster:Cluster")
def _brokers(inputs: Inputs, context: Context) -> Iterator[Line]:
    count, group = inputs["numberOfBrokerNodes"], inputs["brokerNodeGroupInfo"]
    machine = group["instanceType"]
    yield Line(f"brokers {machine}", count, count * HOURS * context.prices.hour(machine))
    disk = group["storageInfo"]["ebsStorageInfo"]["volumeSize"]
    yield context.units("broker disks, GB", "storage_broker_gb_month", count * disk)


@rate("aws:rds/instance:Instance")
def _database(inputs: Inputs, context: Context) -> Iterator[Line]:
    zones, machine = 2 if inputs.get("multiAz") else 1, inputs.get("instanceClass", "")
    where = "two zones" if zones == 2 else "one zone"
    yield Line(f"database {machine}, {where}", zones, zones * HOURS * context.prices.hour(machine))
    storage = inputs.get("allocatedStorage", 0)
    yield context.units(f"database storage, GB, {where}", "database_gb_month", zones * storage)
    if inputs.get("databaseInsightsMode") == "advanced":
        cpus = zones * processors(machine)
        yield context.units("Database Insights, vCPU", "database_insights_vcpu_month", cpus)


@rate("aws:ec2/natGateway:NatGateway")
def _nat(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("NAT gateway, hours", "nat_hour", HOURS)
    moved = context.usage.nat_gb * context.share("aws:ec2/natGateway:NatGateway")
    yield context.units("through NAT, GB", "nat_gb", moved)


@rate("aws:ec2/eip:Eip")
def _address(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("public address, hours", "public_address_hour", HOURS)


@rate("aws:ec2/vpcEndpoint:VpcEndpoint")
def _endpoint(inputs: Inputs, context: Context) -> Iterator[Line]:
    """A gateway endpoint is free; an interface costs in each zone."""
    if inputs.get("vpcEndpointType") != "Interface":
        return
    yield context.units("interface endpoints, zones and hours", "endpoint_hour", HOURS * len(inputs["subnetIds"]))
    moved = context.usage.endpoint_gb * context.share("aws:ec2/vpcEndpoint:VpcEndpoint")
    yield context.units("through endpoints, GB", "endpoint_gb", moved)


@rate("aws:cloudwatch/logGroup:LogGroup")
def _logs(inputs: Inputs, context: Context) -> Iterator[Line]:
    taken = context.usage.log_gb * context.share("aws:cloudwatch/logGroup:LogGroup")
    yield context.units("logs taken in, GB", "log_gb", taken)
    kept = taken * inputs.get("retentionInDays", 0) / 30
    yield context.units("logs kept, GB", "log_gb_month", kept)


@rate("aws:s3/bucket:Bucket")
def _bucket(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("objects kept, GB", "object_gb_month", context.usage.object_gb)


@rate("aws:kms/key:Key")
def _key(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("keys", "key_month", 1)
    requests = context.usage.key_requests_million * 1e6 * context.share("aws:kms/key:Key")
    yield context.units("key requests", "key_request", requests)


@rate("aws:ecr/repository:Repository")
def _repository(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("images kept, GB", "image_gb_month", context.usage.image_gb)


@rate("aws:cloudtrail/trail:Trail")
def _trail(_: Inputs, context: Context) -> Iterator[Line]:
    """The first copy of management events is free; data events are not."""
    yield context.units("data events", "data_event", context.usage.data_events_million * 1e6)


RATES["aws:kms/replicaKey:ReplicaKey"] = _key
monthly("aws:secretsmanager/secret:Secret", "secrets", "secret_month")

FREE: Final = frozenset(
    {
        "aws:appautoscaling/policy:Policy",
        "aws:appautoscaling/target:Target",
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/launchTemplate:LaunchTemplate",
        "aws:ec2/route:Route",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:eks/accessEntry:AccessEntry",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:eks/addon:Addon",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:kms/alias:Alias",
        "aws:msk/configuration:Configuration",
        "aws:msk/topic:Topic",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:secretsmanager/secretRotation:SecretRotation",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)
"""Types for which AWS asks nothing by themselves: what they bring about is priced where it happens."""
