"""What watches the account, as an auditor reads it off the plans."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final

import pytest
from moto.events.models import EventPattern

from infra.foundation.watching.alarms import FINDINGS
from infra.foundation.watching.recorded_rules import rules
from infra.foundation.watching.watches import LONGEST_PATTERN, WATCHES
from infra.settings import StackSettings
from sandbox.plan.outputs import token
from sandbox.plan.record import Plan, PlannedResource, record_plan
from tests.infra.test_plans import each_foundation, only

OF_THE_ACCOUNT: Final = {
    "aws:accessanalyzer/analyzer:Analyzer",
    "aws:account/alternativeContact:AlternativeContact",
    "aws:budgets/budget:Budget",
    "aws:cfg/deliveryChannel:DeliveryChannel",
    "aws:cfg/recorder:Recorder",
    "aws:cfg/recorderStatus:RecorderStatus",
    "aws:cfg/rule:Rule",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "aws:costexplorer/costAllocationTag:CostAllocationTag",
    "aws:ebs/defaultKmsKey:DefaultKmsKey",
    "aws:ebs/encryptionByDefault:EncryptionByDefault",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    "aws:guardduty/detector:Detector",
    "aws:guardduty/detectorFeature:DetectorFeature",
    "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    "aws:iam/serviceLinkedRole:ServiceLinkedRole",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    "aws:securityhub/account:Account",
    "aws:sns/topic:Topic",
}
"""What an account, or its region, has one of."""


@pytest.fixture(scope="module")
def organized() -> Plan:
    """Production in the account that manages an organisation."""
    return record_plan(
        "production",
        {
            "valletta:organization_id": "o-abcdefghij",
            "valletta:security_account_id": "777788889999",
            "valletta:guardrail_targets": '["ou-ab12-cdefgh34"]',
            "valletta:allowed_regions": '["eu-west-1", "eu-central-1"]',
        },
    )


@pytest.fixture(scope="module")
def shared() -> Plan:
    """A stack in the account of another."""
    return record_plan("staging", {"valletta:account_baseline": "shared"})


def named(plan: Plan, type_: str, name: str) -> PlannedResource:
    (found,) = (each for each in plan.of_type(type_) if each.name == name)
    return found


def key_of(plan: Plan, purpose: str) -> str:
    """What the ARN of a purpose's key ends with in a plan."""
    return f":key/{token(named(plan, 'aws:kms/key:Key', f'keys-{purpose}').urn)}"


def topic_of(plan: Plan) -> str:
    """The ARN of the topic of alarms."""
    return str(only(plan, "aws:sns/topicPolicy:TopicPolicy").inputs["arn"])


def by_sid(document: str) -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(document)["Statement"]}


@each_foundation
def test_the_account_refuses_what_it_can_refuse_by_default(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    assert only(plan, "aws:ebs/encryptionByDefault:EncryptionByDefault").inputs["enabled"] is True
    key = only(plan, "aws:ebs/defaultKmsKey:DefaultKmsKey").inputs["keyArn"]
    assert key.endswith(key_of(plan, "volumes"))
    buckets = only(plan, "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock").inputs
    assert {each for each in buckets if buckets[each] is True} == {
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    }
    snapshots = only(plan, "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess")
    assert snapshots.inputs["state"] == "block-all-sharing"
    assert only(plan, "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess").inputs["state"] == "block-new-sharing"
    metadata = only(plan, "aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults").inputs
    assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)
    passwords = only(plan, "aws:iam/accountPasswordPolicy:AccountPasswordPolicy").inputs
    assert (passwords["minimumPasswordLength"], passwords["passwordReusePrevention"]) == (14, 24)
    assert all(passwords[each] for each in passwords if each.startswith("require"))


def test_the_block_on_public_access_keeps_its_place_in_stacks_where_the_network_had_it(production: Plan) -> None:
    block = only(production, "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions")
    network = next(each for each in production.resources if each.type == "valletta:foundation:Network")
    assert block.inputs["internetGatewayBlockMode"] == "block-ingress"
    assert [sorted(each.split(",")) for each in block.aliases] == [["name=network-block", f"parentUrn={network.urn}"]]


def test_the_security_contact_is_who_the_settings_name(plans: dict[str, Plan]) -> None:
    contact = only(plans["local"], "aws:account/alternativeContact:AlternativeContact").inputs
    assert (contact["alternateContactType"], contact["emailAddress"]) == ("SECURITY", "security@exchange.example")


