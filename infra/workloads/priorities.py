"""Who stays when there is no room for all: a shard before the gateway, the gateway before the projector, then jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads.deploy import Priority

VALUES: Final[Mapping[Priority, int]] = {
    Priority.SHARD: 1_000_000,
    Priority.GATEWAY: 900_000,
    Priority.PROJECTOR: 800_000,
    Priority.JOB: 100_000,
}
"""Below the thousand million with which Kubernetes' own begin, above the zero of whatever names none."""


def class_name(priority: Priority) -> str:
    """The name of the priority's class in the cluster."""
    return f"valletta-{priority.value}"


class Priorities(Component):
    """The priority classes. `all` is every one: the API refuses a pod whose class is not there."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("workloads:Priorities", name, settings, opts)
        self.all: list[pulumi.Resource] = [self._make(priority, value) for priority, value in VALUES.items()]
        self.register_outputs({})

    def _make(self, priority: Priority, value: int) -> PriorityClass:
        return PriorityClass(
            self.child_name(priority.value),
            metadata=ObjectMetaArgs(name=class_name(priority)),
            description=f"Pods of the exchange: {priority.value}",
            value=value,
            global_default=False,
            # A job waits for room; it drives nobody out.
            preemption_policy="Never" if priority is Priority.JOB else "PreemptLowerPriority",
            opts=self.child(),
        )
