"""The account's Kafka changes as AWS's does: one operation a part, told the version; and not back, nor smaller."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.twin.errors import TwinError
from sandbox.twin.twin import Twin
from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made, make

INPUTS: dict[str, Any] = {
    "kafkaVersion": "3.9.x.kraft",
    "numberOfBrokerNodes": 3,
    "brokerNodeGroupInfo": {
        "instanceType": "kafka.m7g.large",
        "clientSubnets": ["subnet-1", "subnet-2", "subnet-3"],
        "securityGroups": ["sg-1"],
        "connectivityInfo": {"publicAccess": {"type": "DISABLED"}},
        "storageInfo": {"ebsStorageInfo": {"volumeSize": 200}},
    },
    "clientAuthentication": {"sasl": {"iam": True, "scram": False}, "unauthenticated": False},
    "storageMode": "LOCAL",
}


def brokers(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 (what Pulumi takes)
    """The inputs with other brokers."""
    return {**INPUTS, "brokerNodeGroupInfo": {**INPUTS["brokerNodeGroupInfo"], **changed}}


@pytest.fixture
def cluster(twin: Twin) -> Made:
    """A cluster of its own."""
    return make(twin, "aws:msk/cluster:Cluster", "changing", INPUTS)


CHANGES: list[tuple[dict[str, Any], str, Any]] = [
    (brokers(instanceType="kafka.m7g.xlarge"), "BrokerNodeGroupInfo.InstanceType", "kafka.m7g.xlarge"),
    (
        brokers(storageInfo={"ebsStorageInfo": {"volumeSize": 300}}),
        "BrokerNodeGroupInfo.StorageInfo.EbsStorageInfo.VolumeSize",
        300,
    ),
    ({**INPUTS, "numberOfBrokerNodes": 6}, "NumberOfBrokerNodes", 6),
    ({**INPUTS, "kafkaVersion": "4.0.x.kraft"}, "CurrentBrokerSoftwareInfo.KafkaVersion", "4.0.x.kraft"),
    ({**INPUTS, "storageMode": "TIERED"}, "StorageMode", "TIERED"),
    (
        {**INPUTS, "clientAuthentication": {"sasl": {"iam": True, "scram": True}, "unauthenticated": False}},
        "ClientAuthentication.Sasl.Scram.Enabled",
        True,
    ),
    (
        {**INPUTS, "loggingInfo": {"brokerLogs": {"s3": {"enabled": True, "bucket": "b", "prefix": "kafka"}}}},
        "LoggingInfo.BrokerLogs.S3.Bucket",
        "b",
    ),
]


@pytest.mark.parametrize("change", CHANGES, ids=[each[1] for each in CHANGES])
def test_a_targeted_change_is_an_update_of_the_same_cluster_that_the_account_shows(
    change: tuple[dict[str, Any], str, object], account: AccountServer, twin: Twin, cluster: Made
) -> None:
    changed, path, value = change
    news = {**cluster.inputs, **changed}
    assert twin.diff(cluster.type, cluster.inputs, news).replaces == []
    outputs = twin.update(cluster.type, cluster.id, cluster.inputs, news)
    live: Any = account.client("kafka").describe_cluster(ClusterArn=cluster.id)["ClusterInfo"]
    assert live["CurrentVersion"] == outputs["currentVersion"] != cluster.outputs["currentVersion"]
    for part in path.split("."):
        live = live[part]
    assert live == value
    twin.delete(cluster.type, cluster.id, outputs)


@pytest.mark.parametrize(
    "news",
    [
        {**INPUTS, "kafkaVersion": "3.8.x"},
        brokers(clientSubnets=["subnet-4"]),
        brokers(securityGroups=["sg-2"]),
        {**INPUTS, "encryptionInfo": {"encryptionAtRestKmsKeyArn": "arn:aws:kms:eu-west-1:1:key/other"}},
    ],
    ids=["version", "subnets", "groups", "key"],
)
def test_what_aws_leaves_as_it_was_made_is_planned_as_a_replacement(
    news: dict[str, Any], twin: Twin, cluster: Made
) -> None:
    changed = [name for name in news if news[name] != INPUTS.get(name)]
    assert twin.diff(cluster.type, cluster.inputs, {**cluster.inputs, **news}).replaces == changed


def test_letting_users_with_passwords_in_replaces_nothing_and_shutting_them_out_neither(
    twin: Twin, cluster: Made
) -> None:
    let_in = {
        **cluster.inputs,
        "clientAuthentication": {"sasl": {"iam": True, "scram": True}, "unauthenticated": False},
    }
    for olds, news in ((cluster.inputs, let_in), (let_in, cluster.inputs)):
        assert twin.diff(cluster.type, olds, news).replaces == []


@pytest.mark.parametrize(
    ("operation", "arguments", "told"),
    [
        ("update_monitoring", {"CurrentVersion": "0.9", "EnhancedMonitoring": "DEFAULT"}, "current version of the"),
        ("update_cluster_kafka_version", {"TargetKafkaVersion": "3.7.x"}, "cannot be brought back to 3.7.x"),
        (
            "update_broker_storage",
            {"TargetBrokerEBSVolumeInfo": [{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 100}]},
            "cannot be made smaller: 100",
        ),
    ],
)
def test_a_change_that_aws_refuses_is_refused_and_changes_nothing(
    operation: str, arguments: dict[str, Any], told: str, account: AccountServer, cluster: Made
) -> None:
    client = account.client("kafka")
    before = client.describe_cluster(ClusterArn=cluster.id)["ClusterInfo"]
    given = {"ClusterArn": cluster.id, "CurrentVersion": before["CurrentVersion"], **arguments}
    with pytest.raises(ClientError, match=told):
        getattr(client, operation)(**given)
    assert client.describe_cluster(ClusterArn=cluster.id)["ClusterInfo"] == before


def test_a_user_whose_secret_msk_would_not_take_is_told_by_its_name(twin: Twin, cluster: Made) -> None:
    secret = make(twin, "aws:secretsmanager/secret:Secret", "wrong", {"name": "reports"})
    inputs = {"clusterArn": cluster.id, "secretArnLists": [secret.id]}
    with pytest.raises(TwinError, match=r"reports-.*its name must begin with AmazonMSK_"):
        make(twin, "aws:msk/scramSecretAssociation:ScramSecretAssociation", "wrong", inputs)
