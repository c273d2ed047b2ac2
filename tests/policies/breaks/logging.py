"""Breaks of what the checks of logging prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from infra.foundation.watching.watches import WATCHES
from tests.policies.account import records, watches
from tests.policies.account.computing import LOG_GROUP
from tests.policies.account.records import ARCHIVE
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Act, Break, cluster


def _rebuild_trail(*, everywhere: bool = True, digests: bool = True) -> Act:
    def act(account: TestAccount) -> None:
        account.remove_trail()
        account.build_trail(everywhere=everywhere, digests=digests)

    return act


def _lock(mode: str, days: int) -> Break:
    return Break(
        "log-2-archive-lock",
        lambda a: a.lock_bucket(ARCHIVE, {"Mode": mode, "Days": days}),
        "locks in mode GOVERNANCE" if mode == "GOVERNANCE" else f"keeps objects for {days} days",
        lambda a: a.lock_bucket(ARCHIVE, {"Mode": "COMPLIANCE", "Years": 5}),
    )


def _write_object_locked_for_a_day(account: TestAccount) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    account.put_into_archive(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)


def _watch_the_root_user(account: TestAccount) -> None:
    watch = next(each for each in WATCHES if each.name == "root-use")
    watches.watch_for(account, watch.name, watch.pattern)


BREAKS = [
    Break(
        "log-6-trail-watched",
        lambda a: a.client("logs").delete_metric_filter(logGroupName=records.TRAIL_GROUP, filterName="root-use"),
        "nobody is told of 4.3 use of the root user",
        _watch_the_root_user,
    ),
    *(
        Break("log-6-trail-watched", act, "nobody is told of 4.3 use of the root user", _watch_the_root_user)
        for act in (
            lambda a: a.client("cloudwatch").delete_alarms(AlarmNames=["root-use"]),
            lambda a: a.client("cloudwatch").disable_alarm_actions(AlarmNames=["root-use"]),
        )
    ),
    Break("log-6-somebody-listens", watches.stop_listening, "is read by nobody", watches.listen),
    Break("log-1-account-has-trail", lambda a: a.remove_trail(), "no trail", lambda a: a.build_trail()),
    Break("log-1-account-has-trail", _rebuild_trail(everywhere=False), "no trail", _rebuild_trail()),
    Break("log-1-trail-digests", _rebuild_trail(digests=False), "writes no digests", _rebuild_trail()),
    Break(
        "log-1-trail-on",
        lambda a: a.client("cloudtrail").stop_logging(Name="exchange"),
        "switched off",
        lambda a: a.client("cloudtrail").start_logging(Name="exchange"),
    ),
    _lock("GOVERNANCE", 1827),
    _lock("COMPLIANCE", 1826),
    Break(
        "log-2-archive-objects",
        _write_object_locked_for_a_day,
        "object AWSLogs/1.json.gz is locked in mode GOVERNANCE",
        lambda a: a.empty_archive(),
    ),
    cluster(
        "log-3-cluster-log-types",
        "does not write authenticator, controllerManager, scheduler",
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
    ),
    Break(
        "log-3-cluster-log-group",
        lambda a: a.client("logs").delete_retention_policy(logGroupName=LOG_GROUP),
        "never expires",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365),
    ),
    Break(
        "log-3-cluster-log-group",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=180),
        "keeps 180 days",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365),
    ),
]

ELSEWHERE = {"log-1-digests-verified", "log-1-trail-delivers", "log-6-alarm-drill"}
