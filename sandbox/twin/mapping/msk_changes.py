"""What AWS changes of an MSK cluster in place: an operation for each part, and each needs the cluster's version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.twin.naming import dig
from sandbox.twin.resource import Call
from sandbox.twin.sameness import same
from sandbox.twin.shapes import structure, to_aws
from sandbox.twin.work import Work

_AUTHENTICATION: Final = {
    "unauthenticated": "Unauthenticated.Enabled",
    "sasl.iam": "Iam.Enabled",
    "sasl.scram": "Scram.Enabled",
}
_VOLUME: Final = {"volumeSize": "volumeSizeGB"}
_DISK: Final = "brokerNodeGroupInfo.storageInfo.ebsStorageInfo"


@dataclass(frozen=True)
class _Change:
    """An operation, sent when one of the inputs at `when` changes; `members` says where in the inputs its members lie.

    `unless` is an input whose change has carried these already.
    """

    operation: str
    when: tuple[str, ...]
    members: Mapping[str, str]
    unless: str = ""


_CHANGES: Final = (
    _Change("UpdateBrokerType", ("brokerNodeGroupInfo.instanceType",), {
        "TargetInstanceType": "brokerNodeGroupInfo.instanceType",
    }),
    _Change("UpdateBrokerCount", ("numberOfBrokerNodes",), {"TargetNumberOfBrokerNodes": "numberOfBrokerNodes"}),
    _Change("UpdateBrokerStorage", (_DISK,), {"TargetBrokerEBSVolumeInfo": _DISK}),
    _Change("UpdateConnectivity", ("brokerNodeGroupInfo.connectivityInfo",), {
        "ConnectivityInfo": "brokerNodeGroupInfo.connectivityInfo",
    }),
    _Change("UpdateStorage", ("storageMode",), {"StorageMode": "storageMode"}),
    _Change("UpdateMonitoring", ("enhancedMonitoring", "openMonitoring", "loggingInfo"), {
        "EnhancedMonitoring": "enhancedMonitoring",
        "OpenMonitoring": "openMonitoring",
        "LoggingInfo": "loggingInfo",
    }),
    _Change("UpdateSecurity", ("clientAuthentication",), {"ClientAuthentication": "clientAuthentication"}),
    _Change("UpdateSecurity", ("encryptionInfo.encryptionInTransit",), {
        "EncryptionInfo.EncryptionInTransit": "encryptionInfo.encryptionInTransit",
    }),
    _Change("UpdateClusterKafkaVersion", ("kafkaVersion",), {
        "TargetKafkaVersion": "kafkaVersion",
        "ConfigurationInfo": "configurationInfo",
    }),
    _Change("UpdateClusterConfiguration", ("configurationInfo",), {
        "ConfigurationInfo": "configurationInfo",
    }, unless="kafkaVersion"),
)  # fmt: skip

CHANGED: Final = tuple(dict.fromkeys(path.partition(".")[0] for change in _CHANGES for path in change.when))
"""The inputs of which at least a part changes in place."""

_FIXED: Final = (
    "brokerNodeGroupInfo.azDistribution",
    "brokerNodeGroupInfo.clientSubnets",
    "brokerNodeGroupInfo.securityGroups",
    "encryptionInfo.encryptionAtRestKmsKeyArn",
    "encryptionInfo.encryptionInTransit.inCluster",
)


def numbers(version: str) -> tuple[int, ...]:
    """What a Kafka version is compared by: `3.9.x.kraft` is (3, 9)."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def fixed_in_cluster(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The inputs of which a part changes that AWS leaves as it was made; and Kafka's version, where it goes back."""
    found = [path.partition(".")[0] for path in _FIXED if _differs(olds, news, path)]
    if numbers(str(news.get("kafkaVersion", ""))) < numbers(str(olds.get("kafkaVersion", ""))):
        found.append("kafkaVersion")
    return found


def change_cluster(work: Work) -> None:
    """Bring the cluster to its inputs, one operation after the other."""
    olds = work.values["old"]
    for change in _CHANGES:
        carried = change.unless and _differs(olds, work.inputs, change.unless)
        if not carried and any(_differs(olds, work.inputs, path) for path in change.when):
            _send(work, change)


def _send(work: Work, change: _Change) -> None:
    call = Call(change.operation)
    cluster = work.client().describe_cluster(ClusterArn=work.id)["ClusterInfo"]
    request: dict[str, Any] = {"ClusterArn": work.id, "CurrentVersion": cluster["CurrentVersion"]}
    members = structure(work.operation(call).input_shape).members
    for path, source in change.members.items():
        member, _, within = path.partition(".")
        value = dig(work.inputs, source)
        if value is None:
            continue
        if within:
            value = {source.rpartition(".")[2]: value}
        if source == _DISK:
            value = [{"kafkaBrokerNodeId": "All", **{_VOLUME.get(key, key): one for key, one in value.items()}}]
        request[member] = to_aws(members[member], value, _AUTHENTICATION)
    work.send(call, request)


def _differs(olds: Mapping[str, Any], news: Mapping[str, Any], path: str) -> bool:
    return not same(dig(olds, path), dig(news, path))
