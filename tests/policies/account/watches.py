"""What watches the account under test: filters and alarms on its trail, and somebody who listens."""

from __future__ import annotations

from typing import Final

from infra.foundation.watching.watches import WATCHES
from policies.values import Value
from tests.policies.account.clients import ACCOUNT, REGION, Clients
from tests.policies.account.records import ARCHIVE, LANDING, TRAIL_GROUP

NAMESPACE: Final = TRAIL_GROUP
TOPIC: Final = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
LAG_ALARM: Final = "to-the-archive-lag"


def build_watches(account: Clients) -> None:
    """The trail's log group with a filter and an alarm for each watch, and somebody who listens."""
    account.client("logs").create_log_group(logGroupName=TRAIL_GROUP)
    account.client("logs").put_retention_policy(logGroupName=TRAIL_GROUP, retentionInDays=365)
    account.client("sns").create_topic(Name="alarms")
    listen(account)
    for watch in WATCHES:
        watch_for(account, watch.name, watch.pattern)
    put_lag_alarm(account)


def watch_for(account: Clients, name: str, pattern: str, **alarm: Value) -> None:
    """Count what matches a pattern, and tell of the first."""
    counted = {"metricName": name, "metricNamespace": NAMESPACE, "metricValue": "1"}
    account.client("logs").put_metric_filter(
        logGroupName=TRAIL_GROUP, filterName=name, filterPattern=pattern, metricTransformations=[counted]
    )
    put_alarm(account, name, NAMESPACE, name, **alarm)


def put_alarm(account: Clients, name: str, namespace: str, metric: str, **changes: Value) -> None:
    """An alarm on a metric that tells the topic."""
    account.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": namespace,
            "MetricName": metric,
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "AlarmActions": [TOPIC],
            **changes,
        }
    )


def put_lag_alarm(account: Clients, **changes: Value) -> None:
    """The alarm on the lag of what lands."""
    pairs = {"SourceBucket": LANDING, "DestinationBucket": ARCHIVE, "RuleId": "all"}
    dimensions = [{"Name": name, "Value": value} for name, value in pairs.items()]
    put_alarm(
        account, LAG_ALARM, "AWS/S3", "ReplicationLatency", **{"Threshold": 900, "Dimensions": dimensions, **changes}
    )


def listen(account: Clients) -> None:
    """Somebody confirms that they read the topic; moto takes every subscription for confirmed."""
    account.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="security@exchange.example")


def stop_listening(account: Clients) -> None:
    """Nobody reads the topic."""
    sns = account.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