def test_a_stack_that_shares_an_account_makes_nothing_of_which_the_account_has_one(
    shared: Plan, plans: dict[str, Plan]
) -> None:
    assert {each.type for each in shared.resources} & OF_THE_ACCOUNT == set()
    assert {each.type for each in plans["local"].resources} >= OF_THE_ACCOUNT
    assert {"keys-notifications", "keys-registry"} & {each.name for each in shared.resources} == set()


@each_foundation
def test_the_recorder_records_everything_before_it_is_started(plans: dict[str, Plan], stack: str) -> None:
    plan = plans[stack]
    recorder, channel = only(plan, "aws:cfg/recorder:Recorder"), only(plan, "aws:cfg/deliveryChannel:DeliveryChannel")
    assert recorder.inputs["recordingGroup"] == {"allSupported": True, "includeGlobalResourceTypes": True}
    assert "/aws-service-role/config.amazonaws.com/" in recorder.inputs["roleArn"]
    landing = named(plan, "aws:s3/bucket:Bucket", "archive-landing")
    assert channel.inputs["s3BucketName"] == landing.inputs["bucket"]
    assert channel.inputs["s3KmsKeyArn"].endswith(key_of(plan, "landing"))
    status = only(plan, "aws:cfg/recorderStatus:RecorderStatus")
    assert status.inputs["isEnabled"] is True
    assert channel.urn in status.dependencies
    for rule in plan.of_type("aws:cfg/rule:Rule"):
        assert status.urn in rule.dependencies


def test_every_rule_names_its_controls_and_is_there_once() -> None:
    settings = StackSettings.from_config(
        {"valletta:environment": "local", "valletta:account_id": "1" * 12, "valletta:region": "eu-west-1"}
    )
    listed = rules(settings, "archive", "landing")
    assert [each for each, count in Counter(rule.identifier for rule in listed).items() if count > 1] == []
    assert [rule.identifier for rule in listed if not rule.controls or not rule.asks] == []
    assert all(re.fullmatch(r"[A-Z]{3}-\d", control) for rule in listed for control in rule.controls)


def test_the_rules_on_records_judge_this_stacks_own_buckets_by_its_own_settings(plans: dict[str, Plan]) -> None:
    lock = named(plans["staging"], "aws:cfg/rule:Rule", "detection-s3-bucket-default-lock-enabled").inputs
    assert json.loads(lock["inputParameters"]) == {"mode": "GOVERNANCE"}
    assert lock["scope"]["complianceResourceId"] == "valletta-staging-archive-111122223333"
    kept = named(plans["production"], "aws:cfg/rule:Rule", "detection-cw-loggroup-retention-period-check").inputs
    assert json.loads(kept["inputParameters"]) == {"MinRetentionTime": "365"}
    names = {each.name for each in plans["production"].of_type("aws:cfg/rule:Rule")}
    assert "detection-s3-bucket-default-lock-enabled" not in names, "production's archive lies in another account"


@each_foundation
def test_guardduty_looks_at_every_kind_of_thing_that_the_exchange_runs(plans: dict[str, Plan], stack: str) -> None:
    detector = only(plans[stack], "aws:guardduty/detector:Detector")
    assert detector.inputs["enable"] is True
    features = {
        each.inputs["name"]: each.inputs
        for each in plans[stack].of_type("aws:guardduty/detectorFeature:DetectorFeature")
    }
    assert set(features) == {
        "EBS_MALWARE_PROTECTION",
        "EKS_AUDIT_LOGS",
        "RDS_LOGIN_EVENTS",
        "RUNTIME_MONITORING",
        "S3_DATA_EVENTS",
    }
    assert {each["status"] for each in features.values()} == {"ENABLED"}
    agents = {each["name"]: each["status"] for each in features["RUNTIME_MONITORING"]["additionalConfigurations"]}
    assert agents["EKS_ADDON_MANAGEMENT"] == "ENABLED"


