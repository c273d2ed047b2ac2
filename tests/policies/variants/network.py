"""Variants of production's plans for the rules of network."""

from __future__ import annotations

from policies.cloud import tokens
from policies.cluster import objects
from tests.policies.plans import UNKNOWN, Resources, drop, of_type, put, unlink, without
from tests.policies.variants.variant import DATA, KEPT, NOT_EVALUATED, REFUSED, REQUIRED, SIDECAR, Table, Untried

TABLE: Table = {
    "net-4-closed-network-first": (
        (without(objects.NETWORK_POLICY, "default-deny"), REFUSED),
        (drop(objects.NETWORK_POLICY, "spec.policyTypes", "default-deny"), REFUSED),
        (put(objects.NETWORK_POLICY, "spec.egress", [{}], "default-deny"), REFUSED),
        (put(objects.NETWORK_POLICY, "spec.policyTypes", UNKNOWN, "default-deny"), NOT_EVALUATED),
    ),
    "net-4-one-way-in": (
        (drop(objects.SERVICE, "spec.ports.0.nodePort", "gateway-edge"), REFUSED),
        Untried("the API's default, ClusterIP, is what is wanted"),
        (put(objects.SERVICE, "spec.type", "LoadBalancer", "ledger"), REFUSED),
        (put(objects.SERVICE, "spec.type", UNKNOWN, "ledger"), NOT_EVALUATED),
    ),
    "net-4-policies-enforced": (
        (drop(tokens.ADD_ON, "configurationValues", "vpc-cni"), REFUSED),
        (put(tokens.ADD_ON, "configurationValues", "{}", "vpc-cni"), REFUSED),
        (put(tokens.ADD_ON, "configurationValues", '{"enableNetworkPolicy": "false"}', "vpc-cni"), REFUSED),
        (put(tokens.ADD_ON, "configurationValues", UNKNOWN, "vpc-cni"), NOT_EVALUATED),
    ),
    "net-1-database-private": (
        (drop(tokens.DATABASE, "publiclyAccessible"), KEPT),
        (put(tokens.DATABASE, "publiclyAccessible", False), KEPT),
        (put(tokens.DATABASE, "publiclyAccessible", True), REFUSED),
        (put(tokens.DATABASE, "publiclyAccessible", UNKNOWN), NOT_EVALUATED),
    ),
    "net-1-brokers-private": (
        (drop(tokens.BROKERS, "brokerNodeGroupInfo.connectivityInfo"), KEPT),
        (put(tokens.BROKERS, "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "DISABLED"), KEPT),
        (
            put(tokens.BROKERS, "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "SERVICE_PROVIDED_EIPS"),
            REFUSED,
        ),
        (put(tokens.BROKERS, "brokerNodeGroupInfo.connectivityInfo.publicAccess.type", UNKNOWN), NOT_EVALUATED),
    ),
    "net-1-brokers-authenticate": (
        (drop(tokens.BROKERS, "clientAuthentication"), REFUSED),
        (put(tokens.BROKERS, "clientAuthentication", {"sasl": {"iam": False}}), REFUSED),
        (put(tokens.BROKERS, "clientAuthentication.unauthenticated", True), REFUSED),
        (put(tokens.BROKERS, "clientAuthentication.unauthenticated", UNKNOWN), NOT_EVALUATED),
    ),
    "net-1-data-subnets": (
        (drop(tokens.SUBNET, "mapPublicIpOnLaunch", DATA), KEPT),
        (put(tokens.SUBNET, "mapPublicIpOnLaunch", False, DATA), KEPT),
        (put(tokens.SUBNET, "mapPublicIpOnLaunch", True, DATA), REFUSED),
        (put(tokens.SUBNET, "mapPublicIpOnLaunch", UNKNOWN, DATA), NOT_EVALUATED),
    ),
    "net-2-default-group-empty": (
        (without(tokens.DEFAULT_SECURITY_GROUP), REFUSED),
        (put(tokens.DEFAULT_SECURITY_GROUP, "ingress", [{"protocol": "-1", "self": True}]), REFUSED),
        (put(tokens.DEFAULT_SECURITY_GROUP, "egress", [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]), REFUSED),
        (put(tokens.DEFAULT_SECURITY_GROUP, "ingress", UNKNOWN), NOT_EVALUATED),
    ),
    "net-2-nothing-open": (
        (drop(tokens.INGRESS_RULE, "cidrIpv4", "endpoints-https"), KEPT),
        REQUIRED,
        (put(tokens.INGRESS_RULE, "cidrIpv4", "0.0.0.0/0", "database-postgresql"), REFUSED),
        (put(tokens.INGRESS_RULE, "cidrIpv6", UNKNOWN, "database-postgresql"), NOT_EVALUATED),
    ),
    "net-3-endpoint-not-public": (
        (drop(tokens.CLUSTER, "vpcConfig.endpointPublicAccess"), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPublicAccess", True), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPublicAccess", "false"), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPublicAccess", UNKNOWN), NOT_EVALUATED),
    ),
    "net-3-endpoint-private": (
        (drop(tokens.CLUSTER, "vpcConfig.endpointPrivateAccess"), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPrivateAccess", False), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPrivateAccess", "true"), REFUSED),
        (put(tokens.CLUSTER, "vpcConfig.endpointPrivateAccess", UNKNOWN), NOT_EVALUATED),
    ),
    "net-5-flow-log-exists": (
        (without(tokens.FLOW_LOG), REFUSED),
        SIDECAR,
        (unlink(tokens.FLOW_LOG, "vpcId"), REFUSED),
        (put(tokens.FLOW_LOG, "vpcId", UNKNOWN), KEPT),  # what it refers to is known
    ),
    "net-5-flow-log-all-traffic": (
        (drop(tokens.FLOW_LOG, "trafficType"), REFUSED),
        REQUIRED,
        (put(tokens.FLOW_LOG, "trafficType", "REJECT"), REFUSED),
        (put(tokens.FLOW_LOG, "trafficType", UNKNOWN), NOT_EVALUATED),
    ),
    "net-5-flow-log-interval": (
        (drop(tokens.FLOW_LOG, "maxAggregationInterval"), REFUSED),
        (put(tokens.FLOW_LOG, "maxAggregationInterval", 600), REFUSED),
        (put(tokens.FLOW_LOG, "maxAggregationInterval", 61), REFUSED),
        (put(tokens.FLOW_LOG, "maxAggregationInterval", UNKNOWN), NOT_EVALUATED),
    ),
    "net-6-metadata-tokens": (
        (drop(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpTokens"), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpTokens", "optional"), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpTokens", "off"), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpTokens", UNKNOWN), NOT_EVALUATED),
    ),
    "net-6-metadata-hops": (
        (drop(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpPutResponseHopLimit"), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpPutResponseHopLimit", 2), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpPutResponseHopLimit", 64), REFUSED),
        (put(tokens.LAUNCH_TEMPLATE, "metadataOptions.httpPutResponseHopLimit", UNKNOWN), NOT_EVALUATED),
    ),
}


def route_data_to_the_internet(resources: Resources) -> None:
    """Give the data tier's route table a default route through the internet gateway."""
    table = next(of_type(resources, tokens.ROUTE_TABLE, "data"))
    route = next(r for r in of_type(resources, tokens.ROUTE) if "gatewayId" in r["property_dependencies"])
    route["property_dependencies"]["routeTableId"] = [table["urn"]]
