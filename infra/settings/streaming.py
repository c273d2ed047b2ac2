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

    def findings(self) -> Iterator[str]:
        """Three copies need three brokers, and records need brokers whose speed does not run out."""
        yield from order_findings(self, "broker_storage_gib", "broker_storage_max_gib")
        if self.broker_count < REPLICAS:
            yield (
                f"valletta:brokers_per_zone makes {self.broker_count} brokers over the zones; "
                f"every record has {REPLICAS} copies, so {REPLICAS} brokers or more are wanted"
            )
        if self.keeps_records and self.broker_instance_type == "kafka.t3.small":
            kind = self.environment
            yield f"valletta:broker_instance_type is kafka.t3.small, whose CPU runs on credits; {kind} needs m7g.large"

    @property
    def broker_count(self) -> int:
        """Kafka brokers altogether, the same number in each zone."""
        return self.brokers_per_zone * len(self.availability_zones)