@each_foundation
def test_findings_are_exported_to_where_guardduty_may_write_and_under_a_key_that_it_may_use(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    export = only(plan, "aws:guardduty/publishingDestination:PublishingDestination").inputs
    policy = by_sid(named(plan, "aws:s3/bucketPolicy:BucketPolicy", "archive-landing").inputs["policy"])
    assert policy["FindingsDeliver"]["Resource"] == f"{export['destinationArn']}/*"
    assert set(policy["FindingsDeliver"]["Condition"]) == {"StringEquals", "ArnLike"}
    assert export["kmsKeyArn"].endswith(key_of(plan, "landing"))
    key = named(plan, "aws:kms/key:Key", "keys-landing")
    assert by_sid(key.inputs["policy"])["EncryptFindings"]["Principal"] == {"Service": "guardduty.amazonaws.com"}


@each_foundation
def test_security_hub_measures_by_the_two_standards(plans: dict[str, Plan], stack: str) -> None:
    hub = only(plans[stack], "aws:securityhub/account:Account")
    assert hub.inputs["enableDefaultStandards"] is False
    subscriptions = plans[stack].of_type("aws:securityhub/standardsSubscription:StandardsSubscription")
    region = "eu-central-1" if stack == "staging" else "eu-west-1"
    assert {each.inputs["standardsArn"] for each in subscriptions} == {
        f"arn:aws:securityhub:{region}::standards/aws-foundational-security-best-practices/v/1.0.0",
        f"arn:aws:securityhub:{region}::standards/cis-aws-foundations-benchmark/v/5.0.0",
    }
    assert all(hub.urn in each.dependencies for each in subscriptions)


def test_the_analyzers_look_at_the_account_or_at_the_organisation(production: Plan, organized: Plan) -> None:
    def types(plan: Plan) -> set[str]:
        return {each.inputs["type"] for each in plan.of_type("aws:accessanalyzer/analyzer:Analyzer")}

    assert types(production) == {"ACCOUNT", "ACCOUNT_UNUSED_ACCESS"}
    assert types(organized) == {"ORGANIZATION", "ORGANIZATION_UNUSED_ACCESS"}


def test_an_organisations_detectors_and_hub_are_delegated_to_its_security_account(
    production: Plan, organized: Plan
) -> None:
    for service in ("guardduty", "securityhub"):
        type_ = f"aws:{service}/organizationAdminAccount:OrganizationAdminAccount"
        assert only(organized, type_).inputs["adminAccountId"] == "777788889999"
        assert production.of_type(type_) == ()


def test_the_guardrails_lie_on_what_the_settings_name_and_nowhere_else(production: Plan, organized: Plan) -> None:
    policy = only(organized, "aws:organizations/policy:Policy")
    assert policy.protect
    regions = next(each for each in json.loads(policy.inputs["content"])["Statement"] if each["Sid"] == "Regions")
    assert regions["Condition"]["StringNotEquals"]["aws:RequestedRegion"] == ["eu-west-1", "eu-central-1"]
    attachment = only(organized, "aws:organizations/policyAttachment:PolicyAttachment").inputs
    assert attachment["targetId"] == "ou-ab12-cdefgh34"
    assert production.of_type("aws:organizations/policy:Policy") == ()


def test_every_watch_of_the_benchmark_is_there_with_a_pattern_that_cloudwatch_takes() -> None:
    assert [each.clause for each in WATCHES[:15]] == [f"4.{number}" for number in range(1, 16)]
    for watch in WATCHES:
        assert len(watch.pattern) <= LONGEST_PATTERN, watch.name
        assert watch.pattern.count("(") == watch.pattern.count(")"), watch.name
        assert (watch.pattern[0], watch.pattern[-1]) == ("{", "}"), watch.name


@each_foundation
def test_every_watch_counts_on_the_trails_log_group_and_alarms_at_the_first_match(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    trail = named(plan, "aws:cloudwatch/logGroup:LogGroup", "trail-events").inputs["name"]
    topic = topic_of(plan)
    filters = {each.name: each.inputs for each in plan.of_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")}
    assert set(filters) == {f"alarms-{watch.name}" for watch in WATCHES}
    for name, counted in filters.items():
        alarm = named(plan, "aws:cloudwatch/metricAlarm:MetricAlarm", name).inputs
        metric = counted["metricTransformation"]
        assert counted["logGroupName"] == trail
        assert (alarm["namespace"], alarm["metricName"]) == (metric["namespace"], metric["name"])
        assert (alarm["threshold"], alarm["comparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
        assert alarm["alarmActions"] == [topic]


@each_foundation
def test_the_topic_takes_only_what_this_account_sends_and_its_key_serves_the_same_services(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    topic = topic_of(plan)
    account = topic.split(":")[4]
    allowed = list(by_sid(only(plan, "aws:sns/topicPolicy:TopicPolicy").inputs["policy"]).values())
    publishers = {each["Principal"]["Service"] for each in allowed if each["Effect"] == "Allow"}
    for each in allowed:
        assert each["Resource"] == topic
        if each["Effect"] == "Allow":
            assert each["Condition"]["StringEquals"]["aws:SourceAccount"] == account
            assert each["Condition"]["ArnLike"]["aws:SourceArn"]
    assert only(plan, "aws:sns/topic:Topic").inputs["kmsMasterKeyId"].endswith(key_of(plan, "notifications"))
    key = named(plan, "aws:kms/key:Key", "keys-notifications")
    use = by_sid(key.inputs["policy"])["EncryptNotifications"]
    assert set(use["Principal"]["Service"]) == publishers
    assert use["Condition"] == {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic}}


@each_foundation
def test_the_rules_that_tell_of_findings_are_those_that_the_topic_lets_publish(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    policy = by_sid(only(plan, "aws:sns/topicPolicy:TopicPolicy").inputs["policy"])
    let = {each.rpartition("/")[2] for each in policy["Findings"]["Condition"]["ArnLike"]["aws:SourceArn"]}
    events = {each.inputs["name"] for each in plan.of_type("aws:cloudwatch/eventRule:EventRule")}
    assert let <= events
    targets = {
        each.inputs["rule"]: each.inputs["arn"] for each in plan.of_type("aws:cloudwatch/eventTarget:EventTarget")
    }
    assert {targets[each] for each in let} == {topic_of(plan)}


def guardduty(severity: float) -> dict[str, Any]:
    return {"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"severity": severity}}


def securityhub(label: str, *, product: str = "Security Hub", status: str = "NEW") -> dict[str, Any]:
    finding = {
        "Severity": {"Label": label},
        "Workflow": {"Status": status},
        "RecordState": "ACTIVE",
        "ProductName": product,
    }
    detail = {"findings": [finding]}
    return {"source": "aws.securityhub", "detail-type": "Security Hub Findings - Imported", "detail": detail}


@pytest.mark.parametrize(
    ("source", "event", "told"),
    [
        ("guardduty", guardduty(8.5), True),
        ("guardduty", guardduty(7), True),
        ("guardduty", guardduty(6.9), False),
        ("securityhub", securityhub("CRITICAL"), True),
        ("securityhub", securityhub("HIGH"), True),
        ("securityhub", securityhub("MEDIUM"), False),
        ("securityhub", securityhub("HIGH", status="SUPPRESSED"), False),
        ("securityhub", securityhub("HIGH", product="GuardDuty"), False),
    ],
)
def test_findings_of_high_severity_are_told_once_and_others_are_not(
    source: str, event: dict[str, Any], told: bool
) -> None:
    pattern = EventPattern.load(json.dumps(FINDINGS[source]))
    flat = json.loads(json.dumps(event))
    if source == "securityhub":  # EventBridge looks into arrays of objects; this reading of its patterns does not
        flat["detail"]["findings"] = flat["detail"]["findings"][0]
    assert pattern.matches_event(flat) is told


def test_production_tells_those_whom_its_settings_name(production: Plan) -> None:
    readers = production.of_type("aws:sns/topicSubscription:TopicSubscription")
    assert [(each.inputs["protocol"], each.inputs["endpoint"]) for each in readers] == [
        ("email", "security@exchange.example")
    ]


@pytest.mark.parametrize(("stack", "limit"), [("local", "100"), ("staging", "3000"), ("production", "8000")])
def test_the_budget_tells_before_it_is_spent(plans: dict[str, Plan], stack: str, limit: str) -> None:
    budget = only(plans[stack], "aws:budgets/budget:Budget").inputs
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == (limit, "USD", "MONTHLY")
    told = {(each["notificationType"], each["threshold"]) for each in budget["notifications"]}
    assert told == {("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
    topic = topic_of(plans[stack])
    assert {address for each in budget["notifications"] for address in each["subscriberSnsTopicArns"]} == {topic}


def test_costs_are_split_by_tags_that_every_resource_bears_and_only_once_that_is_asked_for(
    plans: dict[str, Plan],
) -> None:
    type_ = "aws:costexplorer/costAllocationTag:CostAllocationTag"
    split = {each.inputs["tagKey"] for each in plans["local"].of_type(type_)}
    assert split == {"valletta:stack", "valletta:environment", "valletta:component"}
    assert split <= set(only(plans["local"], "aws:ec2/vpc:Vpc").inputs["tags"])
    assert plans["production"].of_type(type_) == ()
