"""The rules that settings must keep, each with the words in which a breach is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from infra.cidr import LONGEST_VPC_PREFIX, SHORTEST_VPC_PREFIX, ZONE_LETTERS
from infra.retention import LockMode

if TYPE_CHECKING:
    from infra.settings import StackSettings

EU_REGIONS: Final = (
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-3",
)
"""AWS regions in the EU, the EEA and Zurich; London (eu-west-2) is left out: control LOC-1."""

LOG_RETENTION_DAYS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""The retentions that CloudWatch Logs accepts, in days; "never" is left out on purpose."""

REGULATORY_YEARS: Final = 5
"""The shortest retention of audit records in production: GLI-19 2.8.1, control LOG-2."""

REPLICAS: Final = 3
"""Copies of each record in Kafka."""

ROUTED_SHARDS: Final = 1

RECORD_LOG_DAYS: Final = 365
RECORD_BACKUP_DAYS: Final = 7
RECORD_ZONES: Final = 3
_MOST_ZONES: Final = 6


def region(value: object) -> object:
    """A region in which regulated data may lie."""
    if value not in EU_REGIONS:
        raise ValueError(f"regulated data stays in the EU; the regions are {', '.join(EU_REGIONS)}")
    return value


def vpc_cidr(value: object) -> object:
    """A private IPv4 network large enough for the plan of `infra.cidr`."""
    try:
        network = value if isinstance(value, IPv4Network) else IPv4Network(str(value))
    except ValueError as error:
        raise ValueError(f"a CIDR such as 10.0.0.0/16 is wanted ({error})") from None
    if network.prefixlen > LONGEST_VPC_PREFIX:
        raise ValueError(
            f"/{network.prefixlen} is too small: eight zones with their pods need at least /{LONGEST_VPC_PREFIX}"
        )
    if network.prefixlen < SHORTEST_VPC_PREFIX:
        raise ValueError(f"/{network.prefixlen} is larger than AWS allows, which is /{SHORTEST_VPC_PREFIX}")
    if not any(network.subnet_of(IPv4Network(each)) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")):
        raise ValueError("the addresses are not private; take them from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16")
    return network


def broker_instance_type(value: object) -> object:
    """An MSK broker type."""
    if not re.match(r"^kafka\.(t3\.small|m(5|7g)\.(large|(2|4|8|12|16|24)?xlarge))$", str(value)):
        raise ValueError("an MSK broker type is wanted, such as kafka.m7g.large (kafka.t3.small for trials)")
    return value


def database_instance_class(value: object) -> object:
    """An RDS class for PostgreSQL."""
    if not re.match(r"^db\.([mr][5-8]i?g?d?|t4g|t3)\.(micro|small|medium|large|(2|4|8|12|16|24)?xlarge)$", str(value)):
        raise ValueError("an RDS instance class is wanted, such as db.m7g.large")
    return value


def log_retention_days(value: object) -> object:
    """One of the retentions that CloudWatch Logs knows."""
    if not str(value).isdigit() or int(str(value)) not in LOG_RETENTION_DAYS:
        raise ValueError(f"CloudWatch Logs keeps logs for one of {', '.join(map(str, LOG_RETENTION_DAYS))} days")
    return value


def zone_findings(region_name: str, zones: tuple[str, ...]) -> Iterator[str]:
    """Zones lie in the region, are distinct, and have a slot in the CIDR plan."""
    for zone in zones:
        if zone[:-1] != region_name or zone[-1:] not in ZONE_LETTERS:
            yield (
                f"valletta:availability_zones has {zone!r}, which is not a zone of {region_name}; "
                f"zones are named {region_name}a to {region_name}{ZONE_LETTERS[-1]}"
            )
    for zone in sorted({each for each in zones if zones.count(each) > 1}):
        yield f"valletta:availability_zones names {zone!r} more than once"
    if not 2 <= len(zones) <= _MOST_ZONES:
        yield f"valletta:availability_zones has {len(zones)} zones; between 2 and {_MOST_ZONES} are wanted"


def order_findings(settings: StackSettings, keys: tuple[str, str]) -> Iterator[str]:
    """A lower bound is not above its upper bound."""
    low, high = (getattr(settings, key) for key in keys)
    if low > high:
        yield f"valletta:{keys[0]} is {low}, more than valletta:{keys[1]}, which is {high}"


def broker_findings(brokers: int) -> Iterator[str]:
    """Three copies need three brokers."""
    if brokers < REPLICAS:
        yield (
            f"valletta:brokers_per_zone makes {brokers} brokers over the zones; "
            f"every record has {REPLICAS} copies, so {REPLICAS} brokers or more are wanted"
        )


def shard_findings(shards: int) -> Iterator[str]:
    """As many shards as the gateway can tell apart."""
    if shards > ROUTED_SHARDS:
        yield f"valletta:shards is {shards}; the gateway speaks to {ROUTED_SHARDS} shard, so more would take no orders"


def account_findings(account: str, log_archive: str | None) -> Iterator[str]:
    """A log-archive account is another account: that is its purpose."""
    if account == log_archive:
        yield f"valletta:log_archive_account_id is {log_archive}, this stack's own; name another, or leave it out"


def record_findings(settings: StackSettings) -> Iterator[str]:
    """What a stack that keeps records must have, whatever it costs: controls BCP-1, LOG-3 and the house's own."""
    kind = settings.environment
    if len(settings.availability_zones) < RECORD_ZONES:
        yield f"valletta:availability_zones has {len(settings.availability_zones)}; {kind} needs {RECORD_ZONES} (BCP-1)"
    if not settings.database_multi_az:
        yield f"valletta:database_multi_az is false; {kind} survives the loss of a zone (BCP-1)"
    if settings.database_backup_days < RECORD_BACKUP_DAYS:
        days = settings.database_backup_days
        yield f"valletta:database_backup_days is {days}; {kind} needs {RECORD_BACKUP_DAYS} or more"
    if settings.log_retention_days < RECORD_LOG_DAYS:
        days = settings.log_retention_days
        yield f"valletta:log_retention_days is {days}; {kind} needs {RECORD_LOG_DAYS} or more (LOG-3)"
    if settings.broker_instance_type == "kafka.t3.small":
        yield f"valletta:broker_instance_type is kafka.t3.small, whose CPU runs on credits; {kind} needs m7g.large"


def lock_findings(settings: StackSettings) -> Iterator[str]:
    """The archive's lock is long enough in production, and an irreversible one was acknowledged with its date."""
    mode, retention = settings.archive_lock_mode, settings.archive_lock_retention
    if settings.environment == "production" and mode is not LockMode.COMPLIANCE:
        yield f"valletta:archive_lock_mode is {mode}; production locks in COMPLIANCE mode (LOG-2)"
    if settings.environment == "production" and not retention.covers_years(REGULATORY_YEARS):
        yield (
            f"valletta:archive_lock_retention is {retention}; "
            f"production keeps audit records for {REGULATORY_YEARS}y or longer (LOG-2)"
        )
    if mode is LockMode.COMPLIANCE:
        yield from _acknowledgement_findings(settings)


def _acknowledgement_findings(settings: StackSettings) -> Iterator[str]:
    start, acknowledged = settings.archive_lock_from, settings.archive_lock_acknowledged_until
    if start is None:
        yield (
            "valletta:archive_lock_from is not set; a COMPLIANCE lock cannot be undone by anybody, "
            "so name the day on which the archive goes into service, such as 2027-01-01"
        )
        return
    wanted: date = settings.archive_lock_retention.end(start)
    if acknowledged != wanted:
        yield (
            f"valletta:archive_lock_acknowledged_until is {acknowledged or 'not set'}; what is written on {start} "
            f"stays locked until {wanted}, and nobody, AWS included, can delete it earlier: "
            f"set it to {wanted} to say that this is understood"
        )
