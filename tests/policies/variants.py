"""One variant of production's plan for each way in which a rule can meet a property: absent, default, wrong, unknown.

*Absent* leaves the property (or the sidecar that holds it) out; *default* states what the cloud would take for it;
*wrong* states something worse; *unknown* has a value that is not known before the deployment. Where a property has no
default, or an unknown can still be judged, that is said here and proven like the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from policies import tokens
from tests.policies.plans import UNKNOWN, Edit, both, drop, of_type, put, unlink, without

Kind = Literal["absent", "default", "wrong", "unknown"]
KINDS: tuple[Kind, ...] = ("absent", "default", "wrong", "unknown")
Expected = Literal["refused", "kept", "not evaluated"]


@dataclass(frozen=True)
class Variant:
    """One edit of a plan, and what the rule says of it."""

    rule: str
    kind: Kind
    edit: Edit
    expected: Expected


@dataclass(frozen=True)
class Untried:
    """Why a rule has no variant of a kind."""

    reason: str


REFUSED: Expected = "refused"
KEPT: Expected = "kept"
NOT_EVALUATED: Expected = "not evaluated"

REQUIRED = Untried("the provider demands the property, so there is no default to state")
SIDECAR = Untried("the default is that there is no such resource, which is the variant `absent`")

EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
AWS_KEY = "arn:aws:kms:eu-west-1:444455556666:alias/aws/rds"
BUCKET_DEFAULT = "rules.0.applyServerSideEncryptionByDefault"
LANDING, LOCKED = "archive-landing", "archive-locked"
DATA = "data-eu-west-1a"

Cell = tuple[Edit, Expected] | Untried

TABLE: Mapping[str, tuple[Cell, Cell, Cell, Cell]] = {
    "bcp-1-database-zones": (
        (drop(tokens.DATABASE, "multiAz"), REFUSED),
        (put(tokens.DATABASE, "multiAz", False), REFUSED),
        (put(tokens.DATABASE, "multiAz", "true"), REFUSED),
        (put(tokens.DATABASE, "multiAz", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-1-brokers-zones": (
        (drop(tokens.BROKERS, "numberOfBrokerNodes"), REFUSED),
        REQUIRED,
        (put(tokens.SUBNET, "availabilityZone", "eu-west-1a", name="network-data"), REFUSED),
        (put(tokens.BROKERS, "numberOfBrokerNodes", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-1-brokers-durability": (
        (drop(tokens.BROKERS, "configurationInfo"), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", ""), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", "unclean.leader.election.enable=true"), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-1-database-key": (
        (drop(tokens.DATABASE, "kmsKeyId"), REFUSED),
        (put(tokens.DATABASE, "storageEncrypted", False), REFUSED),
        (both(put(tokens.DATABASE, "kmsKeyId", AWS_KEY), unlink(tokens.DATABASE, "kmsKeyId")), REFUSED),
        (both(put(tokens.DATABASE, "kmsKeyId", UNKNOWN), unlink(tokens.DATABASE, "kmsKeyId")), NOT_EVALUATED),
    ),
    "cry-1-brokers-key": (
        (drop(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn"), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", ""), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", AWS_KEY), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", UNKNOWN), KEPT),  # it refers to a key of ours
    ),
    "cry-1-cluster-secrets-key": (
        (drop(tokens.CLUSTER, "encryptionConfig"), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.resources", []), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.provider.keyArn", AWS_KEY), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.provider.keyArn", UNKNOWN), KEPT),
    ),
    "cry-1-bucket-key": (
        (without(tokens.BUCKET_ENCRYPTION, LANDING), REFUSED),
        (put(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.sseAlgorithm", "AES256", LANDING), REFUSED),
        (drop(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.kmsMasterKeyId", LANDING), REFUSED),
        (put(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.sseAlgorithm", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-1-volumes-encrypted": (
        (without(tokens.EBS_ENCRYPTION), REFUSED),
        (drop(tokens.EBS_ENCRYPTION, "enabled"), KEPT),
        (put(tokens.EBS_ENCRYPTION, "enabled", False), REFUSED),
        (put(tokens.EBS_ENCRYPTION, "enabled", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-brokers-tls": (
        (drop(tokens.BROKERS, "encryptionInfo.encryptionInTransit"), KEPT),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit", {"clientBroker": "TLS", "inCluster": True}), KEPT),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit.clientBroker", "TLS_PLAINTEXT"), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit.inCluster", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-database-tls": (
        (drop(tokens.DATABASE, "parameterGroupName"), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters", []), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters.0.value", "0"), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters.0.value", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-bucket-tls": (
        (without(tokens.BUCKET_POLICY, LOCKED), REFUSED),
        SIDECAR,
        (put(tokens.BUCKET_POLICY, "policy", EVERYTHING, LOCKED), REFUSED),
        (put(tokens.BUCKET_POLICY, "policy", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-3-key-rotates": (
        (drop(tokens.KEY, "enableKeyRotation", "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", False, "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", "yes", "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", UNKNOWN), NOT_EVALUATED),
    ),
    "iam-2-policy-not-everything": (
        Untried("a policy without a document is none"),
        REQUIRED,
        (put(tokens.ROLE_POLICY, "policy", EVERYTHING, "network-flow"), REFUSED),
        (put(tokens.ROLE_POLICY, "policy", UNKNOWN, "network-flow"), NOT_EVALUATED),
    ),
    "iam-2-role-not-everything": (
        Untried("the property is not stated, which production's own plan proves"),
        (put(tokens.IAM_ROLE, "inlinePolicies", [], "network-flow"), KEPT),
        (put(tokens.IAM_ROLE, "inlinePolicies", [{"name": "all", "policy": EVERYTHING}], "network-flow"), REFUSED),
        (put(tokens.IAM_ROLE, "managedPolicyArns", UNKNOWN, "network-flow"), NOT_EVALUATED),
    ),
    "iam-2-attachment-not-everything": (
        (drop(tokens.ROLE_ATTACHMENT, "policyArn", "database-monitoring"), KEPT),
        REQUIRED,
        (put(tokens.ROLE_ATTACHMENT, "policyArn", ADMINISTRATOR, "database-monitoring"), REFUSED),
        (put(tokens.ROLE_ATTACHMENT, "policyArn", UNKNOWN, "database-monitoring"), NOT_EVALUATED),
    ),
    "log-1-trail-multi-region": (
        (drop(tokens.TRAIL, "isMultiRegionTrail"), REFUSED),
        (put(tokens.TRAIL, "isMultiRegionTrail", False), REFUSED),
        (put(tokens.TRAIL, "includeGlobalServiceEvents", False), REFUSED),
        (put(tokens.TRAIL, "isMultiRegionTrail", UNKNOWN), NOT_EVALUATED),
    ),
    "log-1-trail-digests": (
        (drop(tokens.TRAIL, "enableLogFileValidation"), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", False), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", "on"), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", UNKNOWN), NOT_EVALUATED),
    ),
    "log-1-trail-on": (
        (drop(tokens.TRAIL, "enableLogging"), KEPT),
        (put(tokens.TRAIL, "enableLogging", True), KEPT),
        (put(tokens.TRAIL, "enableLogging", False), REFUSED),
        (put(tokens.TRAIL, "enableLogging", UNKNOWN), NOT_EVALUATED),
    ),
    "log-2-trail-ends-in-archive": (
        (without(tokens.BUCKET_REPLICATION), REFUSED),
        SIDECAR,
        (both(*(put(tokens.BUCKET_REPLICATION, f"rules.{n}.filter.prefix", "some/") for n in (0, 1))), REFUSED),
        (put(tokens.BUCKET_REPLICATION, "rules.0.status", UNKNOWN), NOT_EVALUATED),
    ),
    "log-2-archive-lock": (
        (drop(tokens.BUCKET_LOCK, "rule"), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention", {}), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention", {"mode": "COMPLIANCE", "days": 1826}), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention.years", UNKNOWN), NOT_EVALUATED),
    ),
    "log-2-archive-kept": (
        (drop(tokens.BUCKET, "forceDestroy", LOCKED), KEPT),
        (put(tokens.BUCKET, "forceDestroy", False, LOCKED), KEPT),
        (put(tokens.BUCKET, "forceDestroy", True, LOCKED), REFUSED),
        (put(tokens.BUCKET, "forceDestroy", UNKNOWN, LOCKED), NOT_EVALUATED),
    ),
    "log-3-cluster-log-types": (
        (drop(tokens.CLUSTER, "enabledClusterLogTypes"), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes", []), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes", ["api", "audit", "authenticator"]), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes.0", UNKNOWN), NOT_EVALUATED),
    ),
    "log-3-log-retention": (
        (drop(tokens.LOG_GROUP, "retentionInDays", "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", 0, "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", 364, "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", UNKNOWN), NOT_EVALUATED),
    ),
    "log-3-cluster-log-group": (
        (without(tokens.LOG_GROUP, "control-plane"), REFUSED),
        SIDECAR,
        (put(tokens.LOG_GROUP, "name", "/aws/eks/another/cluster", "control-plane"), REFUSED),
        (put(tokens.CLUSTER, "name", UNKNOWN), NOT_EVALUATED),
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


def variants() -> list[Variant]:
    """Every variant of the table."""
    return [
        Variant(rule, kind, *cell)
        for rule, cells in TABLE.items()
        for kind, cell in zip(KINDS, cells, strict=True)
        if not isinstance(cell, Untried)
    ]


def route_data_to_the_internet(resources: list[dict[str, Any]]) -> None:
    """Give the data tier's route table a default route through the internet gateway."""
    table = next(of_type(resources, tokens.ROUTE_TABLE, "data"))
    route = next(r for r in of_type(resources, tokens.ROUTE) if "gatewayId" in r["property_dependencies"])
    route["property_dependencies"]["routeTableId"] = [table["urn"]]
