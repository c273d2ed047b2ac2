"""Who is told when records do not reach the archive or the replica in time: controls LOG-2 and LOC-2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.records.archive import Archive
from infra.foundation.records.replica import Destination
from infra.foundation.records.replication import REPLICATION_MINUTES
from infra.settings import StackSettings

PERIOD_SECONDS: Final = 300


@dataclass(frozen=True)
class Measure:
    """A metric of S3's replication, and above what it is told."""

    name: str
    says: str
    metric: str
    statistic: str
    threshold: int


MEASURES: Final = (
    Measure(
        "lag",
        f"records are more than {REPLICATION_MINUTES} minutes behind",
        "ReplicationLatency",
        "Maximum",
        REPLICATION_MINUTES * 60,
    ),
    Measure("failed", "a record was not replicated", "OperationsFailedReplication", "Sum", 0),
)


class ReplicationAlarms(Component):
    """An alarm at a lag, and at the first object that is not replicated at all, for each destination."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        archive: Archive,
        topic: aws.sns.Topic,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:ReplicationAlarms", name, settings, opts)
        for destination in archive.destinations:
            for measure in MEASURES:
                self._alarm(archive.landing.name, destination, measure, topic)
        self.register_outputs({})

    def _alarm(self, source: str, destination: Destination, measure: Measure, topic: aws.sns.Topic) -> None:
        part = f"{destination.name}-{measure.name}"
        aws.cloudwatch.MetricAlarm(
            self.child_name(part),
            name=self.name_of(part),
            alarm_description=f"{destination.name}: {measure.says}",
            namespace="AWS/S3",
            metric_name=measure.metric,
            dimensions={
                "SourceBucket": source,
                "DestinationBucket": destination.bucket.name,
                "RuleId": destination.name,
            },
            statistic=measure.statistic,
            period=PERIOD_SECONDS,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=measure.threshold,
            # Nothing to replicate is no lag, and S3 then tells nothing.
            treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            tags=self.tags(part),
            opts=self.child(),
        )
