"""What must hold on every stack, and on every foundation: read off the recorded plans."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest

from infra.workloads.deploy import load_deployments
from sandbox.plan.record import Plan, PlannedResource
from sandbox.plan.values import MARKER
from services.journal.log import COMMANDS, EVENTS, LARGEST_COMMANDS, LARGEST_EVENTS
from tests.infra.golden import FOUNDATIONS, STACKS

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated in favor of:DeprecationWarning")

RECORDS = {
    "aws:backup/vault:Vault",
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:ecr/repository:Repository",
    "aws:kms/key:Key",
    "aws:msk/cluster:Cluster",
    "aws:msk/topic:Topic",
    "aws:rds/instance:Instance",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:secretsmanager/secret:Secret",
}
"""Types that hold records, or without which records cannot be read or would be lost."""

each_stack = pytest.mark.parametrize("stack", STACKS)
each_foundation = pytest.mark.parametrize("stack", FOUNDATIONS)


def only(plan: Plan, type_: str) -> PlannedResource:
    (found,) = plan.of_type(type_)
    return found


def leaves(value: object) -> Iterator[object]:
    match value:
        case Mapping():
            for item in value.values():
                yield from leaves(item)
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case _:
            yield value


def statements(plan: Plan) -> Iterator[tuple[PlannedResource, dict[str, Any]]]:
    for resource in plan.resources:
        for key in ("policy", "assumeRolePolicy"):
            document = resource.inputs.get(key)
            if isinstance(document, str) and "Statement" in document:
                for statement in json.loads(document)["Statement"]:
                    yield resource, statement


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_everything_that_holds_records_is_protected_and_retained(plans: dict[str, Plan], stack: str) -> None:
    records = [each for each in plans[stack].resources if each.type in RECORDS]
    assert {each.type for each in records} == RECORDS
    assert [each.urn for each in records if not (each.protect and each.retain_on_delete)] == []


def test_nothing_on_a_laptop_is_protected(plans: dict[str, Plan]) -> None:
    assert [each.urn for each in plans["local"].resources if each.protect or each.retain_on_delete] == []


@each_stack
def test_every_resource_names_its_provider(plans: dict[str, Plan], stack: str) -> None:
    ours = [each for each in plans[stack].resources if each.custom and not each.type.startswith("pulumi:")]
    assert [each.urn for each in ours if "pulumi:providers:" not in each.provider] == []


@each_stack
def test_only_plain_resources_of_aws_and_kubernetes_are_declared(plans: dict[str, Plan], stack: str) -> None:
    packages = {each.type.partition(":")[0] for each in plans[stack].resources if each.custom}
    layers = {"local": {"aws", "kubernetes"}, "staging": {"aws"}, "production": {"aws"}}
    assert packages == {"pulumi", *layers.get(stack, {"kubernetes"})}
    assert not any("helm" in each.type or "yaml" in each.type for each in plans[stack].resources)


@each_foundation
def test_everything_that_can_be_tagged_is_tagged_with_its_environment(plans: dict[str, Plan], stack: str) -> None:
    taggable = {each.type for each in plans[stack].resources if each.type.startswith("aws:") and _has_tags(each.type)}
    missing = [
        each.urn
        for each in plans[stack].resources
        if each.type in taggable and each.inputs.get("tags", {}).get("valletta:environment") != stack
    ]
    assert "aws:ec2/vpc:Vpc" in taggable
    assert missing == []


def _has_tags(token: str) -> bool:
    """Whether the SDK's class for a type such as `aws:ec2/vpc:Vpc` has the property `tags`."""
    module, _, name = token.removeprefix("aws:").partition(":")
    class_ = getattr(import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)
    return isinstance(inspect.getattr_static(class_, "tags", None), property)


@each_stack
def test_no_value_in_a_plan_is_null_unknown_or_a_stringified_nothing(plans: dict[str, Plan], stack: str) -> None:
    for resource in plans[stack].resources:
        text = json.dumps(resource.to_json()["inputs"])
        assert MARKER not in text, resource.urn
        bare = text.replace("!= null", "")  # CEL, in an admission policy
        assert not re.search(r"\bnull\b|\bNone\b(?!\")|<pulumi", bare), resource.urn


