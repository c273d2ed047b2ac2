"""Which half of the twin stands behind which provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.twin.kubernetes import KubernetesTwin
from sandbox.twin.outcomes import CheckFailure, Difference
from sandbox.twin.twin import Twin

PACKAGES: Mapping[str, str] = {"aws": "pulumi-aws", "kubernetes": "pulumi-kubernetes"}
"""The providers that the twin stands for, and the distributions of their SDKs."""

DEFAULT_REGION = "eu-west-1"


class ResourceTwin(Protocol):
    """Pulumi's resource operations on plain data, as both halves of the twin have them."""

    def check(
        self, type_: str, urn: str, olds: Mapping[str, Any] | None, news: Mapping[str, Any], /
    ) -> tuple[dict[str, Any], Sequence[CheckFailure]]:
        """The inputs with defaults and made-up names, and what is wrong with them."""

    def diff(self, type_: str, olds: Mapping[str, Any], news: Mapping[str, Any], /) -> Difference:
        """What an update would change."""

    def rehearse(self, type_: str, inputs: Mapping[str, Any], /) -> None:
        """Raise where the resource, all of whose inputs are known, would be refused; do nothing."""

    def create(
        self, type_: str, urn: str, inputs: Mapping[str, Any], /, *, timeout: float
    ) -> tuple[str, dict[str, Any]]:
        """Create: id and outputs. `timeout` in seconds."""

    def read(
        self, type_: str, id_: str, inputs: Mapping[str, Any], state: Mapping[str, Any], /
    ) -> tuple[str, dict[str, Any], dict[str, Any]] | None:
        """Id, inputs and outputs of the live resource, or None where it is gone."""

    def update(self, type_: str, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], /) -> dict[str, Any]:
        """Bring it from the inputs `olds` to `news`: outputs."""

    def delete(self, type_: str, id_: str, state: Mapping[str, Any], /) -> None:
        """Delete it; gone already is no error."""

    def invoke(self, token: str, args: Mapping[str, Any], /) -> dict[str, Any]:
        """Answer a function of the provider."""


@dataclass(frozen=True)
class ProviderSettings:
    """What of a provider's own settings decides where its resources are and what they bear."""

    region: str | None = None
    default_tags: Mapping[str, str] = field(default_factory=dict)
    cluster: str | None = None
    """By which name the program knows the cluster: `clusterIdentifier`."""


def open_twin(package: str, endpoint: str, settings: ProviderSettings) -> ResourceTwin:
    """The half of the twin that stands for the provider `package`, on the account at `endpoint`."""
    if package == "kubernetes":
        return KubernetesTwin(endpoint, settings.cluster)
    return Twin(endpoint, settings.region or DEFAULT_REGION, default_tags=settings.default_tags)


def package_of(type_: str) -> str:
    """The provider of a type token or function token, such as `aws` of `aws:s3/bucket:Bucket`."""
    return type_.partition(":")[0]
