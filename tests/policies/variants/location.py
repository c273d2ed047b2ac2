"""Variants of production's plan for the rules of location."""

from __future__ import annotations

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, drop, put, without
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, SIDECAR, Table

LANDING_RULE = "archive-landing"
LAG = "to-the-replica-lag"

TABLE: Table = {
    "loc-1-allowed-regions": (
        (drop(tokens.PROVIDER, "region", "log-archive"), REFUSED),
        (put(tokens.PROVIDER, "region", "us-east-1", "log-archive"), REFUSED),
        (put(tokens.BUCKET, "region", "eu-west-2", "replica"), REFUSED),
        (put(tokens.BUCKET, "region", UNKNOWN, "replica"), NOT_EVALUATED),
    ),
    "loc-2-replicates-in-time": (
        (drop(tokens.BUCKET_REPLICATION, "rules.1.destination.replicationTime", LANDING_RULE), REFUSED),
        (put(tokens.BUCKET_REPLICATION, "rules.1.destination.metrics", {"status": "Disabled"}, LANDING_RULE), REFUSED),
        (
            put(tokens.BUCKET_REPLICATION, "rules.1.destination.replicationTime.time.minutes", 60, LANDING_RULE),
            REFUSED,
        ),
        (
            put(tokens.BUCKET_REPLICATION, "rules.1.destination.metrics.status", UNKNOWN, LANDING_RULE),
            NOT_EVALUATED,
        ),
    ),
    "loc-2-lag-told": (
        (without(tokens.ALARM, LAG), REFUSED),
        SIDECAR,
        (put(tokens.ALARM, "threshold", 3600, LAG), REFUSED),
        (put(tokens.ALARM, "threshold", UNKNOWN, LAG), NOT_EVALUATED),
    ),
}
