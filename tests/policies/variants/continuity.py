"""Variants of production's plan for the rules of continuity."""

from __future__ import annotations

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, drop, put, without
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, REQUIRED, Table

LOCK, PLAN = tokens.BACKUP_VAULT_LOCK, tokens.BACKUP_PLAN
VAULT = "backup-records"
HERE = "arn:aws:backup:eu-west-1:444455556666:backup-vault:another"

TABLE: Table = {
    "bcp-2-vault-locked": (
        (without(LOCK, VAULT), REFUSED),
        (drop(LOCK, "minRetentionDays", VAULT), REFUSED),
        (drop(LOCK, "changeableForDays", VAULT), REFUSED),
        (put(LOCK, "minRetentionDays", UNKNOWN, VAULT), NOT_EVALUATED),
    ),
    "bcp-2-copied-away": (
        (drop(PLAN, "rules.0.copyActions"), REFUSED),
        (put(PLAN, "rules.0.copyActions", []), REFUSED),
        (put(PLAN, "rules.1.copyActions.1.destinationVaultArn", HERE), REFUSED),
        (put(PLAN, "rules.0.copyActions.0.destinationVaultArn", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-3-restore-tested": (
        (without(tokens.RESTORE_TEST), REFUSED),
        REQUIRED,
        (put(tokens.RESTORE_TEST, "scheduleExpression", "cron(0 10 2 1/3 ? *)"), REFUSED),
        (put(tokens.RESTORE_TEST, "scheduleExpression", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-1-database-zones": (
        (drop(tokens.DATABASE, "multiAz"), REFUSED),
        (put(tokens.DATABASE, "multiAz", False), REFUSED),
        (put(tokens.DATABASE, "multiAz", "true"), REFUSED),
        (put(tokens.DATABASE, "multiAz", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-1-brokers-zones": (
        (drop(tokens.BROKERS, "numberOfBrokerNodes"), REFUSED),
        REQUIRED,
        (put(tokens.SUBNET, "availabilityZone", "eu-west-1a", name="network-data"), REFUSED),
        (put(tokens.BROKERS, "numberOfBrokerNodes", UNKNOWN), NOT_EVALUATED),
    ),
    "bcp-1-brokers-durability": (
        (drop(tokens.BROKERS, "configurationInfo"), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", ""), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", "unclean.leader.election.enable=true"), REFUSED),
        (put(tokens.BROKER_CONFIGURATION, "serverProperties", UNKNOWN), NOT_EVALUATED),
    ),
}
