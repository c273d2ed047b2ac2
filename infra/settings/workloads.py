"""The settings of what runs in the cluster: how many shards and replicas, in which currency, from which images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from infra.settings.base import NAMESPACE, Defaults, Environment, Layer, StackIdentity
from infra.settings.errors import SettingsError

ROUTED_SHARDS: Final = 1
RECORD_REPLICAS: Final = 2
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


def _routed(shards: int) -> int:
    """As many as the gateway can tell apart: asked in both layers, for a foundation's partitions stay for good."""
    if shards > ROUTED_SHARDS:
        raise ValueError(f"the gateway speaks to {ROUTED_SHARDS} shard, so more would take no orders")
    return shards


class Replicas(BaseModel):
    """Between how many replicas a service is scaled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: Annotated[int, Field(ge=1, le=100)]
    most: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least > self.most:
            raise ValueError(f"least is {self.least}, more than most, which is {self.most}")
        return self


class WorkloadSettings(StackIdentity):
    """The services. The registry is the account's own where none is given."""

    concerns: ClassVar[Layer] = Layer.WORKLOADS
    in_a_copy: ClassVar[Mapping[str, Any]] = {"replicas": None}
    by_environment: ClassVar[Defaults] = {Environment.PRODUCTION: {"replicas": {"gateway": {"least": 3, "most": 12}}}}

    shards: Annotated[int, Field(ge=1), AfterValidator(_routed)] = 1
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    image_registry: str = ""
    image_digests: Mapping[str, Digest] = Field(default_factory=dict)
    # Bounds of the services that are scaled, where they are not those of their deploy.toml.
    replicas: Mapping[str, Replicas] = Field(default_factory=dict)

    def findings(self) -> Iterator[str]:
        """Two replicas or more where records are kept."""
        for service, bounds in self.replicas.items():
            if self.keeps_records and bounds.least < RECORD_REPLICAS:
                yield (
                    f"valletta:replicas has {bounds.least} for {service!r}; {self.environment} needs "
                    f"{RECORD_REPLICAS} or more, so that it survives the loss of a zone (BCP-1)"
                )

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

    def check_replicas(self, scaled: Iterable[str]) -> None:
        """Bounds are given for services that are scaled. Raises `SettingsError` otherwise."""
        known = sorted(scaled)
        strangers = sorted(self.replicas.keys() - set(known))
        if strangers:
            raise SettingsError(
                f"{NAMESPACE}:replicas names {', '.join(map(repr, strangers))}; scaled are {', '.join(known)}, "
                "whose deploy.toml has a table [scaling]"
            )

    def image(self, service: str, repository: str) -> str:
        """The image of a service by its digest; on `local`, where none is set, a digest that names no image."""
        digest = self.image_digests.get(service) or f"sha256:{hashlib.sha256(service.encode()).hexdigest()}"
        return f"{self.image_registry}/{repository}@{digest}"
