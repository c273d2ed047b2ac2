"""The network as production's plan has it: tiers by their routes, zones, gates, endpoints, and what each lets in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.resources import Resource, Stack
from tools.pages.declared import Declared, UnexpectedPlanError, the_only

TIERS: Final = ("public", "private", "data")
EVERYBODY: Final = "0.0.0.0/0"
_BEARERS: Final = {
    "aws:lb/loadBalancer:LoadBalancer": ("securityGroups", "load balancer"),
    "aws:rds/instance:Instance": ("vpcSecurityGroupIds", "PostgreSQL"),
    "aws:msk/cluster:Cluster": ("brokerNodeGroupInfo", "Kafka brokers"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("securityGroupIds", "AWS's private endpoints"),
    "aws:codebuild/project:Project": ("vpcConfig", "deployment runner"),
}
"""What bears a security group: by which property, and what it is called on the page."""
_CLUSTER: Final = "aws:eks/cluster:Cluster"
_PLACED: Final = {
    "load balancer": ("aws:lb/loadBalancer:LoadBalancer", "subnets"),
    "NAT gateways": ("aws:ec2/natGateway:NatGateway", "subnetId"),
    "nodes of Kubernetes": ("aws:eks/nodeGroup:NodeGroup", "subnetIds"),
    "API server of Kubernetes": (_CLUSTER, "vpcConfig"),
    "deployment runner": ("aws:codebuild/project:Project", "vpcConfig"),
    "AWS's private endpoints": ("aws:ec2/vpcEndpoint:VpcEndpoint", "subnetIds"),
    "Kafka brokers": ("aws:msk/cluster:Cluster", "brokerNodeGroupInfo"),
    "PostgreSQL": ("aws:rds/subnetGroup:SubnetGroup", "subnetIds"),
}


@dataclass(frozen=True)
class Opening:
    """One rule that lets somebody in."""

    source: str
    target: str
    ports: str
    why: str


@dataclass(frozen=True)
class Firewall:
    """What stands before the load balancer."""

    countries: tuple[str, ...]
    per_minute: int
    managed: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """The facts of the page."""

    cidr: str
    region: str
    zones: tuple[str, ...]
    subnets: dict[tuple[str, str], str]
    """(tier, zone) -> addresses."""
    parties: dict[str, tuple[str, ...]]
    """What stands in which tiers."""
    nat_zones: tuple[str, ...]
    listener: tuple[str, int, str]
    firewall: Firewall
    openings: tuple[Opening, ...]
    door: Opening
    """The one opening that lets in everybody."""
    interface_endpoints: tuple[str, ...]
    gateway_endpoints: tuple[str, ...]
    cluster_public: bool
    block_mode: str
    exempt: int
    """Subnets that the block on public access leaves out."""
    flow_log: tuple[str, int]
    data_allows: tuple[str, ...]
    services: tuple[str, ...]
    brokers: int
    standby: bool
    """Whether the database has one in another zone."""


def read_network(declared: Declared) -> Network:
    """The network of a plan. Raises `UnexpectedPlanError` where it has another shape than the page can show."""
    stack, vpc = declared.stack, declared.the("aws:ec2/vpc:Vpc")
    tiers = {each.urn: _tier(stack, each) for each in stack.of_type("aws:ec2/subnet:Subnet")}
    subnets = {
        (tiers[each.urn], str(each.get("availabilityZone"))): str(each.get("cidrBlock"))
        for each in stack.of_type("aws:ec2/subnet:Subnet")
    }
    zones = tuple(sorted({zone for _, zone in subnets}))
    if set(subnets) != {(tier, zone) for tier in TIERS for zone in zones} or len(subnets) != len(tiers):
        raise UnexpectedPlanError(f"the page shows one subnet a tier and zone; the plan has {sorted(subnets)}")
    openings = tuple(sorted(_openings(stack), key=lambda each: (each.target, each.source, each.ports)))
    listener, flow = declared.the("aws:lb/listener:Listener"), declared.the("aws:ec2/flowLog:FlowLog")
    return Network(
        cidr=str(vpc.get("cidrBlock")),
        region=declared.place(vpc).region,
        zones=zones,
        subnets=subnets,
        parties=dict(_parties(stack, tiers)),
        nat_zones=tuple(sorted(_nat_zones(stack))),
        listener=(str(listener.get("protocol")), int(listener.get("port")), str(listener.get("sslPolicy"))),
        firewall=_firewall(declared),
        openings=openings,
        door=the_only(tuple(each for each in openings if each.source == EVERYBODY), "way in from the Internet"),
        interface_endpoints=tuple(sorted(_endpoints(stack, "Interface"))),
        gateway_endpoints=tuple(sorted(_endpoints(stack, "Gateway"))),
        cluster_public=bool(declared.the(_CLUSTER).get("vpcConfig.endpointPublicAccess", True)),
        block_mode=str(
            declared.the("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions").get(
                "internetGatewayBlockMode"
            )
        ),
        exempt=len(stack.of_type("aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion")),
        flow_log=(str(flow.get("trafficType")), int(flow.get("maxAggregationInterval", 600))),
        data_allows=tuple(sorted(_data_allows(stack))),
        services=tuple(
            sorted(str(each.get("name")).rpartition("/")[2] for each in stack.of_type("aws:ecr/repository:Repository"))
        ),
        brokers=int(declared.the("aws:msk/cluster:Cluster").get("numberOfBrokerNodes")),
        standby=bool(declared.the("aws:rds/instance:Instance").get("multiAz", False)),
    )


def _tier(stack: Stack, subnet: Resource) -> str:
    """By where its routes lead: to the Internet's gateway, to a NAT, or nowhere."""
    associations = stack.referring(subnet, "aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId")
    association = the_only(associations, f"route table of {subnet.name}")
    table = the_only(stack.referred(association, "routeTableId"), f"route table of {subnet.name}")
    routes = stack.referring(table, "aws:ec2/route:Route", "routeTableId")
    if any(stack.refers_to(each, "gatewayId", "aws:ec2/internetGateway:InternetGateway") for each in routes):
        return "public"
    return "private" if routes else "data"


