"""Everything that is seen of a stack, and who hears of it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from infra.observability.gauges import Platform
from infra.observability.metrics import Metrics
from infra.observability.platform import PlatformWatch
from infra.settings import StackSettings


def observe(
    settings: StackSettings,
    platform: Platform,
    *,
    cluster_arn: pulumi.Input[str],
    subnet_ids: Sequence[pulumi.Input[str]],
    security_group_id: pulumi.Input[str],
    topic_arn: pulumi.Output[str],
    metrics_key_arn: pulumi.Input[str],
    logs_key_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Declare metrics, alerts, alarms and the dashboard.

    Args:
        platform: what AWS's metrics call its parts.
        cluster_arn: of the EKS cluster whose pods are scraped.
        subnet_ids: where the collector is, in two zones or more.
        security_group_id: the collector's, which the pods let in.
        topic_arn: where alerts and alarms are published.
        metrics_key_arn: encrypts the metrics.
        logs_key_arn: encrypts the logs of the rules.
    """
    metrics = Metrics(
        "metrics",
        settings,
        cluster_arn=cluster_arn,
        subnet_ids=subnet_ids,
        security_group_id=security_group_id,
        topic_arn=topic_arn,
        metrics_key_arn=metrics_key_arn,
        logs_key_arn=logs_key_arn,
        opts=opts,
    )
    PlatformWatch("platform", settings, platform, topic_arn=topic_arn, opts=opts)
    pulumi.export("metrics_query_url", metrics.workspace.prometheus_endpoint)
