"""Where moto's Kafka does what AWS's does not: clusters that become active, change, and let users with passwords in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from moto.kafka.exceptions import BadRequestException, NotFoundException
from moto.kafka.responses import KafkaResponse

from sandbox.twin.mapping.msk_changes import numbers
from sandbox.twin.values import Value

_Change = Callable[[Value, Mapping[str, Any]], None]
"""What an operation does to a cluster, by the body of its request."""
_CLUSTER: Final = "/clusters/"
_PREFIX: Final = "AmazonMSK_"


def correct(kafka: Value) -> None:
    """Put Kafka's part of the account right."""
    _finish_creation(kafka)
    responses: Value = KafkaResponse
    for operation, change in _CHANGES.items():
        setattr(responses, operation, _changing(change))
    responses.list_scram_secrets = _list_scram_secrets
    responses.batch_associate_scram_secret = _associate
    responses.batch_disassociate_scram_secret = _disassociate


def _finish_creation(kafka: Value) -> None:
    """Moto never finishes creating a cluster."""
    create = kafka.create_cluster

    def create_cluster(*args: Value, **kwargs: Value) -> Value:
        arn, name, _ = create(*args, **kwargs)
        kafka.clusters[arn].state = "ACTIVE"
        return arn, name, "CREATING"

    kafka.create_cluster = create_cluster


def _changing(change: _Change) -> Callable[[Value], str]:
    """Moto changes only a cluster's tags. AWS takes a change to the version that is current, and to no other."""

    def respond(response: Value) -> str:
        cluster, body = _cluster(response), json.loads(response.body)
        if body.get("currentVersion") != cluster.current_version:
            raise BadRequestException(f"The current version of the cluster is {cluster.current_version}")
        change(cluster, body)
        cluster.current_version = f"{int(cluster.current_version.partition('.')[0]) + 1}.0"
        operation = f"{cluster.arn.replace(':cluster/', ':cluster-operation/')}/{cluster.current_version}"
        return json.dumps({"clusterArn": cluster.arn, "clusterOperationArn": operation})

    return respond


def _cluster(response: Value) -> Value:
    arn = unquote(response.parsed_url.path.rpartition("/v1/clusters/")[2]).partition(":cluster/")
    known = response.kafka_backend.clusters
    found = f"{arn[0]}:cluster/{arn[2].partition('/')[0]}"
    if found not in known:
        raise NotFoundException(f"There is no cluster {found}")
    return known[found]


def _monitoring(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.enhanced_monitoring = body.get("enhancedMonitoring", cluster.enhanced_monitoring)
    cluster.open_monitoring = body.get("openMonitoring", cluster.open_monitoring)
    cluster.logging_info = body.get("loggingInfo", cluster.logging_info)


def _security(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.client_authentication = body.get("clientAuthentication", cluster.client_authentication)
    transit = (body.get("encryptionInfo") or {}).get("encryptionInTransit")
    if transit:
        cluster.encryption_info = {**(cluster.encryption_info or {}), "encryptionInTransit": transit}


def _version(cluster: Value, body: Mapping[str, Any]) -> None:
    wanted = body["targetKafkaVersion"]
    if numbers(wanted) < numbers(cluster.kafka_version):
        raise BadRequestException(f"Kafka {cluster.kafka_version} cannot be brought back to {wanted}")
    cluster.kafka_version = wanted
    cluster.configuration_info = body.get("configurationInfo", cluster.configuration_info)


def _storage(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.storage_mode = body.get("storageMode", cluster.storage_mode)


def _volumes(cluster: Value, body: Mapping[str, Any]) -> None:
    disk = cluster.broker_node_group_info["storageInfo"]["ebsStorageInfo"]
    size = body["targetBrokerEBSVolumeInfo"][0]["volumeSizeGB"]
    if size < disk["volumeSize"]:
        raise BadRequestException(f"Volumes of {disk['volumeSize']} GiB cannot be made smaller: {size}")
    disk["volumeSize"] = size


def _brokers(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.number_of_broker_nodes = body["targetNumberOfBrokerNodes"]


def _broker_type(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.broker_node_group_info["instanceType"] = body["targetInstanceType"]


def _connectivity(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.broker_node_group_info["connectivityInfo"] = body["connectivityInfo"]


def _configuration(cluster: Value, body: Mapping[str, Any]) -> None:
    cluster.configuration_info = body["configurationInfo"]


_CHANGES: Final[Mapping[str, _Change]] = {
    "update_broker_count": _brokers,
    "update_broker_storage": _volumes,
    "update_broker_type": _broker_type,
    "update_cluster_configuration": _configuration,
    "update_cluster_kafka_version": _version,
    "update_connectivity": _connectivity,
    "update_monitoring": _monitoring,
    "update_security": _security,
    "update_storage": _storage,
}


def _secrets(cluster: Value) -> list[str]:
    """The secrets whose users the cluster lets in; moto's cluster has no place for them."""
    found: list[str] = cluster.__dict__.setdefault("scram_secrets", [])
    return found


def _list_scram_secrets(response: Value) -> str:
    return json.dumps({"secretArnList": _secrets(_cluster(response))})


def _associate(response: Value) -> str:
    cluster = _cluster(response)
    known, asked = _secrets(cluster), json.loads(response.body)["secretArnList"]
    wrong = [arn for arn in asked if not arn.partition(":secret:")[2].startswith(_PREFIX)]
    known += [arn for arn in asked if arn not in (*wrong, *known)]
    message = f"The provided secret ARN cannot be used: its name must begin with {_PREFIX}"
    told = [{"secretArn": arn, "errorCode": "InvalidSecretArn", "errorMessage": message} for arn in wrong]
    return json.dumps({"clusterArn": cluster.arn, "unprocessedScramSecrets": told})


def _disassociate(response: Value) -> str:
    cluster = _cluster(response)
    gone = json.loads(response.body)["secretArnList"]
    _secrets(cluster)[:] = [arn for arn in _secrets(cluster) if arn not in gone]
    return json.dumps({"clusterArn": cluster.arn, "unprocessedScramSecrets": []})
