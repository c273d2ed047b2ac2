"""How much the namespace may take: what its services need at most, and nothing that they do not use."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.core.v1 import (
    LimitRange,
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    ResourceQuota,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads.capacity import Capacity, largest, most_of
from infra.workloads.deploy import Deployment


class Quota(Component):
    """The namespace's quota, and the bounds of its containers. `all` must exist before any pod."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        namespace: pulumi.Input[str],
        deployments: Mapping[str, Deployment],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:Quota", name, settings, opts)
        most = most_of(deployments.values(), settings)
        if settings.kafka_scram_users:  # the job that grants them their rights
            most = most.plus(Capacity.of_pod(deployments["matching"].resources))
        quota = ResourceQuota(
            self.child_name("quota"),
            metadata=ObjectMetaArgs(name="exchange", namespace=namespace),
            spec=ResourceQuotaSpecArgs(hard=hard_limits(most)),
            opts=self.child(),
        )
        limits = LimitRange(
            self.child_name("limits"),
            metadata=ObjectMetaArgs(name="exchange", namespace=namespace),
            spec=LimitRangeSpecArgs(limits=[_container_bounds(largest(deployments))]),
            opts=self.child(),
        )
        self.all: list[pulumi.Resource] = [quota, limits]
        self.register_outputs({})


def hard_limits(most: Capacity) -> dict[str, str]:
    """The quota of a namespace that needs `most`: one node port for the edge; no disk, load balancer or Secret."""
    return {
        "requests.cpu": f"{most.requested_cpu}m",
        "limits.cpu": f"{most.limit_cpu}m",
        "requests.memory": f"{most.requested_memory}Mi",
        "limits.memory": f"{most.limit_memory}Mi",
        "pods": str(most.pods),
        "services.nodeports": "1",
        "services.loadbalancers": "0",
        "persistentvolumeclaims": "0",
        "secrets": "0",
    }


def _container_bounds(most: Capacity) -> LimitRangeItemArgs:
    """A container is no larger than our largest; one that says nothing gets little."""
    return LimitRangeItemArgs(
        type="Container",
        max={"cpu": f"{most.limit_cpu}m", "memory": f"{most.limit_memory}Mi"},
        default={"cpu": "100m", "memory": "128Mi"},
        default_request={"cpu": "50m", "memory": "64Mi"},
    )
