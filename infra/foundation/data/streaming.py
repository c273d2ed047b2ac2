"""The log of the exchange: MSK over TLS only, clients known by IAM, three copies of everything, declared topics.

Its figures go to CloudWatch, a topic and a broker at a time; nobody scrapes Prometheus' ports, so they stay shut. A
policy of the cluster's own would only let other accounts in: what pods of this one may do, `identity.py` says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation.cluster.pods_only import pods_only_group
from infra.foundation.data.topics import Topic
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.network.network import Network
from infra.foundation.records.archive import Archive
from infra.settings import StackSettings
from infra.settings.streaming import REPLICAS

IAM_PORT: Final = 9098
MIN_IN_SYNC: Final = 2
_SCALE_AT_PERCENT: Final = 60

SERVER_PROPERTIES: Final[Mapping[str, object]] = {
    "allow.everyone.if.no.acl.found": "false",
    "auto.create.topics.enable": "false",
    "default.replication.factor": REPLICAS,
    "min.insync.replicas": MIN_IN_SYNC,
    "unclean.leader.election.enable": "false",
}


class Streaming(Component):
    """The Kafka cluster, and the topics of `infra/topics.toml`."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        network: Network,
        keys: Keys,
        archive: Archive,
        topics: Mapping[str, Topic],
        clients_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Streaming", name, settings, opts)
        self.security_group = pods_only_group(
            self,
            network,
            clients_group_id,
            group=("brokers", "Kafka brokers, from the cluster only"),
            rule=("iam", "Kafka over TLS with IAM, from pods"),
            port=IAM_PORT,
        )
        self.cluster = self._make_cluster(network, keys, archive)
        self._scale_storage()
        self.topics = [self._make_topic(name, topic) for name, topic in topics.items()]
        self.register_outputs({"cluster_arn": self.cluster.arn, "bootstrap": self.bootstrap})

    @property
    def bootstrap(self) -> pulumi.Output[str]:
        """The brokers for clients that sign with IAM, as `host:9098,host:9098`."""
        return self.cluster.bootstrap_brokers_sasl_iam

    def topic_arn(self, topic: str) -> pulumi.Output[str]:
        """The ARN of a topic of this cluster, for policies."""
        return self.cluster.arn.apply(lambda arn: f"{arn.replace(':cluster/', ':topic/')}/{topic}")

    def _make_cluster(self, network: Network, keys: Keys, archive: Archive) -> aws.msk.Cluster:
        configuration = aws.msk.Configuration(
            self.child_name("brokers"),
            name=self.name_of("brokers"),
            kafka_versions=[self.settings.kafka_version],
            server_properties="\n".join(f"{key}={value}" for key, value in sorted(SERVER_PROPERTIES.items())),
            opts=self.child(),
        )
        return aws.msk.Cluster(
            self.child_name("kafka"),
            cluster_name=f"{self.settings.prefix}-exchange",
            kafka_version=self.settings.kafka_version,
            number_of_broker_nodes=self.settings.broker_count,
            broker_node_group_info=self._brokers(network),
            client_authentication=_authentication(scram=bool(self.settings.kafka_scram_users)),
            configuration_info=aws.msk.ClusterConfigurationInfoArgs(
                arn=configuration.arn, revision=configuration.latest_revision
            ),
            encryption_info=aws.msk.ClusterEncryptionInfoArgs(
                encryption_at_rest_kms_key_arn=keys.arn(Purpose.STREAMING),
                encryption_in_transit=aws.msk.ClusterEncryptionInfoEncryptionInTransitArgs(
                    client_broker="TLS", in_cluster=True
                ),
            ),
            enhanced_monitoring="PER_TOPIC_PER_BROKER",
            logging_info=self._logging(keys, archive),
            storage_mode="TIERED" if self.settings.kafka_tiered_storage else "LOCAL",
            tags=self.tags("kafka"),
            # Storage grows by itself, and AWS cannot shrink it: the plan must not try.
            opts=self.record_child(
                depends_on=[archive.ready],
                ignore_changes=["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"],
            ),
        )

    def _brokers(self, network: Network) -> aws.msk.ClusterBrokerNodeGroupInfoArgs:
        disk = aws.msk.ClusterBrokerNodeGroupInfoStorageInfoEbsStorageInfoArgs(
            volume_size=self.settings.broker_storage_gib
        )
        public = aws.msk.ClusterBrokerNodeGroupInfoConnectivityInfoPublicAccessArgs(type="DISABLED")
        return aws.msk.ClusterBrokerNodeGroupInfoArgs(
            az_distribution="DEFAULT",
            client_subnets=network.subnet_ids(Tier.DATA),
            instance_type=self.settings.broker_instance_type,
            security_groups=[self.security_group.id],
            connectivity_info=aws.msk.ClusterBrokerNodeGroupInfoConnectivityInfoArgs(public_access=public),
            storage_info=aws.msk.ClusterBrokerNodeGroupInfoStorageInfoArgs(ebs_storage_info=disk),
        )

    def _logging(self, keys: Keys, archive: Archive) -> aws.msk.ClusterLoggingInfoArgs:
        group = log_group(self, "brokers", f"/valletta/{self.settings.name}/kafka", keys.arn(Purpose.LOGS))
        return aws.msk.ClusterLoggingInfoArgs(
            broker_logs=aws.msk.ClusterLoggingInfoBrokerLogsArgs(
                cloudwatch_logs=aws.msk.ClusterLoggingInfoBrokerLogsCloudwatchLogsArgs(
                    enabled=True, log_group=group.name
                ),
                s3=aws.msk.ClusterLoggingInfoBrokerLogsS3Args(
                    enabled=True, bucket=archive.landing.bucket.id, prefix="kafka"
                ),
            )
        )

    def _scale_storage(self) -> None:
        """Grow at 60 % full, up to the settings' limit, never back."""
        target = aws.appautoscaling.Target(
            self.child_name("storage"),
            service_namespace="kafka",
            scalable_dimension="kafka:broker-storage:VolumeSize",
            resource_id=self.cluster.arn,
            min_capacity=1,
            max_capacity=self.settings.broker_storage_max_gib,
            tags=self.tags("storage"),
            opts=self.child(),
        )
        aws.appautoscaling.Policy(
            self.child_name("storage"),
            name=self.name_of("storage"),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=_SCALE_AT_PERCENT,
                disable_scale_in=True,
                predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                    predefined_metric_type="KafkaBrokerStorageUtilization"
                ),
            ),
            opts=self.child(),
        )

    def _make_topic(self, name: str, topic: Topic) -> aws.msk.Topic:
        configuration = topic.configuration(tiered=self.settings.kafka_tiered_storage)
        return aws.msk.Topic(
            self.child_name(name),
            cluster_arn=self.cluster.arn,
            name=name,
            partition_count=topic.partition_count(self.settings.shards),
            replication_factor=REPLICAS,
            configs=json.dumps({**configuration, "min.insync.replicas": str(MIN_IN_SYNC)}, sort_keys=True),
            opts=self.record_child(),
        )


def _authentication(*, scram: bool) -> aws.msk.ClusterClientAuthenticationArgs:
    """Always written out whole: a `sasl` block that comes and goes makes AWS replace the cluster."""
    return aws.msk.ClusterClientAuthenticationArgs(
        sasl=aws.msk.ClusterClientAuthenticationSaslArgs(iam=True, scram=scram), unauthenticated=False
    )
