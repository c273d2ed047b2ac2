"""Machines, and the network between them."""

from __future__ import annotations

from collections.abc import Iterator

from infra.cost.prices import HOURS, processors
from infra.cost.rates.base import Context, Inputs, Line, rate


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


@rate("aws:rds/proxy:Proxy")
def _proxy(_: Inputs, context: Context) -> Iterator[Line]:
    """By the processors of the database behind it; AWS asks for two at least."""
    yield context.units("database proxy, vCPU and hours", "proxy_vcpu_hour", HOURS * max(2, context.database_vcpu))


@rate("aws:codebuild/project:Project")
def _builder(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("minutes of the in-network runner", "build_minute", context.usage.build_minutes)
