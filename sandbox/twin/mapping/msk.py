"""MSK: clusters and who signs in with a password; configurations and topics, which moto lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.twin.errors import TwinError
from sandbox.twin.mapping.msk_changes import CHANGED, change_cluster, fixed_in_cluster
from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.values import Value
from sandbox.twin.work import Work

_TAGGING = Tagging(
    style="map",
    add=Call("TagResource", {"ResourceArn": "{id}"}),
    remove=Call("UntagResource", {"ResourceArn": "{id}"}),
    list=Read("ListTagsForResource", {"ResourceArn": "{id}"}, at="Tags"),
    keys="TagKeys",
    values="Tags",
)


def _bootstrap(port: int, wanted: str) -> Callable[[Mapping[str, Value]], Value]:
    """The bootstrap addresses in the form in which AWS gives them; moto has no GetBootstrapBrokers."""

    def addresses(known: Mapping[str, Value]) -> str | None:
        if not _offered(known, wanted):
            return None
        short = str(known["id"]).rpartition("/")[2][:6]
        host = f"{known['clusterName']}.{short}.c1.kafka.{known['region']}.amazonaws.com:{port}"
        return ",".join(f"b-{number}.{host}" for number in range(1, int(known["numberOfBrokerNodes"]) + 1))

    return addresses


def _offered(known: Mapping[str, Value], wanted: str) -> bool:
    authentication = known.get("clientAuthentication") or {}
    return bool((authentication.get("sasl") or {}).get(wanted)) if wanted != "tls" else True


_CONFIGURATION = "CurrentBrokerSoftwareInfo.{arn: ConfigurationArn, revision: ConfigurationRevision}"
_CLUSTER = {"ClusterArn": "{id}"}
CLUSTER = Resource(
    type="aws:msk/cluster:Cluster",
    service="kafka",
    id="{result.ClusterArn}",
    # The first version of the operation: moto's CreateClusterV2 drops encryption, authentication and monitoring.
    create=Call("CreateCluster", carries=ALL),
    names={
        "brokerNodeGroupInfo.azDistribution": "BrokerAZDistribution",
        "encryptionInfo.encryptionAtRestKmsKeyArn": "EncryptionAtRest.DataVolumeKMSKeyId",
        "clientAuthentication.unauthenticated": "Unauthenticated.Enabled",
        "clientAuthentication.sasl.iam": "Iam.Enabled",
        "clientAuthentication.sasl.scram": "Scram.Enabled",
    },
    read=(
        # moto fails on a cluster that is gone; the list does not.
        Read("ListClusters", at="ClusterInfoList[?ClusterArn=='{id}'] | [0]", takes=()),
        Read(
            "DescribeCluster",
            _CLUSTER,
            at="ClusterInfo",
            names={
                "kafkaVersion": "CurrentBrokerSoftwareInfo.KafkaVersion",
                "configurationInfo": _CONFIGURATION,
            },
        ),
    ),
    computed={
        "bootstrapBrokersTls": _bootstrap(9094, "tls"),
        "bootstrapBrokersSaslIam": _bootstrap(9098, "iam"),
        "bootstrapBrokersSaslScram": _bootstrap(9096, "scram"),
    },
    updates=(Adjust(change_cluster, carries=CHANGED),),
    fixed=fixed_in_cluster,
    delete=(Call("DeleteCluster", _CLUSTER),),
    # Moto fails on the deletion of a cluster that is gone.
    gone=("InternalFailure",),
    autoname="clusterName",
    longest_name=64,
    identity=("clusterName",),
    defaults={"enhancedMonitoring": "DEFAULT", "storageMode": "LOCAL"},
    tagging=_TAGGING,
)

CONFIGURATION = Resource(
    type="aws:msk/configuration:Configuration",
    service="kafka",
    id="arn:{partition}:kafka:{region}:{account}:configuration/{name}/declared-1",
    create=Call("CreateConfiguration", carries=ALL),
    read=(Read("DescribeConfiguration", {"Arn": "{id}"}),),
    updates=(Call("UpdateConfiguration", {"Arn": "{id}"}, carries=("serverProperties", "description")),),
    computed={"arn": "{id}"},
    counts="latestRevision",
    delete=(Call("DeleteConfiguration", {"Arn": "{id}"}),),
    autoname="name",
    identity=("name",),
    lacking=True,
)

TOPIC = Resource(
    type="aws:msk/topic:Topic",
    service="kafka",
    id="{clusterArn}/{name}",
    create=Call("CreateTopic", {"TopicName": "{name}"}, carries=ALL),
    names={"name": ""},
    read=(Read("DescribeTopic", {"ClusterArn": "{clusterArn}", "TopicName": "{name}"}),),
    updates=(
        Call(
            "UpdateTopic", {"ClusterArn": "{clusterArn}", "TopicName": "{name}"}, carries=("partitionCount", "configs")
        ),
    ),
    computed={"arn": "{id}"},
    delete=(Call("DeleteTopic", {"ClusterArn": "{clusterArn}", "TopicName": "{name}"}),),
    autoname="name",
    identity=("clusterArn", "name"),
    lacking=True,
)


def _let_in(work: Work) -> None:
    """Exactly the users of these secrets, as the provider does: those who came otherwise are shut out."""
    client, cluster, wanted = work.client(), work.inputs["clusterArn"], work.inputs["secretArnLists"]
    present = client.list_scram_secrets(ClusterArn=cluster)["SecretArnList"]
    steps: dict[str, list[str]] = {
        "batch_disassociate_scram_secret": [arn for arn in present if arn not in wanted],
        "batch_associate_scram_secret": [arn for arn in wanted if arn not in present],
    }
    for operation, arns in steps.items():
        if arns:
            answer: dict[str, Any] = getattr(client, operation)(ClusterArn=cluster, SecretArnList=arns)
            for refused in answer["UnprocessedScramSecrets"]:
                raise TwinError(f"{refused['SecretArn']}: {refused['ErrorMessage']}")


SCRAM_SECRET_ASSOCIATION = Resource(
    type="aws:msk/scramSecretAssociation:ScramSecretAssociation",
    service="kafka",
    id="{clusterArn}",
    settings=(Adjust(_let_in, carries=("secretArnLists",)),),
    read=(
        Read(
            "ListScramSecrets",
            _CLUSTER,
            at="SecretArnList && @",
            takes=(),
            names={"secretArnLists": "SecretArnList"},
        ),
    ),
    computed={"clusterArn": "{id}"},
    delete=(Call("BatchDisassociateScramSecret", {**_CLUSTER, "SecretArnList": "{secretArnLists}"}),),
    identity=("clusterArn",),
)

RESOURCES = (CLUSTER, CONFIGURATION, TOPIC, SCRAM_SECRET_ASSOCIATION)
