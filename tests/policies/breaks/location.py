"""Breaks of what the checks of location prove."""

from __future__ import annotations

from tests.policies.account import watches
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Break

ELSEWHERE_BUCKET = "exchange-elsewhere"


def _keep_a_volume_elsewhere(account: TestAccount) -> None:
    account.client_in("ec2", "us-east-1").create_volume(AvailabilityZone="us-east-1a", Size=1)


def _delete_it(account: TestAccount) -> None:
    ec2 = account.client_in("ec2", "us-east-1")
    for volume in ec2.describe_volumes()["Volumes"]:
        ec2.delete_volume(VolumeId=volume["VolumeId"])


BREAKS = [
    Break("loc-1-nothing-elsewhere", _keep_a_volume_elsewhere, "holds 1 volumes", _delete_it),
    Break(
        "loc-1-bucket-region",
        lambda a: a.client_in("s3", "us-east-1").create_bucket(Bucket=ELSEWHERE_BUCKET),
        "lies in us-east-1",
        lambda a: a.client("s3").delete_bucket(Bucket=ELSEWHERE_BUCKET),
    ),
    Break(
        "loc-2-replicates-in-time",
        lambda a: a.replicate(metrics="Disabled"),
        "the rule all is not measured",
        lambda a: a.replicate(),
    ),
    Break("loc-2-replicates-in-time", lambda a: a.replicate(minutes=60), "promises no time", lambda a: a.replicate()),
    Break(
        "loc-2-lag-told",
        lambda a: a.client("cloudwatch").delete_alarms(AlarmNames=[watches.LAG_ALARM]),
        "nobody is told when the rule all",
        watches.put_lag_alarm,
    ),
    Break(
        "loc-2-lag-told",
        lambda a: watches.put_lag_alarm(a, Threshold=3600),
        "nobody is told when the rule all",
        watches.put_lag_alarm,
    ),
    Break(
        "loc-2-lag-told",
        lambda a: a.client("cloudwatch").set_alarm_state(
            AlarmName=watches.LAG_ALARM, StateValue="ALARM", StateReason="late"
        ),
        "15 minutes behind now",
        lambda a: a.client("cloudwatch").set_alarm_state(
            AlarmName=watches.LAG_ALARM, StateValue="OK", StateReason="in time"
        ),
    ),
]

ELSEWHERE: set[str] = set()
