"""The log as an auditor reads it off the plan: who comes in and how, and what AWS may not undo or replace."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from infra.foundation.data.topics import load_topics
from sandbox.plan.record import Plan, PlannedResource, plan_here

USERS = {"valletta:kafka_scram_users": '["reports"]', "valletta:kafka_scram_admitted": '["reports"]'}


@pytest.fixture(scope="module")
def scram() -> Plan:
    """The stack `local`, all of it, with a user that signs in with a password."""
    return plan_here("local", USERS)


def only(plan: Plan, type_: str, name: str = "") -> PlannedResource:
    found = [each for each in plan.of_type(type_) if name in each.name]
    assert len(found) == 1, f"{type_} {name}: {[each.name for each in found]}"
    return found[0]


def test_the_sasl_block_has_one_shape_with_and_without_passwords(plans: Mapping[str, Plan], scram: Plan) -> None:
    """One that comes and goes made AWS replace a cluster."""
    kept = {}
    for told, plan in ((False, plans["local"]), (True, scram)):
        inputs = dict(only(plan, "aws:msk/cluster:Cluster").inputs)
        assert inputs.pop("clientAuthentication") == {"sasl": {"iam": True, "scram": told}, "unauthenticated": False}
        kept[told] = inputs
    assert kept[False] == kept[True]


def test_brokers_are_private_watched_topic_by_topic_and_log_to_both_places(production: Plan) -> None:
    inputs = only(production, "aws:msk/cluster:Cluster").inputs
    assert inputs["brokerNodeGroupInfo"]["connectivityInfo"] == {"publicAccess": {"type": "DISABLED"}}
    assert inputs["encryptionInfo"]["encryptionInTransit"] == {"clientBroker": "TLS", "inCluster": True}
    assert inputs["enhancedMonitoring"] == "PER_TOPIC_PER_BROKER"
    assert inputs["storageMode"] == "LOCAL"
    logs = inputs["loggingInfo"]["brokerLogs"]
    assert logs["cloudwatchLogs"]["enabled"]
    assert (logs["s3"]["enabled"], logs["s3"]["prefix"]) == (True, "kafka")


def test_volumes_grow_at_sixty_percent_and_no_plan_shrinks_them(production: Plan) -> None:
    cluster = only(production, "aws:msk/cluster:Cluster")
    assert cluster.ignore_changes == ("brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize",)
    tracking = only(production, "aws:appautoscaling/policy:Policy", "storage").inputs[
        "targetTrackingScalingPolicyConfiguration"
    ]
    assert (tracking["targetValue"], tracking["disableScaleIn"]) == (60, True)
    metric = tracking["predefinedMetricSpecification"]["predefinedMetricType"]
    assert metric == "KafkaBrokerStorageUtilization"


def test_topics_are_those_of_the_file(production: Plan) -> None:
    planned = {each.inputs["name"]: each.inputs for each in production.of_type("aws:msk/topic:Topic")}
    topics = load_topics()
    assert planned.keys() == topics.keys()
    for name, topic in topics.items():
        assert json.loads(planned[name]["configs"]) == {**topic.configuration(), "min.insync.replicas": "2"}
        assert planned[name]["replicationFactor"] == 3


def test_where_nobody_has_a_password_there_is_no_way_in_for_one(production: Plan) -> None:
    assert production.of_type("aws:msk/scramSecretAssociation:ScramSecretAssociation") == ()
    ports = {
        each.inputs["fromPort"]
        for each in production.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    }
    assert 9098 in ports
    assert 9096 not in ports


def test_a_users_secret_is_empty_under_our_key_and_let_in_by_its_name(scram: Plan) -> None:
    secret = only(scram, "aws:secretsmanager/secret:Secret", "reports")
    assert secret.inputs["name"] == "AmazonMSK_valletta-local_reports"
    assert secret.inputs["kmsKeyId"]
    values = [each.name for each in scram.of_type("aws:secretsmanager/secretVersion:SecretVersion")]
    assert [name for name in values if "reports" in name] == []
    admitted = only(scram, "aws:msk/scramSecretAssociation:ScramSecretAssociation")
    assert len(admitted.inputs["secretArnLists"]) == 1
    assert secret.urn in admitted.dependencies


def test_a_user_whose_password_is_not_there_yet_is_not_let_in() -> None:
    plan = plan_here("local", {"valletta:kafka_scram_users": '["reports"]'})
    assert plan.of_type("aws:msk/scramSecretAssociation:ScramSecretAssociation") == ()
    assert only(plan, "aws:secretsmanager/secret:Secret", "reports")


def test_rights_are_granted_by_a_job_that_may_alter_the_cluster_and_touch_no_topic(scram: Plan) -> None:
    policy = json.loads(only(scram, "aws:iam/rolePolicy:RolePolicy", "kafka-rights").inputs["policy"])
    [statement] = policy["Statement"]
    assert statement["Action"] == [
        "kafka-cluster:AlterCluster",
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeCluster",
    ]
    assert ":cluster/" in statement["Resource"]
    pod = only(scram, "kubernetes:batch/v1:Job", "scram-rights").inputs["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "kafka-rights"
    [container] = pod["containers"]
    assert container["command"] == ["python", "-m", "services.journal", "acls"]
    declared = {each["name"]: each["value"] for each in container["env"]}["VALLETTA_KAFKA_ACLS"]
    assert json.loads(declared) == {"reports": {"append": [], "read": ["exchange.events"]}}
