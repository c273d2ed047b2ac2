"""The way in from the Internet, as an auditor reads it off the plans."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.foundation.edge.edge_port import EDGE_NODE_PORT
from infra.foundation.edge.firewall import MANAGED
from sandbox.plan.record import Plan, PlannedResource, record_plan
from tests.infra.test_plans import each_foundation, only

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ACL = "aws:wafv2/webAcl:WebAcl"


@pytest.fixture(scope="module")
def signed() -> Plan:
    """Staging with everything that the edge can have."""
    return record_plan(
        "staging",
        {
            "valletta:dns_signing": "true",
            "valletta:dns_query_logs": "true",
            "valletta:parent_zone_id": "Z0PARENT",
            "valletta:cluster_auto_mode": "true",
            "valletta:cluster_auditors": '["arn:aws:iam::111122223333:role/auditors"]',
            "valletta:cluster_deployers": '["arn:aws:iam::111122223333:role/deployers"]',
        },
    )


def rules(plan: Plan) -> dict[str, dict[str, Any]]:
    """The firewall's rules by name, in the order in which they are asked."""
    return {each["name"]: each for each in sorted(only(plan, ACL).inputs["rules"], key=lambda rule: rule["priority"])}


def test_nothing_listens_but_https_with_a_modern_policy_and_the_header_that_keeps_browsers_there(
    production: Plan,
) -> None:
    listener = only(production, "aws:lb/listener:Listener").inputs
    assert (listener["protocol"], listener["port"]) == ("HTTPS", 443)
    assert listener["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-Res-")
    assert "max-age=63072000" in listener["routingHttpResponseStrictTransportSecurityHeaderValue"]
    assert listener["routingHttpResponseServerEnabled"] is False


def test_the_certificate_is_valid_before_anything_listens_with_it(production: Plan) -> None:
    listener = only(production, "aws:lb/listener:Listener")
    assert only(production, "aws:acm/certificateValidation:CertificateValidation").urn in listener.dependencies


@each_foundation
def test_the_load_balancer_takes_no_malformed_request_and_writes_down_every_other(
    plans: dict[str, Plan], stack: str
) -> None:
    balancer = only(plans[stack], BALANCER)
    assert balancer.inputs["dropInvalidHeaderFields"] is True
    assert balancer.inputs["desyncMitigationMode"] == "strictest"
    assert balancer.inputs["enableWafFailOpen"] is False
    logs = {"bucket": balancer.inputs["accessLogs"]["bucket"], "enabled": True, "prefix": "balancers"}
    assert balancer.inputs["accessLogs"] == balancer.inputs["connectionLogs"] == logs
    policy = next(
        each
        for each in plans[stack].of_type("aws:s3/bucketPolicy:BucketPolicy")
        if each.inputs["bucket"] == logs["bucket"]
    )
    assert policy.urn in balancer.dependencies, "the bucket must take deliveries first"


@pytest.mark.parametrize(("stack", "protected"), [("local", False), ("staging", True), ("production", True)])
def test_nobody_deletes_the_way_in_by_mistake_where_records_are_kept(
    plans: dict[str, Plan], stack: str, protected: bool
) -> None:
    assert only(plans[stack], BALANCER).inputs["enableDeletionProtection"] is protected


@each_foundation
def test_the_firewall_asks_every_managed_group_and_bounds_every_address(plans: dict[str, Plan], stack: str) -> None:
    found = rules(plans[stack])
    assert [name for name in found if name in MANAGED] == list(MANAGED)
    for group in MANAGED:
        assert found[group]["overrideAction"] == {"none": {}}, "what the group says is done"
    rate = found["rate"]["statement"]["rateBasedStatement"]
    assert (rate["aggregateKeyType"], rate["limit"], rate["evaluationWindowSec"]) == ("IP", 3000, 60)
    assert found["rate"]["action"]["block"]["customResponse"]["responseCode"] == 429


def test_nobody_outside_the_licensed_countries_is_asked_anything_else_first(production: Plan) -> None:
    first = next(iter(rules(production).values()))
    assert first["name"] == "jurisdiction"
    assert first["statement"]["notStatement"]["statement"]["geoMatchStatement"] == {"countryCodes": ["IE", "MT"]}
    assert first["action"]["block"]["customResponse"]["responseCode"] == 451


def test_without_countries_there_is_no_rule_about_them(plans: dict[str, Plan]) -> None:
    assert "jurisdiction" not in rules(plans["staging"])


