"""Every knob of a stack, typed and validated, from the config namespace `valletta`.

A plan asks AWS nothing: account, region and zones are settings. Defaults differ by environment where regulation or
cost makes them differ; `_DEFAULTS` is the whole of that difference.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from infra import rules
from infra.retention import LockMode, Retention

NAMESPACE: Final = "valletta"


class SettingsError(Exception):
    """The stack's settings cannot stand; one line a finding, each naming the key, the value and what would be right."""


class Environment(StrEnum):
    """What a stack is for. `local` is the account twin on a laptop; records are kept in the other two."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"


class Nat(StrEnum):
    """How private subnets reach out: a gateway a zone survives the loss of a zone, a single one is cheaper."""

    PER_ZONE = "per-zone"
    SINGLE = "single"


class Layer(StrEnum):
    """What one run declares. Whoever creates a private-only cluster cannot reach it: AWS first, then, from inside, all.

    The workloads are added to the foundation in the same stack; declaring them alone would delete what they stand on.
    """

    FOUNDATION = "foundation"
    ALL = "all"


AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

_LOCAL: Final[Mapping[str, Any]] = {
    "nat": Nat.SINGLE,
    "node_min": 1,
    "node_max": 3,
    "broker_instance_type": "kafka.t3.small",
    "broker_storage_gib": 10,
    "broker_storage_max_gib": 100,
    "database_instance_class": "db.t4g.medium",
    "database_storage_gib": 20,
    "database_storage_max_gib": 100,
    "database_backup_days": 7,
    "archive_lock_mode": LockMode.GOVERNANCE,
    "archive_lock_retention": "1d",
}
_STAGING: Final[Mapping[str, Any]] = {
    "archive_lock_mode": LockMode.GOVERNANCE,
    "archive_lock_retention": "14d",
}
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {"local": _LOCAL, "staging": _STAGING, "production": {}}


class StackSettings(BaseModel):
    """The validated settings of one stack. The field names are the config keys, as in `valletta:vpc_cidr`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Environment
    account_id: AccountId
    region: Annotated[str, BeforeValidator(rules.region)]
    layer: Layer = Layer.ALL
    # With an organisation's id the trail is the organisation's: the account must then be the one that manages it.
    organization_id: Annotated[str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$")] | None = None
    log_archive_account_id: AccountId | None = None

    availability_zones: tuple[str, ...] = ()
    vpc_cidr: Annotated[IPv4Network, BeforeValidator(rules.vpc_cidr)] = IPv4Network("10.0.0.0/16")
    nat: Nat = Nat.PER_ZONE

    cluster_version: Annotated[str, StringConstraints(pattern=r"^1\.(3[2-9])$")] = "1.34"
    node_instance_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("m7i.large",)
    node_min: Annotated[int, Field(ge=1, le=450)] = 3
    node_max: Annotated[int, Field(ge=1, le=450)] = 9
    node_disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50

    kafka_version: Annotated[str, StringConstraints(pattern=r"^(3\.[789]|4\.\d)\.x(\.kraft)?$")] = "3.9.x.kraft"
    broker_instance_type: Annotated[str, BeforeValidator(rules.broker_instance_type)] = "kafka.m7g.large"
    brokers_per_zone: Annotated[int, Field(ge=1, le=10)] = 1
    broker_storage_gib: Annotated[int, Field(ge=1, le=16384)] = 200
    broker_storage_max_gib: Annotated[int, Field(ge=1, le=16384)] = 2000

    database_version: Annotated[str, StringConstraints(pattern=r"^1[5-8]\.\d{1,2}$")] = "17.6"
    database_instance_class: Annotated[str, BeforeValidator(rules.database_instance_class)] = "db.m7g.large"
    database_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 200
    database_storage_max_gib: Annotated[int, Field(ge=20, le=65536)] = 2000
    database_multi_az: bool = True
    database_backup_days: Annotated[int, Field(ge=1, le=35)] = 35

    log_retention_days: Annotated[int, BeforeValidator(rules.log_retention_days)] = 365
    landing_days: Annotated[int, Field(ge=7, le=3650)] = 90
    archive_lock_mode: LockMode = LockMode.COMPLIANCE
    archive_lock_retention: Retention = Retention(years=5)
    archive_lock_from: date | None = None
    archive_lock_acknowledged_until: date | None = None

    shards: Annotated[int, Field(ge=1, le=64)] = 1
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    image_registry: str = ""
    image_digests: Mapping[str, Digest] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, given: object) -> object:
        """Lay the defaults of the environment, and those that follow from other settings, under what was given."""
        if not isinstance(given, Mapping):
            return given
        region, account = given.get("region"), given.get("account_id")
        derived = {
            "availability_zones": [f"{region}{letter}" for letter in "abc"],
            "image_registry": f"{account}.dkr.ecr.{region}.amazonaws.com",
        }
        return {**derived, **_DEFAULTS.get(str(given.get("environment")), {}), **given}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """What must hold between settings; every finding of `rules` is told, not only the first."""
        findings = [
            *rules.zone_findings(self.region, self.availability_zones),
            *rules.order_findings(self, ("node_min", "node_max")),
            *rules.order_findings(self, ("broker_storage_gib", "broker_storage_max_gib")),
            *rules.order_findings(self, ("database_storage_gib", "database_storage_max_gib")),
            *rules.broker_findings(self.broker_count),
            *rules.shard_findings(self.shards),
            *rules.account_findings(self.account_id, self.log_archive_account_id),
            *(rules.record_findings(self) if self.keeps_records else ()),
            *rules.lock_findings(self),
        ]
        if findings:
            raise ValueError("\n".join(findings))
        return self

    @property
    def keeps_records(self) -> bool:
        """Whether the stack holds records that must outlive a mistake: everything but `local`."""
        return self.environment is not Environment.LOCAL

    @property
    def prefix(self) -> str:
        """What the physical names of the stack begin with, as `valletta-staging`."""
        return f"{NAMESPACE}-{self.environment}"

    @property
    def broker_count(self) -> int:
        """Kafka brokers altogether, the same number in each zone."""
        return self.brokers_per_zone * len(self.availability_zones)

    def tags(self, **more: str) -> dict[str, str]:
        """The tags of every taggable resource: one place, so that cost, ownership and evidence agree."""
        return {"valletta:environment": self.environment.value, "valletta:managed-by": "pulumi", **more}

    def check_digests(self, services: Iterable[str]) -> None:
        """Every service has a digest and every digest a service. Raises `SettingsError` otherwise.

        On `local` no image is pulled, for the services run as processes, and digests may be left out.
        """
        known = set(services)
        findings = [
            f"{NAMESPACE}:image_digests names {each!r}, which is not a service; they are {', '.join(sorted(known))}"
            for each in sorted(self.image_digests.keys() - known)
        ]
        if self.keeps_records:
            findings += [
                f"{NAMESPACE}:image_digests has no digest for {each!r}; set the sha256:... that the registry shows"
                for each in sorted(known - self.image_digests.keys())
            ]
        if findings:
            raise SettingsError("\n".join(findings))

    def image(self, service: str, repository: str) -> str:
        """The image of a service by its digest; on `local`, where none is set, a digest that names no image."""
        digest = self.image_digests.get(service) or f"sha256:{hashlib.sha256(service.encode()).hexdigest()}"
        return f"{self.image_registry}/{repository}@{digest}"

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """The settings in `config`, a stack's whole configuration as the CLI hands it over (`namespace:key` -> text).

        Other namespaces are left alone. Raises `SettingsError` with every finding.
        """
        own = {key.partition(":")[2]: text for key, text in config.items() if key.startswith(f"{NAMESPACE}:")}
        unknown = [_unknown_key(key, list(cls.model_fields)) for key in own if key not in cls.model_fields]
        if unknown:
            raise SettingsError("\n".join(unknown))
        try:
            return cls.model_validate({key: _parsed(key, text) for key, text in own.items()})
        except ValidationError as error:
            raise SettingsError("\n".join(_finding(each) for each in error.errors())) from None


_STRUCTURED: Final = frozenset({"availability_zones", "node_instance_types", "image_digests"})


def _parsed(key: str, text: str) -> object:
    """Lists and mappings arrive as JSON, everything else as text for pydantic to read."""
    if key not in _STRUCTURED:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise SettingsError(
            f"{NAMESPACE}:{key} is {text!r}, which is not the YAML list or mapping it must be"
        ) from None


def _unknown_key(key: str, valid: list[str]) -> str:
    close = difflib.get_close_matches(key, valid, n=1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    return f"{NAMESPACE}:{key} is not a setting; {guess}The settings are {', '.join(sorted(valid))}"


def _finding(error: ErrorDetails) -> str:
    """One finding of pydantic in our words; those of `rules` name the keys themselves."""
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{NAMESPACE}:{where} is not set, and has no default"
    return f"{NAMESPACE}:{where} is {error['input']!r}: {str(error['msg']).removeprefix('Value error, ')}"
