"""Variants of production's plan for the rules of continuity."""

from __future__ import annotations

from policies import tokens
from tests.policies.plans import UNKNOWN, drop, put
from tests.policies.variants.variant import NOT_EVALUATED, REFUSED, REQUIRED, Table

TABLE: Table = {
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
