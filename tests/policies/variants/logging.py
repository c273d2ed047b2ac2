"""Variants of production's plan for the rules of logging."""

from __future__ import annotations

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, both, drop, put, without
from tests.policies.variants.variant import KEPT, LOCKED, NOT_EVALUATED, REFUSED, SIDECAR, Table, Untried

TABLE: Table = {
    "log-1-trail-multi-region": (
        (drop(tokens.TRAIL, "isMultiRegionTrail"), REFUSED),
        (put(tokens.TRAIL, "isMultiRegionTrail", False), REFUSED),
        (put(tokens.TRAIL, "includeGlobalServiceEvents", False), REFUSED),
        (put(tokens.TRAIL, "isMultiRegionTrail", UNKNOWN), NOT_EVALUATED),
    ),
    "log-1-trail-digests": (
        (drop(tokens.TRAIL, "enableLogFileValidation"), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", False), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", "on"), REFUSED),
        (put(tokens.TRAIL, "enableLogFileValidation", UNKNOWN), NOT_EVALUATED),
    ),
    "log-1-trail-on": (
        (drop(tokens.TRAIL, "enableLogging"), KEPT),
        (put(tokens.TRAIL, "enableLogging", True), KEPT),
        (put(tokens.TRAIL, "enableLogging", False), REFUSED),
        (put(tokens.TRAIL, "enableLogging", UNKNOWN), NOT_EVALUATED),
    ),
    "log-2-trail-ends-in-archive": (
        (without(tokens.BUCKET_REPLICATION), REFUSED),
        SIDECAR,
        (both(*(put(tokens.BUCKET_REPLICATION, f"rules.{n}.filter.prefix", "some/") for n in (0, 1))), REFUSED),
        Untried("LOC-2 cannot judge it either; test_an_unknown_rule_of_replication_is_judged_by_nobody proves ours"),
    ),
    "log-2-archive-lock": (
        (drop(tokens.BUCKET_LOCK, "rule"), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention", {}), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention", {"mode": "COMPLIANCE", "days": 1826}), REFUSED),
        (put(tokens.BUCKET_LOCK, "rule.defaultRetention.years", UNKNOWN), NOT_EVALUATED),
    ),
    "log-2-archive-kept": (
        (drop(tokens.BUCKET, "forceDestroy", LOCKED), KEPT),
        (put(tokens.BUCKET, "forceDestroy", False, LOCKED), KEPT),
        (put(tokens.BUCKET, "forceDestroy", True, LOCKED), REFUSED),
        (put(tokens.BUCKET, "forceDestroy", UNKNOWN, LOCKED), NOT_EVALUATED),
    ),
    "log-6-trail-watched": (
        (without(tokens.METRIC_FILTER, "root-use"), REFUSED),
        SIDECAR,
        (put(tokens.METRIC_FILTER, "pattern", "{$.eventName=ConsoleLogin}", "sign-in-failures"), REFUSED),
        (put(tokens.METRIC_FILTER, "pattern", UNKNOWN, "root-use"), NOT_EVALUATED),
    ),
    "log-6-alarm-acts": (
        (drop(tokens.ALARM, "alarmActions", "regulator-access"), REFUSED),
        (put(tokens.ALARM, "alarmActions", [], "regulator-access"), REFUSED),
        (put(tokens.ALARM, "actionsEnabled", False, "regulator-access"), REFUSED),
        (put(tokens.ALARM, "actionsEnabled", UNKNOWN, "to-the-replica-failed"), NOT_EVALUATED),
    ),
    "log-3-cluster-log-types": (
        (drop(tokens.CLUSTER, "enabledClusterLogTypes"), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes", []), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes", ["api", "audit", "authenticator"]), REFUSED),
        (put(tokens.CLUSTER, "enabledClusterLogTypes.0", UNKNOWN), NOT_EVALUATED),
    ),
    "log-3-log-retention": (
        (drop(tokens.LOG_GROUP, "retentionInDays", "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", 0, "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", 364, "network-flow"), REFUSED),
        (put(tokens.LOG_GROUP, "retentionInDays", UNKNOWN), NOT_EVALUATED),
    ),
    "log-3-cluster-log-group": (
        (without(tokens.LOG_GROUP, "control-plane"), REFUSED),
        SIDECAR,
        (put(tokens.LOG_GROUP, "name", "/aws/eks/another/cluster", "control-plane"), REFUSED),
        (put(tokens.CLUSTER, "name", UNKNOWN), NOT_EVALUATED),
    ),
}
