"""Alarms on what the exchange stands on, and one dashboard of all of it."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.observability.alerts import runbook
from infra.observability.dashboard import dashboard
from infra.observability.gauges import Gauge, Platform, gauges
from infra.settings import StackSettings


class PlatformWatch(Component):
    """A CloudWatch alarm for each gauge, published to the topic of alarms, and the dashboard."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        platform: Platform,
        *,
        topic_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("observability:PlatformWatch", name, settings, opts)
        watched = gauges(settings, platform)
        for gauge in watched:
            self._alarm(gauge, topic_arn)
        self._show(watched, platform)
        self.register_outputs({})

    def _alarm(self, gauge: Gauge, topic_arn: pulumi.Input[str]) -> None:
        aws.cloudwatch.MetricAlarm(
            self.child_name(gauge.name),
            name=self.name_of(gauge.name),
            alarm_description=f"{gauge.says} What to do: {runbook(gauge.runbook)}",
            namespace=gauge.namespace,
            metric_name=gauge.metric,
            dimensions=dict(gauge.dimensions),
            statistic=gauge.statistic,
            period=gauge.seconds,
            evaluation_periods=gauge.periods,
            comparison_operator="GreaterThanThreshold" if gauge.above else "LessThanThreshold",
            threshold=gauge.bound,
            treat_missing_data=gauge.silent,
            alarm_actions=[topic_arn],
            ok_actions=[topic_arn],
            tags=self.tags(gauge.name),
            opts=self.child(),
        )

    def _show(self, watched: Sequence[Gauge], platform: Platform) -> None:
        body = pulumi.Output.json_dumps(dashboard(self.settings, watched, platform), sort_keys=True)
        aws.cloudwatch.Dashboard(
            self.child_name("platform"), dashboard_name=self.name_of("platform"), dashboard_body=body, opts=self.child()
        )
