"""A service that is sharded: for each shard a leader and a standby, a lease between them, and one name for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_kubernetes.apps.v1 import (
    RollingUpdateStatefulSetStrategyArgs,
    StatefulSet,
    StatefulSetSpecArgs,
    StatefulSetUpdateStrategyArgs,
)
from pulumi_kubernetes.core.v1 import Service, ServiceAccount, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.bindings import Value, environment
from infra.workloads.budget import disruption_budget
from infra.workloads.deploy import Binding, Deployment
from infra.workloads.lease import ShardLease
from infra.workloads.pods import PodPlan, server_pod

_SETTLED_SECONDS: Final = 10
"""How long a new pod must have been ready before the next one is replaced."""


class Shard(Component):
    """One shard of a service, in objects named `<service>-<shard>`."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        shard: int,
        deployment: Deployment,
        namespace: pulumi.Input[str],
        values: Mapping[Binding, Value],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:Shard", name, settings, opts)
        service = deployment.service.name
        self._deployment = deployment
        self._selected = labels.of_shard(service, shard)
        self._metadata = ObjectMetaArgs(name=name, namespace=namespace, labels=labels.full(self._selected))
        account = ServiceAccount(
            name, metadata=self._metadata, automount_service_account_token=False, opts=self.child()
        )
        lease = ShardLease(
            f"{name}-lease",
            settings,
            account=name,
            namespace=namespace,
            labels=labels.full(self._selected),
            opts=pulumi.ResourceOptions(parent=self),
        )
        plan = PodPlan(
            deployment=deployment,
            image=settings.image(service, deployment.image.repository),
            environment=environment(deployment, {**values, Binding.SHARD_INDEX: str(shard)}),
            account=name,
            selected=self._selected,
            strict=settings.keeps_records,
        )
        self._make_service()
        self._run(plan, [account, *lease.all, *after])
        disruption_budget(name, self._selected, metadata=self._metadata, opts=self.child())
        self.register_outputs({"image": plan.image})

    def _make_service(self) -> None:
        """A name for both pods, ready or not: which of them leads, they tell their callers themselves."""
        Service(
            self._name,
            metadata=ObjectMetaArgs(
                name=self._name,
                namespace=self._metadata.namespace,
                labels=self._metadata.labels,
                # Pulumi would wait for endpoints, which come with the pods that come after the service.
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                cluster_ip="None",
                publish_not_ready_addresses=True,
                selector=self._selected,
                ports=[
                    ServicePortArgs(name=port.name, port=port.port, target_port=port.name, protocol="TCP")
                    for port in self._deployment.ports
                ],
            ),
            opts=self.child(),
        )

    def _run(self, plan: PodPlan, after: Sequence[pulumi.Resource]) -> None:
        """Both start at once; in a roll-out the second is replaced when the first has caught up."""
        StatefulSet(
            self._name,
            metadata=self._metadata,
            spec=StatefulSetSpecArgs(
                service_name=self._name,
                replicas=self._deployment.service.replicas,
                pod_management_policy="Parallel",
                min_ready_seconds=_SETTLED_SECONDS,
                update_strategy=StatefulSetUpdateStrategyArgs(
                    type="RollingUpdate", rolling_update=RollingUpdateStatefulSetStrategyArgs(partition=0)
                ),
                selector=LabelSelectorArgs(match_labels=self._selected),
                template=server_pod(plan),
            ),
            opts=self.child(depends_on=after),
        )