@each_stack
def test_no_statement_allows_everything_or_everybody_without_a_condition(plans: dict[str, Plan], stack: str) -> None:
    """But for endpoints' policies, which give nobody a right: tests/infra/test_network.py."""
    for resource, statement in statements(plans[stack]):
        if statement["Effect"] != "Allow" or resource.type == "aws:ec2/vpcEndpoint:VpcEndpoint":
            continue
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert "*" not in actions, resource.urn
        assert not any(action.endswith(":*") for action in actions), resource.urn
        if statement.get("Principal") in ("*", {"AWS": "*"}):
            assert "aws:PrincipalArn" in statement["Condition"]["StringEquals"], resource.urn


@each_foundation
def test_the_internet_comes_in_at_one_port_of_the_load_balancer_and_nowhere_else(
    plans: dict[str, Plan], stack: str
) -> None:
    rules = plans[stack].of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    open_ones = [each for each in rules if each.inputs.get("cidrIpv4") == "0.0.0.0/0"]
    assert [(each.name, each.inputs["fromPort"], each.inputs["toPort"]) for each in open_ones] == [
        ("edge-https", 443, 443)
    ]


def test_the_data_subnets_have_no_route_at_all(production: Plan) -> None:
    table = next(each for each in production.of_type("aws:ec2/routeTable:RouteTable") if each.name == "network-data")
    users = [each.type for each in production.resources if table.urn in each.dependencies]
    assert set(users) == {"aws:ec2/routeTableAssociation:RouteTableAssociation"}
    assert len(users) == 3


def test_the_cluster_logs_into_a_group_that_exists_before_it(production: Plan) -> None:
    cluster = only(production, "aws:eks/cluster:Cluster")
    groups = [
        each for each in production.of_type("aws:cloudwatch/logGroup:LogGroup") if each.urn in cluster.dependencies
    ]
    assert [each.inputs["name"] for each in groups] == [f"/aws/eks/{cluster.inputs['name']}/cluster"]
    assert groups[0].inputs["retentionInDays"] == 365
    assert len(cluster.inputs["enabledClusterLogTypes"]) == 5


def test_a_grown_disk_is_not_shrunk_and_a_scaled_group_not_undone(production: Plan) -> None:
    assert only(production, "aws:msk/cluster:Cluster").ignore_changes == (
        "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",
    )
    assert only(production, "aws:eks/nodeGroup:NodeGroup").ignore_changes == ("scalingConfig.desiredSize",)
    assert only(production, "aws:rds/instance:Instance").ignore_changes == ("allocatedStorage",)


def test_the_brokers_say_that_nobody_comes_unauthenticated(production: Plan) -> None:
    assert only(production, "aws:msk/cluster:Cluster").inputs["clientAuthentication"] == {
        "sasl": {"iam": True, "scram": False},
        "unauthenticated": False,
    }


def test_the_locked_archive_lies_in_the_log_archive_account(production: Plan) -> None:
    locks = production.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    lock = next(each for each in locks if each.name == "archive-locked")
    assert "::log-archive::" in lock.provider
    assert lock.inputs["bucket"].endswith("-777788889999")
    assert lock.inputs["rule"]["defaultRetention"] == {"mode": "COMPLIANCE", "years": 5}


def test_the_trail_is_delivered_where_replication_starts(production: Plan) -> None:
    trail = only(production, "aws:cloudtrail/trail:Trail")
    replications = production.of_type("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
    replication = next(each for each in replications if each.name == "archive-landing")
    assert trail.inputs["s3BucketName"] == replication.inputs["bucket"]


def test_a_service_may_do_what_its_deploy_toml_says_and_no_more(production: Plan) -> None:
    for service, deployment in load_deployments().items():
        policy = next(
            each for each in production.of_type("aws:iam/rolePolicy:RolePolicy") if each.name == f"identity-{service}"
        )
        allowed = {each["Sid"]: each["Resource"] for each in json.loads(policy.inputs["policy"])["Statement"]}
        topics = deployment.access.topics
        assert {arn.rpartition("/")[2] for arn in allowed.get("Read", [])} == set(topics.read)
        assert {arn.rpartition("/")[2] for arn in allowed.get("Append", [])} == set(topics.write)
        assert len(allowed.get("ReadSecrets", [])) == len(deployment.access.secrets)


@each_foundation
def test_every_topic_takes_the_largest_record_that_the_shard_may_write(stack: str, plans: Mapping[str, Plan]) -> None:
    topics = {
        topic.inputs["name"]: json.loads(topic.inputs["configs"])
        for topic in plans[stack].of_type("aws:msk/topic:Topic")
    }
    for name, largest in {COMMANDS: LARGEST_COMMANDS, EVENTS: LARGEST_EVENTS}.items():
        assert int(topics[name]["max.message.bytes"]) >= largest, f"{name}: the shard refuses to start"
