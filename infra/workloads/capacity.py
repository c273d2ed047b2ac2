"""The most that the services of a stack can ask of the cluster at once: what its quota is reckoned from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from infra.settings import StackSettings
from infra.settings.workloads import Replicas
from infra.workloads.deploy import Deployment, Resources

_MEBIBYTES = {"Mi": 1, "Gi": 1024}


@dataclass(frozen=True)
class Capacity:
    """Thousandths of a core, mebibytes, and pods."""

    requested_cpu: int = 0
    limit_cpu: int = 0
    requested_memory: int = 0
    limit_memory: int = 0
    pods: int = 0

    @classmethod
    def of_pod(cls, resources: Resources) -> Self:
        """What one pod asks."""
        cpu, memory = resources.cpu, resources.memory
        return cls(
            requested_cpu=thousandths(cpu.request),
            limit_cpu=thousandths(cpu.limit),
            requested_memory=mebibytes(memory.request),
            limit_memory=mebibytes(memory.limit),
            pods=1,
        )

    def times(self, pods: int) -> Capacity:
        """What so many ask."""
        return Capacity(*(pods * each for each in self._parts()))

    def plus(self, other: Capacity) -> Capacity:
        """What both ask."""
        return Capacity(*(mine + theirs for mine, theirs in zip(self._parts(), other._parts(), strict=True)))

    def _parts(self) -> tuple[int, ...]:
        return (self.requested_cpu, self.limit_cpu, self.requested_memory, self.limit_memory, self.pods)


def thousandths(cpu: str) -> int:
    """`500m` is 500, `2` is 2000."""
    return int(cpu.removesuffix("m")) if cpu.endswith("m") else 1000 * int(cpu)


def mebibytes(memory: str) -> int:
    """`256Mi` is 256, `1Gi` is 1024."""
    return int(memory[:-2]) * _MEBIBYTES[memory[-2:]]


def bounds(deployment: Deployment, settings: StackSettings) -> Replicas:
    """Between how many replicas a deployment runs: the stack's bounds, else those of its deploy.toml."""
    least = deployment.service.replicas
    most = deployment.scaling.most if deployment.scaling else least
    return settings.replicas.get(deployment.service.name) or Replicas(least=least, most=most)


def most_pods(deployment: Deployment, settings: StackSettings) -> int:
    """The most pods of a service that can be there at once.

    A stateful set makes a pod only when its predecessor is gone. In the roll-out of a deployment each old pod may still
    be finishing while its successor runs, and one more comes before. A migration is one pod at a time.
    """
    if deployment.service.kind == "statefulset":
        servers = deployment.service.replicas * settings.shards
    else:
        servers = 2 * bounds(deployment, settings).most + 1
    return servers + (1 if deployment.migration else 0)


def most_of(deployments: Iterable[Deployment], settings: StackSettings) -> Capacity:
    """The most that all services can ask at once."""
    total = Capacity()
    for deployment in deployments:
        total = total.plus(Capacity.of_pod(deployment.resources).times(most_pods(deployment, settings)))
    return total


def largest(deployments: Mapping[str, Deployment]) -> Capacity:
    """For each measure the most that any one container asks."""
    each = [Capacity.of_pod(deployment.resources) for deployment in deployments.values()]
    return Capacity(
        requested_cpu=max(one.requested_cpu for one in each),
        limit_cpu=max(one.limit_cpu for one in each),
        requested_memory=max(one.requested_memory for one in each),
        limit_memory=max(one.limit_memory for one in each),
        pods=1,
    )
