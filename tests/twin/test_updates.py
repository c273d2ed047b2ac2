"""What an update does in place, what it cannot do, and what is refused before anything is done."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.twin.errors import InvalidRequestError, UnknownTypeError
from sandbox.twin.twin import Twin
from tests.twin.account_server import REGION, AccountServer
from tests.twin.extras import current, obtain
from tests.twin.provisioning import Made, make

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
READ = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:List*","Resource":"*"}]}'
TAGS = {"tags": {"other": "tag"}}
LOG_GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/other:*"
SCRAM_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_other-abcdef"
BROKER_CONFIGURATION = "arn:aws:kafka:eu-west-1:123456789012:configuration/other/1"
BACKUP_RULE = {
    "ruleName": "weekly",
    "targetVaultName": "valletta-local-records",
    "schedule": "cron(0 5 ? * 1 *)",
    "scheduleExpressionTimezone": "Europe/Malta",
    "startWindow": 60,
    "completionWindow": 600,
    "lifecycle": {"deleteAfter": 60},
}

IN_PLACE: list[tuple[str, dict[str, Any]]] = [
    ("aws:ec2/vpc:Vpc", {"enableDnsHostnames": False, **TAGS}),
    ("aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": True, **TAGS}),
    ("aws:ec2/natGateway:NatGateway", TAGS),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 30, **TAGS}),
    ("aws:cloudtrail/trail:Trail", {"enableLogFileValidation": False, "enableLogging": False, **TAGS}),
    ("aws:kms/key:Key", {"description": "other", "enableKeyRotation": False, "rotationPeriodInDays": 90, **TAGS}),
    ("aws:iam/role:Role", {"assumeRolePolicy": TRUST, "description": "other", "maxSessionDuration": 7200, **TAGS}),
    ("aws:iam/policy:Policy", {"policy": READ, **TAGS}),
    ("aws:ecr/repository:Repository", {"imageTagMutability": "MUTABLE", **TAGS}),
    ("aws:eks/cluster:Cluster", {"deletionProtection": True, **TAGS}),
    ("aws:eks/nodeGroup:NodeGroup", {"scalingConfig": {"minSize": 1, "maxSize": 4, "desiredSize": 2}, **TAGS}),
    ("aws:eks/addon:Addon", {"configurationValues": '{"a":1}', **TAGS}),
    ("aws:eks/podIdentityAssociation:PodIdentityAssociation", {"roleArn": "arn:aws:iam::123456789012:role/other"}),
    ("aws:msk/configuration:Configuration", {"serverProperties": "auto.create.topics.enable=false"}),
    ("aws:msk/topic:Topic", {"partitionCount": 3}),
    ("aws:msk/cluster:Cluster", TAGS),
    ("aws:msk/cluster:Cluster", {"clientAuthentication": {"sasl": {"iam": True, "scram": True}}}),
    ("aws:msk/cluster:Cluster", {"configurationInfo": {"arn": BROKER_CONFIGURATION, "revision": 2}}),
    ("aws:msk/cluster:Cluster", {"enhancedMonitoring": "DEFAULT", "numberOfBrokerNodes": 6, "storageMode": "TIERED"}),
    ("aws:msk/scramSecretAssociation:ScramSecretAssociation", {"secretArnLists": [SCRAM_SECRET]}),
    ("aws:rds/instance:Instance", {"backupRetentionPeriod": 20, "deletionProtection": True, **TAGS}),
    ("aws:rds/subnetGroup:SubnetGroup", {"description": "other", **TAGS}),
    ("aws:secretsmanager/secret:Secret", {"description": "other", **TAGS}),
    ("aws:s3/bucket:Bucket", TAGS),
    ("aws:backup/vault:Vault", TAGS),
    ("aws:backup/vaultLockConfiguration:VaultLockConfiguration", {"minRetentionDays": 40, "maxRetentionDays": 400}),
    ("aws:backup/plan:Plan", {"rules": [BACKUP_RULE], **TAGS}),
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", {"startWindowHours": 8, **TAGS}),
    ("aws:backup/restoreTestingSelection:RestoreTestingSelection", {"validationWindowHours": 2}),
    ("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", {
        "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 3}},
    }),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", {"fromPort": 1000, "toPort": 2000}),
    ("aws:appautoscaling/target:Target", {"maxCapacity": 500}),
    ("aws:ec2/launchTemplate:LaunchTemplate", {"monitoring": {"enabled": False}}),
    ("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", {"minimumPasswordLength": 20}),
    ("aws:iam/serviceLinkedRole:ServiceLinkedRole", {"description": "other", **TAGS}),
    ("aws:account/alternativeContact:AlternativeContact", {"name": "Another"}),
    ("aws:cfg/recorder:Recorder", {"recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": False}}),
    ("aws:cfg/deliveryChannel:DeliveryChannel", {"s3KeyPrefix": "config"}),
    ("aws:cfg/rule:Rule", {"description": "other", **TAGS}),
    ("aws:guardduty/detector:Detector", {"findingPublishingFrequency": "ONE_HOUR"}),
    ("aws:guardduty/detectorFeature:DetectorFeature", {"status": "DISABLED"}),
    ("aws:guardduty/publishingDestination:PublishingDestination", {"kmsKeyArn": "arn:aws:kms:eu-west-1:1:key/2"}),
    ("aws:accessanalyzer/analyzer:Analyzer", TAGS),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", {"pattern": "{$.a=b}"}),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"threshold": 5, "alarmDescription": "other", **TAGS}),
    ("aws:cloudwatch/eventRule:EventRule", {"eventPattern": '{"source":["aws.health"]}', **TAGS}),
    ("aws:cloudwatch/dashboard:Dashboard", {"dashboardBody": '{"widgets":[],"start":"-PT6H"}'}),
    ("aws:amp/workspace:Workspace", {"alias": "other", "loggingConfiguration": {"logGroupArn": LOG_GROUP}, **TAGS}),
    ("aws:amp/ruleGroupNamespace:RuleGroupNamespace", {"data": "groups: []", **TAGS}),
    ("aws:amp/alertManagerDefinition:AlertManagerDefinition", {"definition": "alertmanager_config: '{}'"}),
    ("aws:amp/scraper:Scraper", {"alias": "other", "scrapeConfiguration": "scrape_configs: []", **TAGS}),
    ("aws:sns/topic:Topic", {"displayName": "Other", **TAGS}),
    ("aws:budgets/budget:Budget", {"limitAmount": "200"}),
    ("aws:costexplorer/anomalySubscription:AnomalySubscription", {"frequency": "DAILY"}),
    ("aws:organizations/policy:Policy", {"description": "other", **TAGS}),
]  # fmt: skip

REPLACING: list[tuple[str, dict[str, Any], bool]] = [
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16"}, False),
    ("aws:ec2/subnet:Subnet", {"availabilityZone": "eu-west-1f"}, True),
    ("aws:ec2/natGateway:NatGateway", {"subnetId": "subnet-1"}, True),
    ("aws:ec2/routeTable:RouteTable", {"vpcId": "vpc-1"}, False),
    ("aws:ec2/securityGroup:SecurityGroup", {"description": "other"}, True),
    ("aws:ec2/flowLog:FlowLog", {"maxAggregationInterval": 600}, True),
    ("aws:cloudwatch/logGroup:LogGroup", {"name": "other"}, False),
    ("aws:cloudtrail/trail:Trail", {"name": "other"}, False),
    ("aws:kms/key:Key", {"customerMasterKeySpec": "HMAC_256"}, False),
    ("aws:kms/alias:Alias", {"name": "alias/other"}, False),
    ("aws:iam/role:Role", {"path": "/x/"}, True),
    ("aws:iam/rolePolicy:RolePolicy", {"role": "other"}, False),
    ("aws:ecr/repository:Repository", {"encryptionConfigurations": [{"encryptionType": "AES256"}]}, True),
    ("aws:eks/cluster:Cluster", {"roleArn": "arn:aws:iam::123456789012:role/other"}, True),
    ("aws:eks/nodeGroup:NodeGroup", {"instanceTypes": ["m5.large"]}, True),
    ("aws:eks/addon:Addon", {"addonName": "other"}, False),
    ("aws:msk/cluster:Cluster", {"kafkaVersion": "3.7.x"}, True),
    ("aws:msk/cluster:Cluster", {"encryptionInfo": {"encryptionInTransit": {"inCluster": False}}}, True),
    ("aws:msk/scramSecretAssociation:ScramSecretAssociation", {"clusterArn": "arn:other"}, False),
    ("aws:msk/topic:Topic", {"replicationFactor": 2}, True),
    ("aws:rds/instance:Instance", {"storageEncrypted": False}, True),
    ("aws:rds/subnetGroup:SubnetGroup", {"name": "other"}, False),
    ("aws:s3/bucket:Bucket", {"bucket": "other"}, False),
    ("aws:amp/workspace:Workspace", {"kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/other"}, False),
    ("aws:amp/scraper:Scraper", {"source": {"eks": {"clusterArn": "arn:other", "subnetIds": []}}}, True),
    ("aws:backup/vault:Vault", {"kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/other"}, True),
    ("aws:backup/selection:Selection", {"resources": []}, True),
    ("aws:backup/restoreTestingPlan:RestoreTestingPlan", {"name": "other"}, False),
    ("aws:backup/restoreTestingSelection:RestoreTestingSelection", {"protectedResourceType": "EBS"}, True),
    ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "other"}, False),
    ("aws:secretsmanager/secret:Secret", {"name": "other"}, False),
]


@pytest.mark.parametrize(("type_", "changed"), IN_PLACE, ids=[t.rpartition(":")[2] for t, _ in IN_PLACE])
def test_a_changed_input_is_updated_in_place_and_the_resource_shows_it(
    type_: str, changed: dict[str, Any], twin: Twin, provisioned: dict[str, Made]
) -> None:
    made = current(twin, obtain(type_, twin, provisioned))
    news, failures = twin.check(type_, "urn:x::y", made.inputs, {**made.inputs, **changed})
    assert failures == []
    difference = twin.diff(type_, made.inputs, news)
    assert set(changed) <= set(difference.changes)
    assert difference.replaces == []
    state = twin.update(type_, made.id, made.inputs, news)
    read = twin.read(type_, made.id, news, state)
    assert read is not None
    assert read[1] == news
    back = twin.update(type_, made.id, news, made.inputs)
    read = twin.read(type_, made.id, made.inputs, back)
    assert read is not None
    assert twin.diff(type_, read[1], made.inputs).changes == [], "and back again"


@pytest.mark.parametrize(("type_", "changed", "clash"), REPLACING, ids=[t.rpartition(":")[2] for t, _, _ in REPLACING])
def test_an_input_that_nothing_can_change_forces_a_replacement(
    type_: str, changed: dict[str, Any], clash: bool, twin: Twin, provisioned: dict[str, Made]
) -> None:
    made = obtain(type_, twin, provisioned)
    difference = twin.diff(type_, made.inputs, {**made.inputs, **changed})
    assert difference.replaces == list(changed)
    assert difference.delete_before_replace is clash, "where the name stays, the old one must go first"


def test_a_launch_template_grows_versions_that_others_can_name(twin: Twin) -> None:
    inputs = {"instanceType": "m5.large", "updateDefaultVersion": True}
    made = make(twin, "aws:ec2/launchTemplate:LaunchTemplate", "versions", inputs)
    news = {**made.inputs, "instanceType": "m6i.large"}
    outputs = twin.update(made.type, made.id, made.inputs, news)
    assert (outputs["latestVersion"], outputs["defaultVersion"]) == (2, 2)


def test_a_configuration_that_moto_lacks_counts_its_revisions(twin: Twin) -> None:
    made = make(twin, "aws:msk/configuration:Configuration", "revisions", {"serverProperties": "a=b"})
    assert made.outputs["latestRevision"] == 1
    outputs = twin.update(made.type, made.id, made.inputs, {**made.inputs, "serverProperties": "a=c"})
    assert outputs["latestRevision"] == 2


def test_an_input_taken_away_goes_back_to_its_default(account: AccountServer, twin: Twin) -> None:
    made = make(twin, "aws:ec2/vpc:Vpc", "defaults", {"cidrBlock": "10.77.0.0/16", "enableDnsHostnames": True})
    twin.update(made.type, made.id, made.inputs, {"cidrBlock": "10.77.0.0/16"})
    attribute = account.client("ec2").describe_vpc_attribute(VpcId=made.id, Attribute="enableDnsHostnames")
    assert attribute["EnableDnsHostnames"] == {"Value": False}


def test_the_providers_default_tags_go_on_everything_and_are_not_the_resources_own(account: AccountServer) -> None:
    twin = Twin(account.url, REGION, default_tags={"stack": "local"})
    made = make(twin, "aws:ec2/vpc:Vpc", "tags", {"cidrBlock": "10.78.0.0/16", "tags": {"a": "b"}})
    tags = account.client("ec2").describe_vpcs(VpcIds=[made.id])["Vpcs"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"stack": "local", "a": "b"}
    assert made.outputs["tags"] == {"a": "b"}
    assert made.outputs["tagsAll"] == {"stack": "local", "a": "b"}
    read = twin.read(made.type, made.id, made.inputs, made.outputs)
    assert read is not None
    assert read[1] == made.inputs
    other = Twin(account.url, REGION, default_tags={"stack": "other"})
    news, _ = other.check(made.type, "urn:x::tags", made.inputs, {"cidrBlock": "10.78.0.0/16", "tags": {"a": "b"}})
    assert other.diff(made.type, made.inputs, news).changes == ["tagsAll"]


def test_dimensions_of_an_alarm_are_pairs_in_aws_and_a_map_in_the_program(account: AccountServer, twin: Twin) -> None:
    inputs = {
        "namespace": "AWS/S3",
        "metricName": "ReplicationLatency",
        "dimensions": {"SourceBucket": "a", "RuleId": "b"},
        "statistic": "Maximum",
        "period": 60,
        "evaluationPeriods": 1,
        "threshold": 900,
        "comparisonOperator": "GreaterThanThreshold",
    }
    made = make(twin, "aws:cloudwatch/metricAlarm:MetricAlarm", "lag", inputs)
    live = account.client("cloudwatch").describe_alarms(AlarmNames=[made.id])["MetricAlarms"][0]
    assert sorted(each["Name"] for each in live["Dimensions"]) == ["RuleId", "SourceBucket"]
    read = twin.read(made.type, made.id, made.inputs, made.outputs)
    assert read is not None
    assert read[1] == made.inputs


def test_a_name_is_made_up_once_and_kept(twin: Twin) -> None:
    first, _ = twin.check("aws:s3/bucket:Bucket", "urn:pulumi:s::p::t::Archive", None, {})
    assert first["bucket"].startswith("archive-")
    assert len(first["bucket"]) == len("archive-") + 7
    again, _ = twin.check("aws:s3/bucket:Bucket", "urn:pulumi:s::p::t::Archive", first, {})
    assert again == first
    other, _ = twin.check("aws:s3/bucket:Bucket", "urn:pulumi:s::p::t::Archive", None, {})
    assert other != first, "a replacement beside the old one needs another name"


@pytest.mark.parametrize(
    ("type_", "place"),
    [
        ("aws:dynamodb/table:Table", "sandbox/twin/mapping/dynamodb.py"),
        ("aws:s3/inventory:Inventory", "sandbox/twin/mapping/s3.py"),
        ("gcp:storage/bucket:Bucket", "sandbox/twin/mapping/storage.py"),
        ("nonsense", "sandbox/twin/mapping"),
    ],
)
def test_an_unknown_type_is_named_with_the_place_where_to_add_it(twin: Twin, type_: str, place: str) -> None:
    with pytest.raises(UnknownTypeError, match=re.escape(f"does not know the type '{type_}'")) as unknown:
        twin.check(type_, "urn:x::y", None, {})
    assert place in str(unknown.value)


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "reason"),
    [
        ("aws:ec2/vpc:Vpc", {"cidrBlocks": ["10.0.0.0/16"]}, "cidrBlocks", "has no input 'cidrBlocks'"),
        ("aws:s3/bucket:Bucket", {"acl": "private"}, "acl", "does not map 'acl'"),
    ],
)
def test_an_input_that_nobody_carries_is_a_failure_and_never_dropped(
    twin: Twin, type_: str, inputs: dict[str, Any], property_: str, reason: str
) -> None:
    _, failures = twin.check(type_, "urn:x::y", None, inputs)
    assert [failure.property for failure in failures] == [property_]
    assert reason in failures[0].reason


def test_a_value_that_aws_would_not_accept_is_refused_without_being_quoted(twin: Twin) -> None:
    inputs = {"secretId": "operator", "secretString": {"pass": "hunter2"}}
    with pytest.raises(InvalidRequestError, match="SecretString") as refused:
        twin.create("aws:secretsmanager/secretVersion:SecretVersion", "urn:x::y", inputs)
    assert "hunter2" not in str(refused.value)


def test_a_request_of_a_type_that_moto_lacks_is_checked_against_awss_model_all_the_same(twin: Twin) -> None:
    with pytest.raises(InvalidRequestError, match="addonName"):
        twin.create("aws:eks/addon:Addon", "urn:x::y", {"clusterName": "c"})


def test_a_creation_that_fails_half_way_leaves_nothing_behind(account: AccountServer, twin: Twin) -> None:
    with pytest.raises(ClientError, match="nobody"):
        twin.create("aws:iam/instanceProfile:InstanceProfile", "urn:x::y", {"name": "half", "role": "nobody"})
    profiles = account.client("iam").list_instance_profiles()["InstanceProfiles"]
    assert "half" not in [profile["InstanceProfileName"] for profile in profiles]


def test_an_import_finds_the_inputs_from_the_id_alone(twin: Twin, provisioned: Mapping[str, Made]) -> None:
    for type_ in ("aws:ec2/vpc:Vpc", "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:s3/bucket:Bucket"):
        made = provisioned[type_]
        read = twin.read(type_, made.id, {}, {})
        assert read is not None
        assert twin.diff(type_, read[1], {**made.inputs, "forceDestroy": False}).replaces == []


def test_functions_answer_from_the_account_and_others_are_named(twin: Twin) -> None:
    caller = twin.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert caller["accountId"] == "123456789012"
    assert twin.invoke("aws:index/getRegion:getRegion", {})["region"] == REGION
    with pytest.raises(UnknownTypeError, match="getAmi"):
        twin.invoke("aws:ec2/getAmi:getAmi", {})


def test_what_cannot_be_observed_is_published(account: AccountServer, twin: Twin) -> None:
    report = httpx.get(f"{account.url}/valletta/observability").json()
    assert "aws:eks/addon:Addon" in report["types"]
    assert not twin.observable("aws:eks/addon:Addon")
    assert twin.observable("aws:eks/cluster:Cluster")
    unseen = twin.unobservable_properties("aws:eks/cluster:Cluster")
    assert {"accessConfig", "deletionProtection"} <= set(unseen)
    assert report["properties"]["aws:eks/cluster:Cluster"] == [*unseen]
    assert "eks:ListAddons" in report["operations"]
