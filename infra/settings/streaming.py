"""The settings of the log: Kafka's version, its brokers and their disks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field, StringConstraints

from infra.settings.base import Defaults, Environment, Layer
from infra.settings.network import NetworkSettings
from infra.settings.rules import order_findings

REPLICAS: Final = 3
"""Copies of each record in Kafka."""
_SMALLEST: Final = "kafka.t3.small"
"""For trials: its CPU runs on credits, and it has no tiered storage."""
ScramUser = Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$")]


def _broker_instance_type(value: object) -> object:
    """An MSK broker type."""
    if not re.match(r"^kafka\.(t3\.small|m(5|7g)\.(large|(2|4|8|12|16|24)?xlarge))$", str(value)):
        raise ValueError("an MSK broker type is wanted, such as kafka.m7g.large (kafka.t3.small for trials)")
    return value


class StreamingSettings(NetworkSettings):
    """MSK: as many brokers in each zone."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "broker_instance_type": "kafka.t3.small",
        "broker_storage_gib": 10,
        "broker_storage_max_gib": 100,
        "kafka_tiered_storage": False,
        "kafka_scram_users": (),
        "kafka_scram_admitted": (),
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "broker_instance_type": "kafka.t3.small",
            "broker_storage_gib": 10,
            "broker_storage_max_gib": 100,
        }
    }

    kafka_version: Annotated[str, StringConstraints(pattern=r"^(3\.[789]|4\.\d)\.x(\.kraft)?$")] = "3.9.x.kraft"
    broker_instance_type: Annotated[str, BeforeValidator(_broker_instance_type)] = "kafka.m7g.large"
    brokers_per_zone: Annotated[int, Field(ge=1, le=10)] = 1
    broker_storage_gib: Annotated[int, Field(ge=1, le=16384)] = 200
    broker_storage_max_gib: Annotated[int, Field(ge=1, le=16384)] = 2000
    # Old segments of those topics whose infra/topics.toml says kept_on_disks go to cheaper storage.
    kafka_tiered_storage: bool = False
    # Who signs in with a password, for want of IAM; what each may do is in infra/topics.toml. A user comes in two runs:
    # the first makes the place of his password; after somebody put it there, he is admitted by the second.
    kafka_scram_users: tuple[ScramUser, ...] = ()
    kafka_scram_admitted: tuple[ScramUser, ...] = ()

    def findings(self) -> Iterator[str]:
        """Three copies need three brokers, and records need brokers whose speed does not run out."""
        yield from order_findings(self, "broker_storage_gib", "broker_storage_max_gib")
        if self.broker_count < REPLICAS:
            yield (
                f"valletta:brokers_per_zone makes {self.broker_count} brokers over the zones; "
                f"every record has {REPLICAS} copies, so {REPLICAS} brokers or more are wanted"
            )
        if self.keeps_records and self.broker_instance_type == _SMALLEST:
            kind = self.environment
            yield f"valletta:broker_instance_type is {_SMALLEST}, whose CPU runs on credits; {kind} needs m7g.large"
        if self.kafka_tiered_storage and self.broker_instance_type == _SMALLEST:
            yield f"valletta:kafka_tiered_storage is true, which {_SMALLEST} has not: valletta:broker_instance_type"
        yield from self._scram_findings()

    def _scram_findings(self) -> Iterator[str]:
        users = self.kafka_scram_users
        if len(set(users)) < len(users):
            yield f"valletta:kafka_scram_users names somebody twice: {', '.join(users)}"
        for admitted in self.kafka_scram_admitted:
            if admitted not in users:
                yield f"valletta:kafka_scram_admitted names {admitted!r}, who is not among valletta:kafka_scram_users"

    @property
    def broker_count(self) -> int:
        """Kafka brokers altogether, the same number in each zone."""
        return self.brokers_per_zone * len(self.availability_zones)
