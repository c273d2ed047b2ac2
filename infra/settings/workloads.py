"""The settings of what runs in the cluster: how many shards, in which currency, from which images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, ClassVar, Final

from pydantic import Field, StringConstraints

from infra.settings.base import NAMESPACE, Layer, StackIdentity
from infra.settings.errors import SettingsError

ROUTED_SHARDS: Final = 1
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class WorkloadSettings(StackIdentity):
    """The services. The registry is the account's own where none is given."""

    concerns: ClassVar[Layer] = Layer.WORKLOADS
    shards: Annotated[int, Field(ge=1, le=64)] = 1
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    image_registry: str = ""
    image_digests: Mapping[str, Digest] = Field(default_factory=dict)

    def findings(self) -> Iterator[str]:
        """As many shards as the gateway can tell apart."""
        if self.shards > ROUTED_SHARDS:
            yield (
                f"valletta:shards is {self.shards}; the gateway speaks to {ROUTED_SHARDS} shard, "
                "so more would take no orders"
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

    def image(self, service: str, repository: str) -> str:
        """The image of a service by its digest; on `local`, where none is set, a digest that names no image."""
        digest = self.image_digests.get(service) or f"sha256:{hashlib.sha256(service.encode()).hexdigest()}"
        return f"{self.image_registry}/{repository}@{digest}"