def _parties(stack: Stack, tiers: dict[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for label, (type_, name) in _PLACED.items():
        placed = stack.of_type(type_)
        urns = {urn for each in placed for urn in each.references.get(name, ()) if urn in tiers}
        if not urns:
            raise UnexpectedPlanError(f"the plan does not say in which subnets {label} stands")
        yield label, tuple(tier for tier in TIERS if tier in {tiers[urn] for urn in urns})


def _nat_zones(stack: Stack) -> Iterator[str]:
    for each in stack.of_type("aws:ec2/natGateway:NatGateway"):
        for subnet in stack.referred(each, "subnetId"):
            yield str(subnet.get("availabilityZone"))


def _openings(stack: Stack) -> Iterator[Opening]:
    for rule in stack.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        first, last = rule.get("fromPort"), rule.get("toPort")
        port = f"{first}" if first == last else f"{first} to {last}"
        target = the_only(stack.referred(rule, "securityGroupId"), f"group of {rule.name}")
        sources = stack.referred(rule, "referencedSecurityGroupId")
        source = _bearer(stack, sources[0]) if sources else str(rule.get("cidrIpv4"))
        yield Opening(source, _bearer(stack, target), f"{port}/{rule.get('ipProtocol')}", str(rule.get("description")))


def _bearer(stack: Stack, group: Resource) -> str:
    """Whose group it is: EKS makes its cluster's own, which nodes and pods bear."""
    if group.type == _CLUSTER:
        return "nodes and pods"
    labels = {label for type_, (name, label) in _BEARERS.items() if stack.referring(group, type_, name)}
    return the_only(tuple(labels), f"bearer of the security group {group.name}")


def _firewall(declared: Declared) -> Firewall:
    """Of the list that is bound to the load balancer. Country and rate have no managed group of AWS's."""
    association = declared.the("aws:wafv2/webAclAssociation:WebAclAssociation")
    stack = declared.stack
    if not stack.refers_to(association, "resourceArn", "aws:lb/loadBalancer:LoadBalancer"):
        raise UnexpectedPlanError("the firewall does not stand before the load balancer")
    rules: list[Any] = list(the_only(stack.referred(association, "webAclArn"), "firewall").items("rules"))
    statements = [each["statement"] for each in rules]
    inside = [each.get("notStatement", {}).get("statement", {}) for each in statements]
    return Firewall(
        tuple(code for each in inside for code in each.get("geoMatchStatement", {}).get("countryCodes", ())),
        the_only(
            tuple(
                int(each["rateBasedStatement"]["limit"]) * 60 // int(each["rateBasedStatement"]["evaluationWindowSec"])
                for each in statements
                if "rateBasedStatement" in each
            ),
            "bound of requests",
        ),
        tuple(each["managedRuleGroupStatement"]["name"] for each in statements if "managedRuleGroupStatement" in each),
    )


def _endpoints(stack: Stack, kind: str) -> Iterator[str]:
    for each in stack.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        if each.get("vpcEndpointType", "Gateway") == kind:
            yield str(each.get("serviceName")).split(".", 3)[3]


def _data_allows(stack: Stack) -> Iterator[str]:
    """Whose addresses the data tier's access list lets in."""
    for each in stack.of_type("aws:ec2/networkAclRule:NetworkAclRule"):
        if not each.get("egress", False) and each.get("ruleAction") == "allow":
            yield str(each.get("cidrBlock"))
