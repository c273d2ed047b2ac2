"""Who is told when something happens: the trail's watches and the services' findings, to one topic."""

from __future__ import annotations

import json
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.names import topic_arn, topic_name
from infra.foundation.watching.watches import WATCHES, Watch
from infra.settings import StackSettings

WATCH_SECONDS: Final = 300

GUARDDUTY_HIGH: Final = 7
"""GuardDuty's severity from which a finding is high."""

BACKUP_FAILED: Final = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]
"""The states in which a job of AWS Backup ended without a backup, a copy or a restore."""

FINDINGS: Final[dict[str, dict[str, Any]]] = {
    "guardduty": {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", GUARDDUTY_HIGH]}]},
    },
    "securityhub": {
        "source": ["aws.securityhub"],
        "detail-type": ["Security Hub Findings - Imported"],
        "detail": {
            "findings": {
                "Severity": {"Label": ["HIGH", "CRITICAL"]},
                "Workflow": {"Status": ["NEW"]},
                "RecordState": ["ACTIVE"],
                # GuardDuty's own are told by the rule above.
                "ProductName": [{"anything-but": ["GuardDuty"]}],
            }
        },
    },
    "backup": {
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
        # A job has a `state` or, of a restore, a `status`.
        "detail": {"$or": [{"state": BACKUP_FAILED}, {"status": BACKUP_FAILED}]},
    },
}
"""Which events of EventBridge are told, as patterns."""


class Alarms(Component):
    """The topic, who reads it, and what is published to it: control LOG-6.

    `topic` is where other components send what people must hear of. A reader is told of nothing before he followed the
    link in the e-mail by which AWS asks him.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        keys: Keys,
        events: aws.cloudwatch.LogGroup,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Alarms", name, settings, opts)
        self.topic = aws.sns.Topic(
            self.child_name("topic"),
            name=topic_name(settings),
            kms_master_key_id=keys.arn(Purpose.NOTIFICATIONS),
            tags=self.tags("topic"),
            opts=self.child(),
        )
        aws.sns.TopicPolicy(
            self.child_name("topic"),
            arn=self.topic.arn,
            policy=iam.document(*_publishers(settings, self._rule_arns())),
            opts=self.child(),
        )
        for email in settings.alarm_emails:
            aws.sns.TopicSubscription(
                self.child_name(email), topic=self.topic.arn, protocol="email", endpoint=email, opts=self.child()
            )
        for watch in WATCHES:
            self._watch(watch, events)
        for source, pattern in FINDINGS.items():
            self._tell(source, pattern)
        self.register_outputs({"topic_arn": self.topic.arn})

    def _rule_arns(self) -> list[str]:
        place = f"arn:aws:events:{self.settings.region}:{self.settings.account_id}:rule"
        return [f"{place}/{self.name_of(source)}" for source in FINDINGS]

    def _watch(self, watch: Watch, events: aws.cloudwatch.LogGroup) -> None:
        """A count of matching events, and an alarm at the first."""
        metric, namespace = watch.name, f"{self.settings.prefix}/trail"
        aws.cloudwatch.LogMetricFilter(
            self.child_name(watch.name),
            name=self.name_of(watch.name),
            log_group_name=events.name,
            pattern=watch.pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                name=metric, namespace=namespace, value="1"
            ),
            opts=self.child(),
        )
        aws.cloudwatch.MetricAlarm(
            self.child_name(watch.name),
            name=self.name_of(watch.name),
            alarm_description=f"{watch.clause}: {watch.says}",
            namespace=namespace,
            metric_name=metric,
            statistic="Sum",
            period=WATCH_SECONDS,
            evaluation_periods=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=1,
            treat_missing_data="notBreaching",
            alarm_actions=[self.topic.arn],
            tags=self.tags(watch.name),
            opts=self.child(),
        )

    def _tell(self, source: str, pattern: dict[str, Any]) -> None:
        rule = aws.cloudwatch.EventRule(
            self.child_name(source),
            name=self.name_of(source),
            description=f"What people hear of {source}",
            event_pattern=json.dumps(pattern, sort_keys=True),
            tags=self.tags(source),
            opts=self.child(),
        )
        aws.cloudwatch.EventTarget(
            self.child_name(source), rule=rule.name, target_id="alarms", arn=self.topic.arn, opts=self.child()
        )


def _publishers(settings: StackSettings, rules: list[str]) -> list[iam.Statement]:
    """Each service publishes for this account, and for the things of it that we know of; nobody in plain text."""
    topic, account = topic_arn(settings), settings.account_id
    sources = {
        "Alarms": ("cloudwatch", [f"arn:aws:cloudwatch:{settings.region}:{account}:alarm:*"]),
        "Findings": ("events", rules),
        "Alerts": ("aps", [f"arn:aws:aps:{settings.region}:{account}:workspace/*"]),
        "Databases": ("events.rds", [f"arn:aws:rds:{settings.region}:{account}:*"]),
        "Budgets": ("budgets", [f"arn:aws:budgets::{account}:*"]),
        "CostAnomalies": ("costalerts", [f"arn:aws:ce::{account}:anomalysubscription/*"]),
    }
    return [
        *(
            iam.allow(
                sid,
                ["sns:Publish"],
                topic,
                principal=iam.service(f"{service}.amazonaws.com"),
                condition={"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": arns}},
            )
            for sid, (service, arns) in sources.items()
        ),
        iam.deny(
            "DenyPlainHttp",
            ["sns:Publish"],
            topic,
            principal=iam.ANYONE,
            condition={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]
