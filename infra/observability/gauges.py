"""The metrics that AWS itself gives of what the exchange stands on, and from which value on somebody is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from infra.settings import StackSettings

_MINUTE: Final = 60
_GIBIBYTE: Final = 2**30
_DISK_PERCENT: Final = 80
_DATABASE_SHARE: Final = 0.1
"""The share of the database's disk that must stay free."""
CERTIFICATE_DAYS: Final = 30
"""AWS renews a certificate 60 days before its end: a month later it has failed to."""


@dataclass(frozen=True)
class Gauge:
    """A metric of AWS and the bound that it should keep.

    Args:
        name: of the alarm; its runbook is named `runbook`.
        above: whether it should stay below the bound, rather than above it.
        periods: of `seconds` each, in which it must be out of bounds.
        silent: what it means where the metric is missing: `notBreaching`, or `breaching`.
    """

    name: str
    runbook: str
    says: str
    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    bound: float
    above: bool = True
    statistic: str = "Maximum"
    seconds: int = 5 * _MINUTE
    periods: int = 3
    silent: str = "notBreaching"


@dataclass(frozen=True)
class Platform:
    """The names of the parts; those of the edge (ARNs) are absent where there is none."""

    kafka: str
    database: str
    cluster: str
    balancer: pulumi.Output[str] | None = None
    target_group: pulumi.Output[str] | None = None
    certificate: pulumi.Output[str] | None = None

    @property
    def of_balancer(self) -> dict[str, pulumi.Input[str]] | None:
        """The dimension by which metrics name the load balancer: the end of its ARN."""
        return {"LoadBalancer": self.balancer.apply(_after_loadbalancer)} if self.balancer else None


def gauges(settings: StackSettings, platform: Platform) -> list[Gauge]:
    """Everything that is watched on a stack."""
    return [*_kafka(settings, platform.kafka), *_database(settings, platform.database), *_edge(platform)]


def _after_loadbalancer(arn: str) -> str:
    return arn.partition(":loadbalancer/")[2]


def _kafka(settings: StackSettings, cluster: str) -> Iterator[Gauge]:
    of_cluster = {"Cluster Name": cluster}
    yield Gauge(
        "kafka-offline",
        "kafka-under-replicated",
        "Partitions have no leader: nothing can be appended to them.",
        "AWS/Kafka",
        "OfflinePartitionsCount",
        of_cluster,
        bound=0,
        seconds=_MINUTE,
        periods=2,
        silent="breaching",
    )
    for broker in range(1, settings.broker_count + 1):
        of_broker = {**of_cluster, "Broker ID": str(broker)}
        yield Gauge(
            f"kafka-under-replicated-{broker}",
            "kafka-under-replicated",
            "Records have fewer copies than they should: the loss of another broker would stop the shards.",
            "AWS/Kafka",
            "UnderReplicatedPartitions",
            of_broker,
            bound=0,
        )
        yield Gauge(
            f"kafka-disk-{broker}",
            "kafka-disk",
            "The broker's disk fills faster than its storage grows.",
            "AWS/Kafka",
            "KafkaDataLogsDiskUsed",
            of_broker,
            bound=_DISK_PERCENT,
        )


def _database(settings: StackSettings, instance: str) -> Iterator[Gauge]:
    of_instance = {"DBInstanceIdentifier": instance}
    yield Gauge(
        "database-storage",
        "database-storage",
        "The database's disk is nearly full although it grows by itself.",
        "AWS/RDS",
        "FreeStorageSpace",
        of_instance,
        bound=_DATABASE_SHARE * settings.database_storage_gib * _GIBIBYTE,
        above=False,
        statistic="Minimum",
    )
    yield Gauge(
        "database-cpu",
        "database-slow",
        "The database's processors are busy: the projector and the statements fall behind.",
        "AWS/RDS",
        "CPUUtilization",
        of_instance,
        bound=90,
        statistic="Average",
    )


def _edge(platform: Platform) -> Iterator[Gauge]:
    of_balancer = platform.of_balancer
    if of_balancer is None or platform.target_group is None or platform.certificate is None:
        return
    behind = {**of_balancer, "TargetGroup": platform.target_group.apply(lambda arn: arn.rpartition(":")[2])}
    yield Gauge(
        "edge-nobody-healthy",
        "edge-failing",
        "The load balancer has nobody to send requests to.",
        "AWS/ApplicationELB",
        "HealthyHostCount",
        behind,
        bound=1,
        above=False,
        statistic="Minimum",
        seconds=_MINUTE,
        silent="breaching",
    )
    yield Gauge(
        "edge-failing",
        "edge-failing",
        "The load balancer itself answers with errors: requests do not reach the gateway.",
        "AWS/ApplicationELB",
        "HTTPCode_ELB_5XX_Count",
        of_balancer,
        bound=50,
        statistic="Sum",
    )
    yield Gauge(
        "certificate-ends",
        "certificate-ends",
        "The certificate ends soon and was not renewed.",
        "AWS/CertificateManager",
        "DaysToExpiry",
        {"CertificateArn": platform.certificate},
        bound=CERTIFICATE_DAYS,
        above=False,
        statistic="Minimum",
        seconds=24 * 60 * _MINUTE,
        periods=1,
    )
