"""Which stack this is: the settings that every other section of settings, and every component, stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from infra.settings.errors import SettingsError
from infra.settings.locks import Lock

NAMESPACE: Final = "valletta"

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


class Environment(StrEnum):
    """What a stack is for. `local` is the account twin on a laptop; records are kept in the other two."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"


class Layer(StrEnum):
    """What one stack declares. Whoever creates a private-only cluster cannot reach it.

    `foundation` is AWS, applied from anywhere; `workloads` is what runs in the cluster, applied from inside its network
    several times a day, and reads the foundation's outputs by a stack reference; `all` is both, for the account twin.
    """

    FOUNDATION = "foundation"
    WORKLOADS = "workloads"
    ALL = "all"


class Baseline(StrEnum):
    """Of what an account has only one (its recorder, its detectors, its registry): made by this stack, or by another.

    An ephemeral copy shares the account of the stack that it was copied from, and so what that stack made.
    """

    OWN = "own"
    SHARED = "shared"


def _region(value: object) -> object:
    if value not in EU_REGIONS:
        raise ValueError(f"regulated data stays in the EU; the regions are {', '.join(EU_REGIONS)}")
    return value


AccountId = Annotated[str, StringConstraints(pattern=r"^\d{12}$")]
Region = Annotated[str, BeforeValidator(_region)]
"""A region in which regulated data may lie."""
StackName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=15)]
"""Short, for it is part of names for which AWS allows 32 characters."""

Defaults = Mapping[Environment, Mapping[str, Any]]


class Section(BaseModel):
    """One section of a stack's settings: fields, what differs by environment, and what must hold between them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    by_environment: ClassVar[Defaults] = {}
    """The whole of what an environment changes in the section's defaults."""
    in_a_copy: ClassVar[Mapping[str, Any]] = {}
    """What an ephemeral copy has instead of what its source has; None is to be left out."""
    concerns: ClassVar[Layer] = Layer.ALL
    """The layer that the section is about: a stack that does not declare it is not asked for its settings."""

    def findings(self) -> Iterator[str]:
        """What does not hold between the settings of this section, a line each, naming keys and values."""
        yield from ()

    def locks(self) -> Iterator[Lock]:
        """The locks that this section sets. One that nobody can lift is refused until its end is acknowledged."""
        yield from ()


class StackIdentity(Section):
    """Which stack this is; every other section may rely on it."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {"account_baseline": Baseline.SHARED, "organization_id": None}

    environment: Environment
    # The stack's own name, part of every physical name; the environment's where it is not given.
    name: StackName
    account_id: AccountId
    region: Region
    layer: Layer = Layer.ALL
    # The stack whose outputs the layer `workloads` reads, such as acme/valletta/production.
    foundation_stack: Annotated[str, StringConstraints(pattern=r"^[\w.-]+(/[\w.-]+){0,2}$")] | None = None
    account_baseline: Baseline = Baseline.OWN
    # With an organisation's id the trail is the organisation's: the account must then be the one that manages it.
    organization_id: Annotated[str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$")] | None = None
    # When an ephemeral stack may be destroyed by anybody, as 2027-01-31T12:00:00Z; others have none.
    expires: AwareDatetime | None = None

    @property
    def ephemeral(self) -> bool:
        """Whether the stack is a copy for a while: nothing in it is a record."""
        return self.expires is not None

    @property
    def keeps_records(self) -> bool:
        """Whether the stack holds records that must outlive a mistake: not `local`, and no ephemeral copy."""
        return self.environment is not Environment.LOCAL and not self.ephemeral

    @property
    def prefix(self) -> str:
        """What the physical names of the stack begin with, as `valletta-staging`."""
        return f"{NAMESPACE}-{self.name}"

    def tags(self, **more: str) -> dict[str, str]:
        """The tags of every taggable resource: one place, so that cost, ownership and evidence agree."""
        expires: datetime | None = self.expires
        return {
            "valletta:environment": self.environment.value,
            "valletta:stack": self.name,
            "valletta:managed-by": "pulumi",
            **({"valletta:expires": expires.isoformat()} if expires else {}),
            **more,
        }

    def check_stack(self, stack: str) -> None:
        """A stack is called by its environment, or by that and a hyphen and more: its guardrails are chosen by it.

        Raises `SettingsError` where the name says another environment than the settings do.
        """
        if stack != self.environment and not stack.startswith(f"{self.environment}-"):
            raise SettingsError(
                f"the stack is called {stack!r}, but valletta:environment is {self.environment}: "
                f"call it {self.environment}, or {self.environment}-{stack}"
            )

    def declares(self, layer: Layer) -> bool:
        """Whether the stack declares anything of `layer`."""
        return Layer.ALL in (layer, self.layer) or layer is self.layer

    def findings(self) -> Iterator[str]:
        """A layer knows what it stands on, and production is never a copy."""
        if self.layer is Layer.WORKLOADS and self.foundation_stack is None:
            yield (
                "valletta:foundation_stack is not set; the layer workloads reads the outputs of its foundation: "
                f"name the stack that holds it, such as acme/valletta/{self.name}"
            )
        if self.layer is not Layer.WORKLOADS and self.foundation_stack is not None:
            yield (
                f"valletta:foundation_stack is {self.foundation_stack!r}, but the layer is {self.layer}, "
                "which declares its own foundation: leave it out, or set valletta:layer to workloads"
            )
        if self.ephemeral and self.environment is Environment.PRODUCTION:
            yield f"valletta:expires is {self.expires}; production is no ephemeral copy: leave it out"
