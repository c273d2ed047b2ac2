"""Every knob of a stack, typed and validated, from the config namespace `valletta`: one file a section.

A plan asks AWS nothing: account, region and zones are settings. Each section says what an environment changes in its
defaults (`by_environment`), where regulation or cost makes them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import ValidationError, model_validator

from infra.settings import reading
from infra.settings.backup import BackupSettings
from infra.settings.base import Baseline, Environment, Layer, Section, StackIdentity
from infra.settings.cluster import ClusterSettings
from infra.settings.database import DatabaseSettings
from infra.settings.delivery import DeliverySettings
from infra.settings.detection import DetectionSettings
from infra.settings.edge import EdgeSettings
from infra.settings.errors import SettingsError
from infra.settings.locks import Lock
from infra.settings.network import Nat, NetworkSettings
from infra.settings.records import RecordSettings
from infra.settings.regulator import RegulatorSettings
from infra.settings.replica import ReplicaSettings
from infra.settings.streaming import StreamingSettings
from infra.settings.workloads import WorkloadSettings

__all__ = ["Baseline", "Environment", "Layer", "Nat", "SettingsError", "StackSettings"]


class StackSettings(
    WorkloadSettings,
    DeliverySettings,
    EdgeSettings,
    DetectionSettings,
    RegulatorSettings,
    ReplicaSettings,
    BackupSettings,
    RecordSettings,
    DatabaseSettings,
    StreamingSettings,
    ClusterSettings,
):
    """The validated settings of one stack. The field names are the config keys, as in `valletta:vpc_cidr`."""

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, given: object) -> object:
        """Lay the defaults of the environment, and those that follow from other settings, under what was given."""
        if not isinstance(given, Mapping):
            return given
        region, account, environment = given.get("region"), given.get("account_id"), given.get("environment")
        defaults: dict[str, Any] = {
            "name": environment,
            "availability_zones": [f"{region}{letter}" for letter in "abc"],
            "image_registry": f"{account}.dkr.ecr.{region}.amazonaws.com",
        }
        for section in SECTIONS:
            defaults |= next((own for kind, own in section.by_environment.items() if kind == environment), {})
        return {**defaults, **given}

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """What must hold between settings; every finding is told, not only the first."""
        asked = [section for section in SECTIONS if self.declares(section.concerns)]
        findings = [finding for section in asked for finding in section.findings(self)]
        findings += [finding for lock in self.all_locks for finding in lock.findings()]
        if findings:
            raise ValueError("\n".join(findings))
        return self

    @property
    def all_locks(self) -> list[Lock]:
        """Every lock that the stack sets, those first whose settings come first."""
        return [lock for section in SECTIONS if self.declares(section.concerns) for lock in section.locks(self)]

    @classmethod
    def from_config(cls, config: Mapping[str, str]) -> Self:
        """The settings in `config`, a stack's whole configuration as the CLI hands it over (`namespace:key` -> text).

        Other namespaces are left alone. Raises `SettingsError` with every finding.
        """
        given = reading.values(config, cls.model_fields)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError("\n".join(reading.finding(each) for each in error.errors())) from None


SECTIONS: Final[tuple[type[Section], ...]] = (
    StackIdentity,
    NetworkSettings,
    ClusterSettings,
    StreamingSettings,
    DatabaseSettings,
    RecordSettings,
    ReplicaSettings,
    RegulatorSettings,
    BackupSettings,
    DetectionSettings,
    EdgeSettings,
    DeliverySettings,
    WorkloadSettings,
)
"""In the order in which their findings are told. Each defines its own `findings`, which are asked one by one."""