@each_foundation
def test_what_the_firewall_writes_down_holds_no_session(plans: dict[str, Plan], stack: str) -> None:
    logging = only(plans[stack], "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs
    hidden = {each["singleHeader"]["name"] for each in logging["redactedFields"]}
    assert hidden == {"authorization", "cookie", "x-authentication"}
    groups = plans[stack].of_type("aws:cloudwatch/logGroup:LogGroup")
    (group,) = (each for each in groups if each.inputs["name"].startswith("aws-waf-logs-"))
    assert logging["logDestinationConfigs"][0].endswith(f":log-group:{group.inputs['name']}")
    assert group.inputs["kmsKeyId"]


@each_foundation
def test_the_nodes_port_is_open_to_the_load_balancer_only_and_its_own_way_out_leads_nowhere_else(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    group = next(each for each in plan.of_type("aws:ec2/securityGroup:SecurityGroup") if each.name == "edge-balancer")
    to_port = [
        each
        for each in plan.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if each.inputs["fromPort"] <= EDGE_NODE_PORT <= each.inputs["toPort"]
    ]
    assert [each.name for each in to_port] == ["edge-from-balancer"]
    assert "cidrIpv4" not in to_port[0].inputs
    assert group.urn in to_port[0].dependencies
    outward = [
        each
        for each in plan.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        if group.urn in each.dependencies
    ]
    assert [(each.inputs["fromPort"], each.inputs["toPort"]) for each in outward] == [(EDGE_NODE_PORT, EDGE_NODE_PORT)]


@each_foundation
def test_every_node_of_the_group_is_a_target_that_is_asked_whether_the_gateway_is_ready(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    target = only(plan, "aws:lb/targetGroup:TargetGroup").inputs
    assert (target["port"], target["targetType"], target["healthCheck"]["path"]) == (30080, "instance", "/readyz")
    # What leaves is given time to finish, and what comes time to warm up.
    assert (target["deregistrationDelay"], target["slowStart"]) == (60, 30)
    nodes = only(plan, "aws:eks/nodeGroup:NodeGroup")
    assert nodes.urn in only(plan, "aws:autoscaling/attachment:Attachment").dependencies


def test_only_one_authority_may_issue_for_the_name(production: Plan) -> None:
    (caa,) = (each for each in _records(production) if each.inputs["type"] == "CAA")
    assert caa.inputs["records"] == ['0 issue "amazon.com"']


def test_a_copy_of_the_name_is_signed_delegated_and_its_queries_written_down_where_route_53_takes_them(
    signed: Plan,
) -> None:
    dnssec = [
        *signed.of_type("aws:route53/keySigningKey:KeySigningKey"),
        *signed.of_type("aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"),
        *signed.of_type("aws:route53/queryLog:QueryLog"),
    ]
    assert len(dnssec) == 3
    abroad = [each for each in signed.resources if each.inputs.get("region") == "us-east-1"]
    key = next(each for each in abroad if each.inputs.get("keyUsage") == "SIGN_VERIFY")
    assert key.inputs["customerMasterKeySpec"] == "ECC_NIST_P256"
    group = next(each for each in abroad if each.type == "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs["retentionInDays"] == 365
    assert ":us-east-1:" in group.inputs["kmsKeyId"]
    (delegation,) = (each for each in _records(signed) if each.inputs["type"] == "NS")
    assert delegation.inputs["zoneId"] == "Z0PARENT"
    validation = only(signed, "aws:acm/certificateValidation:CertificateValidation")
    assert delegation.urn in validation.dependencies, "nobody can prove a name that nobody finds"


def test_in_auto_mode_aws_keeps_nodes_disks_and_load_balancers_and_no_add_on_does_its_work_twice(signed: Plan) -> None:
    cluster = only(signed, "aws:eks/cluster:Cluster").inputs
    assert cluster["computeConfig"]["enabled"] is True
    assert cluster["computeConfig"]["nodePools"] == ["general-purpose", "system"]
    assert cluster["storageConfig"]["blockStorage"]["enabled"] is True
    assert cluster["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"] is True
    assert signed.of_type("aws:eks/nodeGroup:NodeGroup") == ()
    assert signed.of_type("aws:autoscaling/attachment:Attachment") == ()
    assert {each.inputs["addonName"] for each in signed.of_type("aws:eks/addon:Addon")} == {
        "amazon-cloudwatch-observability",
        "aws-secrets-store-csi-driver-provider",
        "metrics-server",
    }


def test_the_settings_let_in_deployers_to_one_namespace_and_auditors_to_look(signed: Plan) -> None:
    doors = {
        each.inputs["principalArn"].rpartition("/")[2]: (
            each.inputs["policyArn"].rpartition("/")[2],
            each.inputs["accessScope"],
        )
        for each in signed.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    }
    inside = {"namespaces": ["exchange"], "type": "namespace"}
    assert doors == {
        "valletta-staging-cluster-administrator": ("AmazonEKSClusterAdminPolicy", {"type": "cluster"}),
        "valletta-staging-deploy": ("AmazonEKSEditPolicy", inside),
        "deployers": ("AmazonEKSEditPolicy", inside),
        "auditors": ("AmazonEKSViewPolicy", {"type": "cluster"}),
    }


def _records(plan: Plan) -> list[PlannedResource]:
    return list(plan.of_type("aws:route53/record:Record"))


def test_the_outputs_tell_where_the_name_is_kept(production: Plan) -> None:
    assert len(production.outputs["edge_name_servers"]) == 4
    assert json.dumps(production.outputs["edge_zone"]).startswith('"Z')
