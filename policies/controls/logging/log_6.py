"""LOG-6: what must not happen unseen is told to somebody, who is listening and looks every day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from policies.account import Account, Subject
from policies.checks import account_wide, check
from policies.cloud import alarms, inventory, tokens
from policies.cloud.moments import youngest
from policies.cloud.watched import unwatched
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

DRILL = timedelta(days=30)
"""How long ago an alarm may last have gone off. CloudWatch forgets the history of an alarm after as long."""

CONFIRMED = "arn:"
"""A subscription that was not confirmed has a word where its ARN would be."""


@rule(
    "log-6-trail-watched",
    tokens.TRAIL,
    joins=True,
    remedy=(
        "Deliver the trail into a log group too (cloud_watch_logs_group_arn), and give that an "
        "aws.cloudwatch.LogMetricFilter with an alarm for each clause of section 4 of CIS AWS."
    ),
)
def trail_is_watched(trail: Resource, stack: Stack) -> Iterator[str]:
    """Each event that CIS AWS wants watched is counted on the trail, and an alarm tells of it."""
    groups = stack.referred(trail, "cloudWatchLogsGroupArn", tokens.LOG_GROUP)
    if not groups:
        yield "is delivered into no log group of this stack, so nobody can be told of what it records"
    for group in groups:
        filters = stack.referring(group, tokens.METRIC_FILTER, "logGroupName")
        told = [each.get("pattern", default="") for each in filters if _planned_alarm(each, stack)]
        for clause in unwatched(told):
            yield f"nobody is told of {clause}"


def _planned_alarm(filter_: Resource, stack: Stack) -> bool:
    """Does an alarm look at what the filter counts? AWS itself joins the two by the metric's name."""
    counted = tuple(filter_.get(f"metricTransformation.{name}") for name in ("namespace", "name"))
    looking = (
        alarm for alarm in stack.of_type(tokens.ALARM) if (alarm.get("namespace"), alarm.get("metricName")) == counted
    )
    return any(alarms.planned_acts(alarm, stack) for alarm in looking)


@rule(
    "log-6-alarm-acts", tokens.ALARM, joins=True, remedy="Give the alarm alarm_actions, and leave actions_enabled on."
)
def alarm_tells_somebody(alarm: Resource, stack: Stack) -> Iterator[str]:
    """An alarm tells somebody; CloudWatch's default is that it only changes its colour."""
    if not alarms.planned_acts(alarm, stack):
        yield "tells nobody (alarmActions is empty, or actionsEnabled is false)"


@check("log-6-trail-watched", inventory.trails, proves="each event of CIS section 4 is counted and told")
def trail_is_looked_at(trail: Subject, account: Account) -> Iterator[str]:
    """Each event that CIS AWS wants watched is counted on the trail, and an alarm tells of it."""
    account.observe(tokens.TRAIL, "cloudWatchLogsGroupArn")
    account.observe(tokens.METRIC_FILTER, "pattern", "metricTransformation")
    account.observe(tokens.ALARM, "metricName", "namespace", "alarmActions")
    arn = trail.get("CloudWatchLogsLogGroupArn")
    if not arn:
        yield "is delivered into no log group, so nobody can be told of what it records"
        return
    for clause in unwatched(_told(arn.split(":log-group:")[1].removesuffix(":*"), account)):
        yield f"nobody is told of {clause}"


def _told(group: str, account: Account) -> Iterator[str]:
    """The patterns on a log group of whose matches an alarm tells."""
    for filter_ in account.all("logs", "describe_metric_filters", "metricFilters", logGroupName=group):
        if any(_looks_at(filter_, alarm) for alarm in _acting(account)):
            yield filter_.get("filterPattern", "")


def _acting(account: Account) -> list[Mapping[str, Any]]:
    return [each for each in account.all("cloudwatch", "describe_alarms", "MetricAlarms") if alarms.acts(each)]


def _looks_at(filter_: Mapping[str, Any], alarm: Mapping[str, Any]) -> bool:
    counted = {(each["metricNamespace"], each["metricName"]) for each in filter_.get("metricTransformations", ())}
    return (alarm.get("Namespace"), alarm.get("MetricName")) in counted


def _topics(account: Account) -> Iterator[Subject]:
    """Every topic to which an alarm is told."""
    arns = {action for alarm in _acting(account) for action in alarm["AlarmActions"] if ":sns:" in action}
    return (Subject(arn, tokens.TOPIC) for arn in sorted(arns))


@check("log-6-somebody-listens", _topics, proves="somebody has confirmed that they are listening")
def somebody_listens(topic: Subject, account: Account) -> Iterator[str]:
    """Whoever an alarm is told to has confirmed the subscription: before that AWS tells them nothing."""
    account.observe(tokens.TOPIC_SUBSCRIPTION, "endpoint")
    account.observe_field("sns:ListSubscriptionsByTopic.SubscriptionArn")
    subscriptions = account.all("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic.id)
    if not any(str(each.get("SubscriptionArn", "")).startswith(CONFIRMED) for each in subscriptions):
        yield "is read by nobody who has confirmed it, so its alarms are told to nobody"


@check("log-6-alarm-drill", account_wide, proves=f"an alarm went off within {DRILL.days} days")
def an_alarm_went_off(_: Subject, account: Account) -> Iterator[str]:
    """An alarm went off lately, in earnest or in a drill: one that never does may not work."""
    account.observe_field("cloudwatch:DescribeAlarmHistory")
    items = account.all("cloudwatch", "describe_alarm_history", "AlarmHistoryItems", HistoryItemType="StateUpdate")
    last = youngest(item["Timestamp"] for item in items if item.get("HistorySummary", "").endswith("to ALARM"))
    if last is None or last > DRILL:
        yield f"no alarm has gone off within {DRILL.days} days, not even in a drill"


CONTROL = Control(
    id="LOG-6",
    title="Daily review and alarm drill",
    statement=(
        "Every event that section 4 of CIS AWS names is counted on the trail and told at once to somebody who has "
        "confirmed that they listen. Alarms are tried each month, and the logs are reviewed every day."
    ),
    rationale=(
        "A record that nobody reads protects nobody. An alarm that has never gone off may have been broken from its "
        "first day."
    ),
    clauses=(
        Clause("PCI DSS", "4.0.1", "10.4.1"),
        Clause("CIS AWS", "5.0", "4"),
        Clause("ISO 27001", "2022", "8.16"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The filters and alarms, the history of the alarms over the last month, the register of daily reviews.",
    preventive=(trail_is_watched, alarm_tells_somebody),
    detective=(trail_is_looked_at, somebody_listens, an_alarm_went_off),
    attestation=(
        "The security officer attests that the logs were reviewed every day of the period, with the register of the "
        "reviews: the day, who looked, and what came of it."
    ),
)
