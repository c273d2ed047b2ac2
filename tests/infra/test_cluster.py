"""The cluster, as an auditor reads it off the plans."""

from __future__ import annotations

import json

import pytest

from infra.foundation.cluster.telemetry import STREAMS
from infra.kubernetes_versions import add_on_versions
from sandbox.plan.record import Plan, record_plan
from tests.infra.test_plans import each_foundation, only, statements

ADD_ON = "aws:eks/addon:Addon"


@pytest.fixture(scope="module")
def copy() -> Plan:
    """A copy of staging for a while, on other machines."""
    return record_plan(
        "staging",
        {
            "valletta:name": "pr-7",
            "valletta:account_baseline": "shared",
            "valletta:expires": "2027-01-31T12:00:00Z",
            "valletta:node_os": "bottlerocket",
            "valletta:node_instance_types": '["m7g.large"]',
            "valletta:domain": "pr-7.staging.exchange.example",
        },
    )


@each_foundation
def test_every_add_on_is_pinned_to_what_the_table_says_for_the_clusters_version(
    plans: dict[str, Plan], stack: str
) -> None:
    cluster = only(plans[stack], "aws:eks/cluster:Cluster")
    made = {each.inputs["addonName"]: each.inputs["addonVersion"] for each in plans[stack].of_type(ADD_ON)}
    assert made == dict(add_on_versions()[cluster.inputs["version"]])


def test_the_nodes_follow_the_control_plane_and_wait_for_their_network(production: Plan) -> None:
    cluster, nodes = only(production, "aws:eks/cluster:Cluster"), only(production, "aws:eks/nodeGroup:NodeGroup")
    assert nodes.inputs["version"] == cluster.inputs["version"]
    add_ons = {each.inputs["addonName"]: each for each in production.of_type(ADD_ON)}
    assert {name for name, each in add_ons.items() if each.urn in nodes.dependencies} == {
        "vpc-cni",
        "kube-proxy",
        "eks-pod-identity-agent",
    }
    assert {name for name, each in add_ons.items() if nodes.urn in each.dependencies} == {
        "coredns",
        "aws-ebs-csi-driver",
        "aws-secrets-store-csi-driver-provider",
        "metrics-server",
        "amazon-cloudwatch-observability",
    }


def test_a_group_of_other_machines_stands_before_the_old_one_goes(production: Plan) -> None:
    nodes = only(production, "aws:eks/nodeGroup:NodeGroup")
    assert "nodeGroupName" not in nodes.inputs, "a name of its own would have to be free first"
    assert not nodes.delete_before_replace


def test_network_policies_are_enforced_and_rotated_secrets_arrive(production: Plan) -> None:
    said = {
        each.inputs["addonName"]: each.inputs.get("configurationValues", "{}") for each in production.of_type(ADD_ON)
    }
    assert json.loads(said["vpc-cni"])["enableNetworkPolicy"] == "true"
    driver = json.loads(said["aws-secrets-store-csi-driver-provider"])["secrets-store-csi-driver"]
    assert driver["enableSecretRotation"] is True
    assert driver["syncSecret"] == {"enabled": False}, "no secret becomes a Kubernetes object"


@each_foundation
def test_the_logs_of_pods_have_groups_that_end_before_the_agent_may_write(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    agent = next(each for each in plan.of_type(ADD_ON) if each.inputs["addonName"] == "amazon-cloudwatch-observability")
    groups = [each for each in plan.of_type("aws:cloudwatch/logGroup:LogGroup") if each.urn in agent.dependencies]
    names = {f"/aws/containerinsights/valletta-{stack}-exchange/{stream}" for stream in STREAMS}
    assert {each.inputs["name"] for each in groups} == names
    assert all(each.inputs["kmsKeyId"] and each.inputs["retentionInDays"] == 365 for each in groups)
    allowed = [each for resource, each in statements(plan) if resource.name.endswith("amazon-cloudwatch-observability")]
    assert not any("logs:CreateLogGroup" in each["Action"] for each in allowed), "or it makes some that never expire"


def test_aws_itself_upgrades_before_support_ends_and_takes_traffic_from_a_broken_zone(production: Plan) -> None:
    cluster = only(production, "aws:eks/cluster:Cluster").inputs
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["zonalShiftConfig"] == {"enabled": True}
    assert cluster["vpcConfig"]["controlPlaneEgressMode"] == "AWS_MANAGED"
    assert only(production, "aws:eks/nodeGroup:NodeGroup").inputs["nodeRepairConfig"] == {"enabled": True}


def test_the_administrator_has_a_second_factor_or_stands_inside_the_network_as_the_pipeline(production: Plan) -> None:
    role = next(each for each in production.of_type("aws:iam/role:Role") if each.name == "cluster-administrator")
    person, pipeline = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert person["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert pipeline["Principal"] == {"AWS": "arn:aws:iam::444455556666:role/valletta-production-deploy"}
    vpc = only(production, "aws:ec2/vpc:Vpc")
    assert list(pipeline["Condition"]) == ["StringEquals"]
    assert list(pipeline["Condition"]["StringEquals"]) == ["aws:SourceVpc"]
    assert vpc.urn in role.dependencies


def test_eks_becomes_its_role_for_this_one_cluster(production: Plan) -> None:
    role = next(each for each in production.of_type("aws:iam/role:Role") if each.name == "cluster-control-plane")
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    arn = "arn:aws:eks:eu-west-1:444455556666:cluster/valletta-production-exchange"
    assert statement["Condition"]["ArnLike"] == {"aws:SourceArn": arn}


def test_a_setting_chooses_the_nodes_system_and_processor_and_every_disk_is_under_our_key(copy: Plan) -> None:
    assert only(copy, "aws:eks/nodeGroup:NodeGroup").inputs["amiType"] == "BOTTLEROCKET_ARM_64"
    disks = only(copy, "aws:ec2/launchTemplate:LaunchTemplate").inputs["blockDeviceMappings"]
    assert [each["deviceName"] for each in disks] == ["/dev/xvda", "/dev/xvdb"]
    assert all(each["ebs"]["encrypted"] == "true" and each["ebs"]["kmsKeyId"] for each in disks)


def test_a_copy_is_deployed_by_the_role_of_the_stack_whose_account_it_shares(copy: Plan) -> None:
    assert copy.of_type("aws:iam/openIdConnectProvider:OpenIdConnectProvider") == ()
    entries = {each.inputs["principalArn"] for each in copy.of_type("aws:eks/accessEntry:AccessEntry")}
    assert "arn:aws:iam::111122223333:role/valletta-staging-deploy" in entries
    assert only(copy, "aws:codebuild/project:Project").inputs["name"] == "valletta-pr-7-runner"
    (filters,) = only(copy, "aws:codebuild/webhook:Webhook").inputs["filterGroups"]
    assert {each["type"]: each["pattern"] for each in filters["filters"]} == {
        "EVENT": "WORKFLOW_JOB_QUEUED",
        "WORKFLOW_NAME": "^(ephemeral)$",
    }
