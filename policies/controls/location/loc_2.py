"""LOC-2: what is recorded reaches its second place within minutes, and a lag is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import alarms, archive, inventory, tokens
from policies.model import Clause, Control, Enforced, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

LONGEST_MINUTES = 15
"""Within which S3's replication time control promises to carry an object; it knows no other time."""

LAG = "ReplicationLatency"


@rule(
    "loc-2-replicates-in-time",
    tokens.BUCKET_REPLICATION,
    remedy=f"Give each rule's destination replication_time and metrics, both Enabled with {LONGEST_MINUTES} minutes.",
)
def replicates_in_time(replication: Resource, _: Stack) -> Iterator[str]:
    """Every rule of replication is under time control and is measured; S3's default is neither."""
    for each in replication.items("rules"):
        if each.get("status") == "Enabled":
            time, metrics = (read(each, f"destination.{name}.status") for name in ("replicationTime", "metrics"))
            minutes = read(each, "destination.replicationTime.time.minutes", 0)
            yield from _time_faults(each.get("id"), time, metrics, minutes)


@rule(
    "loc-2-lag-told",
    tokens.BUCKET_REPLICATION,
    joins=True,
    remedy=(
        f"Declare an aws.cloudwatch.MetricAlarm on {LAG} with the rule's id as its dimension RuleId, a threshold of at "
        f"most {LONGEST_MINUTES * 60} and an action."
    ),
)
def lag_is_told(replication: Resource, stack: Stack) -> Iterator[str]:
    """Where a bucket is replicated as a whole, an alarm tells when records are behind."""
    for each in replication.items("rules"):
        if archive.carries_everything(each) and not _planned_alarm(each.get("id"), stack):
            yield f"nobody is told when the rule {each.get('id')} is more than {LONGEST_MINUTES} minutes behind"


def _planned_alarm(rule_id: str, stack: Stack) -> bool:
    return any(
        alarm.get("metricName") == LAG
        and alarm.get("dimensions.RuleId") == rule_id
        and alarm.get("threshold", default=0) <= LONGEST_MINUTES * 60
        and alarms.planned_acts(alarm, stack)
        for alarm in stack.of_type(tokens.ALARM)
    )


def _time_faults(rule_id: str | None, time: str | None, metrics: str | None, minutes: float) -> Iterator[str]:
    if time != "Enabled" or not 0 < minutes <= LONGEST_MINUTES:
        yield f"the rule {rule_id} promises no time within which an object is carried"
    if metrics != "Enabled":
        yield f"the rule {rule_id} is not measured, so a lag would not be seen"


def _replicated(account: Account) -> Iterator[Subject]:
    """Every bucket that is replicated as a whole into another."""
    for bucket in inventory.buckets(account):
        if _whole_rules(bucket, account):
            yield bucket


def _whole_rules(bucket: Subject, account: Account) -> list[Mapping[str, Any]]:
    return [
        each for each in archive.replication_rules(bucket.data["Name"], account) if archive.carries_everything(each)
    ]


@check("loc-2-replicates-in-time", _replicated, proves=f"objects are carried within {LONGEST_MINUTES} minutes")
def is_replicated_in_time(bucket: Subject, account: Account) -> Iterator[str]:
    """Whatever is replicated as a whole is under time control and is measured."""
    account.observe(tokens.BUCKET_REPLICATION, "rules")
    for each in _whole_rules(bucket, account):
        time, metrics = (read(each, f"Destination.{name}.Status") for name in ("ReplicationTime", "Metrics"))
        minutes = read(each, "Destination.ReplicationTime.Time.Minutes", 0)
        yield from _time_faults(each.get("ID"), time, metrics, minutes)


@check("loc-2-lag-told", _replicated, proves="an alarm tells of a lag, and there is none now")
def a_lag_is_told(bucket: Subject, account: Account) -> Iterator[str]:
    """An alarm tells when records are behind, and none are now."""
    account.observe(tokens.ALARM, "metricName", "dimensions", "threshold", "alarmActions")
    whole = {each["ID"]: list(_lag_alarms(bucket, each["ID"], account)) for each in _whole_rules(bucket, account)}
    for rule_id, told in whole.items():
        if not told:
            yield f"nobody is told when the rule {rule_id} is more than {LONGEST_MINUTES} minutes behind"
    account.observe_field("cloudwatch:DescribeAlarms.StateValue")
    for rule_id, told in whole.items():
        if any(alarm.get("StateValue") == "ALARM" for alarm in told):
            yield f"records of the rule {rule_id} are more than {LONGEST_MINUTES} minutes behind now"


def _lag_alarms(bucket: Subject, rule_id: str, account: Account) -> Iterator[Mapping[str, Any]]:
    """The alarms that tell somebody of a lag of one rule, in time."""
    wanted = {"SourceBucket": bucket.data["Name"], "RuleId": rule_id}
    for alarm in account.all("cloudwatch", "describe_alarms", "MetricAlarms"):
        looks_here = alarm.get("MetricName") == LAG and wanted.items() <= alarms.dimensions(alarm).items()
        if looks_here and alarms.acts(alarm) and alarm.get("Threshold", 0) <= LONGEST_MINUTES * 60:
            yield alarm


CONTROL = Control(
    id="LOC-2",
    title="Regulatory replica in time",
    statement=(
        "Records are carried into the archive, and into the regulatory replica where counsel has chosen one, within "
        f"{LONGEST_MINUTES} minutes. Whoever is on duty is told when they are not. Where the replica lies, or that "
        "there is none, is a setting with the reference of its legal sign-off."
    ),
    rationale=(
        "A copy that is hours old is missing the hours that an inquiry asks about. One source asks for a copy in "
        "Malta and another denies it, so a lawyer decides and the decision is on record."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: hosting"),
        Clause("MGA", "2018", "Technical infrastructure guidelines: integrity"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence=(
        "The replication rules, the series of ReplicationLatency over the period in question, the history of its "
        "alarm, and the legal sign-off."
    ),
    preventive=(replicates_in_time, lag_is_told),
    detective=(is_replicated_in_time, a_lag_is_told),
    application=(
        Enforced(
            "infra/settings/replica.py",
            "A stack with a replica and without the reference of its legal sign-off is refused, and its replica bears"
            " the reference.",
            "tests/infra/test_settings_records.py::"
            "test_a_bad_setting_is_refused_with_its_key_its_value_and_what_would_be_right",
        ),
    ),
    attestation=(
        "Where a place outside AWS fetches the archive, whoever runs it attests the largest lag of the period, with "
        "the series that shows it. Counsel attests that the choice of the replica's place still holds."
    ),
)
