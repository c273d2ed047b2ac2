"""Who may open a connection to whom, as objects of the cluster."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads.deploy import Deployment
from infra.workloads.flow_policies import Spec, network_policies


class Flows(Component):
    """The network policies of a namespace. `all` is every one: they are there before any pod."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        namespace: pulumi.Input[str],
        deployments: Mapping[str, Deployment],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:Flows", name, settings, opts)
        policies = network_policies(settings, deployments)
        self.all: list[pulumi.Resource] = [self._make(policy, namespace, spec) for policy, spec in policies.items()]
        self.register_outputs({})

    def _make(self, policy: str, namespace: pulumi.Input[str], spec: Spec) -> NetworkPolicy:
        return NetworkPolicy(
            self.child_name(policy),
            metadata=ObjectMetaArgs(name=policy, namespace=namespace),
            spec=pulumi.Output.from_input(spec),
            opts=self.child(),
        )
