"""BCP-1: the loss of a zone loses nothing, and stops nothing for long."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

ZONES = 3
"""Zones over which brokers are spread: with two, the loss of one leaves no majority."""

DURABILITY = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "unclean.leader.election.enable": "false",
}
"""What Kafka must be told, or an acknowledged record can be lost. Each must be stated: a default is no promise."""


@rule("bcp-1-database-zones", tokens.DATABASE, remedy="Set multi_az=True: RDS leaves it off by default.")
def database_has_a_standby(database: Resource, _: Stack) -> Iterator[str]:
    """A database has a stand-by in another zone; RDS's default is that it has none."""
    if database.get("multiAz", default=False) is not True:
        yield "has no stand-by in another zone (multiAz is not true)"


@rule(
    "bcp-1-brokers-zones",
    tokens.BROKERS,
    joins=True,
    remedy=f"Spread client_subnets over {ZONES} zones, with a broker in each.",
)
def brokers_are_spread(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Brokers are spread over three zones, with at least one in each."""
    brokers = cluster.get("numberOfBrokerNodes", default=0)
    if brokers < ZONES:
        yield f"has {brokers:g} brokers, where {ZONES} are demanded"
    subnets = stack.referred(cluster, "brokerNodeGroupInfo", tokens.SUBNET)
    zones = {subnet.get("availabilityZone") for subnet in subnets}
    if len(zones) < ZONES:
        yield f"lies in {len(zones)} zones of this stack's subnets, where {ZONES} are demanded"


@rule(
    "bcp-1-brokers-durability",
    tokens.BROKERS,
    joins=True,
    remedy="Give the cluster an aws.msk.Configuration with "
    + ", ".join(f"{key}={value}" for key, value in DURABILITY.items())
    + ".",
)
def brokers_keep_what_they_acknowledge(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Brokers are told to keep what they have acknowledged, through the loss of one of them."""
    configurations = stack.referred(cluster, "configurationInfo", tokens.BROKER_CONFIGURATION)
    if not configurations:
        yield "has no configuration of this stack, so its durability is left to MSK's defaults"
    for configuration in configurations:
        yield from _durability_faults(configuration.get("serverProperties", default=""))


def _durability_faults(properties: str) -> Iterator[str]:
    lines = (line.partition("=") for line in properties.splitlines() if not line.lstrip().startswith("#"))
    stated = {key.strip(): value.strip() for key, _, value in lines}
    for key, wanted in DURABILITY.items():
        if stated.get(key, "").lower() != wanted:
            yield f"says {key}={stated.get(key) or 'nothing'}, where {wanted} is demanded"


@check("bcp-1-database-zones", inventory.databases, proves="it has a stand-by in another zone")
def database_is_in_two_zones(database: Subject, account: Account) -> Iterator[str]:
    """A database has a stand-by in another zone."""
    account.observe(tokens.DATABASE, "multiAz")
    if database.get("MultiAZ", default=False) is not True:
        yield "has no stand-by in another zone"


@check("bcp-1-brokers-zones", inventory.broker_clusters, proves=f"they are spread over {ZONES} zones")
def brokers_are_in_three_zones(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers are spread over three zones, with at least one in each."""
    account.observe(tokens.BROKERS, "brokerNodeGroupInfo", "numberOfBrokerNodes")
    brokers = cluster.get("Provisioned.NumberOfBrokerNodes", default=0)
    if brokers < ZONES:
        yield f"are {brokers}, where {ZONES} are demanded"
    ids = set(cluster.get("Provisioned.BrokerNodeGroupInfo.ClientSubnets", default=[]))
    subnets = account.all("ec2", "describe_subnets", "Subnets")
    zones = {subnet["AvailabilityZone"] for subnet in subnets if subnet["SubnetId"] in ids}
    if len(zones) < ZONES:
        yield f"lie in {len(zones)} zones, where {ZONES} are demanded"


@check("bcp-1-brokers-durability", inventory.broker_clusters, proves="they keep what they have acknowledged")
def brokers_are_durable(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers are told to keep what they have acknowledged, through the loss of one of them."""
    account.observe(tokens.BROKERS, "configurationInfo")
    account.observe(tokens.BROKER_CONFIGURATION, "serverProperties")
    arn = cluster.get("Provisioned.CurrentBrokerSoftwareInfo.ConfigurationArn")
    revision = cluster.get("Provisioned.CurrentBrokerSoftwareInfo.ConfigurationRevision")
    if arn is None or revision is None:
        yield "have no configuration, so their durability is left to MSK's defaults"
        return
    answer = account.ask("kafka", "describe_configuration_revision", Arn=arn, Revision=revision)
    yield from _durability_faults(str(answer.get("ServerProperties", "")))


CONTROL = Control(
    id="BCP-1",
    title="Several zones",
    statement=(
        "Every database has a stand-by in another zone; brokers are spread over three zones, keep three replicas, "
        "acknowledge with two in step, and never elect a leader that lacks records."
    ),
    rationale=(
        "A zone is lost about once in the life of a licence. What was acknowledged to a player must survive it, and"
        " players must not be locked out for hours."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "2.2.4"),
        Clause("ISO 27001", "2022", "8.14"),
        Clause("GLI-19", "3.0", "B.3"),
        Clause("UKGC RTS", "2026", "Section 4", note="The yearly audit follows ISO 27001, to which this control maps."),
        Clause(
            "MGA",
            "2018",
            "Directive 3/2018 art. 37(2)(d)",
            note="Prevents the lock-out that would have to be notified.",
        ),
        Clause("GDPR", "2016/679", "32(1)(b)"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence=(
        "The descriptions of databases and brokers, the brokers' configuration, and the report of the last failover"
        " drill."
    ),
    preventive=(database_has_a_standby, brokers_are_spread, brokers_keep_what_they_acknowledge),
    detective=(database_is_in_two_zones, brokers_are_in_three_zones, brokers_are_durable),
)
