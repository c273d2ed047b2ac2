"""How services are run, read from `services/<name>/deploy.toml`: data that both `infra/` and `sandbox/` render.

Nothing of Pulumi is imported here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

SERVICES: Final = Path(__file__).resolve().parents[2] / "services"


class DeploymentError(Exception):
    """A deploy.toml that cannot stand; the message names the file and every finding."""


class Binding(StrEnum):
    """The vocabulary of what a service may ask of whoever deploys it."""

    CLOUD_REGION = "cloud.region"
    DATABASE_SECRET = "database.secret"  # noqa: S105 (the name of a binding)
    DATABASE_URL = "database.url"
    DRAIN_SECONDS = "drain.seconds"
    EXCHANGE_CURRENCY = "exchange.currency"
    JOURNAL_FOLDER = "journal.folder"
    JOURNAL_KIND = "journal.kind"
    LEASE_KIND = "lease.kind"
    LEASE_NAMESPACE = "lease.namespace"
    MATCHING_ADDRESS = "matching.address"
    NODE_NAME = "node.name"
    OPERATOR_SECRET = "operator.secret"  # noqa: S105
    SHARD_COUNT = "shard.count"
    SHARD_INDEX = "shard.index"
    STREAMING_BOOTSTRAP = "streaming.bootstrap"
    STREAMING_SECURITY = "streaming.security"


Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]
HttpPath = Annotated[str, StringConstraints(pattern=r"^/[-/a-z0-9_.]*$")]
Cpu = Annotated[str, StringConstraints(pattern=r"^([1-9]\d*|[1-9]\d*m)$")]
Memory = Annotated[str, StringConstraints(pattern=r"^[1-9]\d*(Mi|Gi)$")]
Command = Annotated[tuple[str, ...], Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Priority(StrEnum):
    """Who stays when there is no room for all, the first longest; `infra/workloads/priorities.py` has their numbers."""

    SHARD = "shard"
    GATEWAY = "gateway"
    PROJECTOR = "projector"
    JOB = "job"


class Service(_Table):
    """What runs: a stateless deployment, or a stateful set for each shard.

    `replicas` are those of the deployment, or of each shard; `grace_seconds` is how long one may take to stop.
    """

    name: Name
    kind: Literal["deployment", "statefulset"]
    command: Command
    replicas: Annotated[int, Field(ge=1, le=100)]
    priority: Priority
    grace_seconds: Annotated[int, Field(ge=5, le=600)]


class Scaling(_Table):
    """By which load a deployment grows, in percent of what is set aside, and to how many replicas at most."""

    most: Annotated[int, Field(ge=1, le=100)]
    cpu_percent: Annotated[int, Field(ge=10, le=95)]
    memory_percent: Annotated[int, Field(ge=10, le=95)]


class Image(_Table):
    """Where the image lies in the registry, and what it is built from."""

    repository: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(/[-a-z0-9]+)*$")]
    dockerfile: str


class Port(_Table):
    """A named TCP port."""

    name: Name
    port: Annotated[int, Field(ge=1024, le=65535)]


class Probe(_Table):
    """An HTTP GET on a named port; any 2xx is well."""

    port: str
    path: HttpPath


class Probes(_Table):
    """When to restart (liveness) and when to send traffic (readiness)."""

    liveness: Probe
    readiness: Probe


class Quantity(_Table):
    """What is set aside, and what is not exceeded."""

    request: str
    limit: str


class CpuQuantity(Quantity):
    """In cores, or thousandths with `m`."""

    request: Cpu
    limit: Cpu


class MemoryQuantity(Quantity):
    """In Mi or Gi."""

    request: Memory
    limit: Memory


class Resources(_Table):
    """What one replica needs."""

    cpu: CpuQuantity
    memory: MemoryQuantity


class Bound(_Table):
    """A variable whose value the deployer supplies."""

    binding: Binding


class Listen(_Table):
    """A variable that holds the `host:port` to bind for a named port."""

    listen: str


class Topics(_Table):
    """The topics that a service appends to and reads."""

    write: tuple[str, ...]
    read: tuple[str, ...]


class Access(_Table):
    """Everything that a service may reach: topics, secrets, and the parties that it opens connections to."""

    topics: Topics
    secrets: tuple[Literal["database", "operator"], ...]
    calls: tuple[str, ...]


class Migration(_Table):
    """What must run to its end before any replica starts."""

    command: Command


KUBERNETES: Final = "kubernetes"
"""The API server: whoever calls it has a token of its own, and nobody else has one."""
PLATFORM_CALLS: Final = frozenset({"database", KUBERNETES, "streaming"})
"""What a service may call besides other services."""


class Deployment(_Table):
    """One deploy.toml."""

    service: Service
    image: Image
    ports: Annotated[tuple[Port, ...], Field(min_length=1)]
    probes: Probes
    resources: Resources
    env: Mapping[Annotated[str, StringConstraints(pattern=r"^VALLETTA_[A-Z0-9_]+$")], Bound | Listen | str]
    access: Access
    scaling: Scaling | None = None
    migration: Migration | None = None

    @model_validator(mode="after")
    def _ports_exist(self) -> Self:
        names = [port.name for port in self.ports]
        if len(set(names)) < len(names):
            raise ValueError(f"two ports have one name: {', '.join(names)}")
        named = {f"env.{key}": value.listen for key, value in self.env.items() if isinstance(value, Listen)}
        named |= {"probes.liveness": self.probes.liveness.port, "probes.readiness": self.probes.readiness.port}
        for where, port in named.items():
            if port not in names:
                raise ValueError(f"{where} names the port {port!r}; the ports are {', '.join(names)}")
        return self

    @model_validator(mode="after")
    def _kind_agrees(self) -> Self:
        bound = {value.binding for value in self.env.values() if isinstance(value, Bound)}
        if self.service.kind == "statefulset":
            if self.scaling or self.migration or self.access.secrets:
                raise ValueError("a stateful set has no scaling, migration or access.secrets: a shard has needed none")
        elif Binding.SHARD_INDEX in bound:
            raise ValueError(f"env: {Binding.SHARD_INDEX} is known to a stateful set only, one for each shard")
        if self.scaling is not None and self.scaling.most < self.service.replicas:
            raise ValueError(f"scaling.most is {self.scaling.most}, fewer than replicas, {self.service.replicas}")
        return self

    def accounts(self, shards: int) -> tuple[str, ...]:
        """The Kubernetes service accounts that its pods run as: one for each shard, so that each has its own lease."""
        name = self.service.name
        return tuple(f"{name}-{shard}" for shard in range(shards)) if self.service.kind == "statefulset" else (name,)

    def port(self, name: str) -> int:
        """The number of a named port. Raises `KeyError` for a name that is not there."""
        return {each.name: each.port for each in self.ports}[name]


def load_deployments(folder: Path = SERVICES) -> dict[str, Deployment]:
    """Every `<service>/deploy.toml` under `folder`, by the service's name, sorted.

    Raises `DeploymentError` naming the file for a value that cannot stand, a name that is not the folder's, or a call
    to nobody.
    """
    deployments = {file.parent.name: _load(file) for file in sorted(folder.glob("*/deploy.toml"))}
    known = PLATFORM_CALLS | deployments.keys()
    for name, deployment in deployments.items():
        for called in deployment.access.calls:
            if called not in known:
                file, parties = folder / name / "deploy.toml", ", ".join(sorted(known))
                raise DeploymentError(f"{file}: access.calls names {called!r}; known are {parties}")
    return deployments


def _load(file: Path) -> Deployment:
    try:
        deployment = Deployment.model_validate(tomllib.loads(file.read_text()))
    except tomllib.TOMLDecodeError as error:
        raise DeploymentError(f"{file}: is not TOML: {error}") from None
    except ValidationError as error:
        findings = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise DeploymentError(f"{file}: {'; '.join(findings)}") from None
    if deployment.service.name != file.parent.name:
        raise DeploymentError(f"{file}: service.name is {deployment.service.name!r}, not the folder's name")
    return deployment
