"""One service in the cluster: its account, its secrets, its migration, its pods, its name, and its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_kubernetes.apps.v1 import (
    Deployment as KubernetesDeployment,
)
from pulumi_kubernetes.apps.v1 import (
    DeploymentSpecArgs,
    DeploymentStrategyArgs,
    RollingUpdateDeploymentArgs,
)
from pulumi_kubernetes.core.v1 import Service, ServiceAccount, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from infra.component import Component
from infra.foundation.edge.edge_port import EDGE_NODE_PORT
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.bindings import Value, environment
from infra.workloads.budget import disruption_budget
from infra.workloads.capacity import bounds
from infra.workloads.deploy import Binding, Deployment
from infra.workloads.flow_policies import EDGE_PORT
from infra.workloads.migration import migration_job
from infra.workloads.pods import PodPlan, server_pod
from infra.workloads.scaling import autoscaler
from infra.workloads.secrets import secret_class

EDGE_SUFFIX: Final = "edge"
"""What the name of the service that takes requests from the edge ends in."""
_SETTLED_SECONDS: Final = 5


class ServiceWorkload(Component):
    """A stateless service as its deploy.toml says, with the bindings of this cluster."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        deployment: Deployment,
        namespace: pulumi.Input[str],
        values: Mapping[Binding, Value],
        secret_arns: Mapping[str, pulumi.Output[str]],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:ServiceWorkload", name, settings, opts)
        self._deployment = deployment
        self._namespace = namespace
        self._selected = labels.of_pods(name, labels.Role.SERVER)
        self._plan = PodPlan(
            deployment=deployment,
            image=settings.image(name, deployment.image.repository),
            environment=environment(deployment, values),
            account=name,
            selected=self._selected,
        )
        ready = [self._account(), *self._secrets(secret_arns), *after]
        self._deploy([*ready, *self._migrate(ready)])
        self._name_it()
        disruption_budget(self.child_name("budget"), self._selected, metadata=self._metadata(), opts=self.child())
        self.register_outputs({"image": self._plan.image})

    def _metadata(self, name: str | None = None, annotations: Mapping[str, str] | None = None) -> ObjectMetaArgs:
        return ObjectMetaArgs(
            name=name or self._name,
            namespace=self._namespace,
            labels=labels.full(self._selected),
            annotations=dict(annotations) if annotations else None,
        )

    def _account(self) -> ServiceAccount:
        """What Pod Identity binds the role to; it has no rights in the cluster and no token is mounted."""
        return ServiceAccount(
            self.child_name("account"),
            metadata=self._metadata(),
            automount_service_account_token=False,
            opts=self.child(),
        )

    def _secrets(self, arns: Mapping[str, pulumi.Output[str]]) -> list[pulumi.Resource]:
        names = self._deployment.access.secrets
        if not names:
            return []
        region, metadata = self.settings.region, self._metadata()
        return [secret_class(self._name, names, arns, region=region, metadata=metadata, opts=self.child())]

    def _migrate(self, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        migration = self._deployment.migration
        if migration is None:
            return []
        options = self.child(depends_on=after)
        name, namespace = self.child_name("migration"), self._namespace
        return [migration_job(name, self._plan, migration.command, namespace=namespace, opts=options)]

    def _deploy(self, after: Sequence[pulumi.Resource]) -> None:
        """Rolling, never below the replicas asked for. Where load decides how many there are, a plan does not."""
        scaling = self._deployment.scaling
        made = KubernetesDeployment(
            self.child_name("deployment"),
            metadata=self._metadata(),
            spec=DeploymentSpecArgs(
                replicas=None if scaling else self._deployment.service.replicas,
                min_ready_seconds=_SETTLED_SECONDS,
                selector=LabelSelectorArgs(match_labels=self._selected),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=server_pod(self._plan),
            ),
            opts=self.child(depends_on=after),
        )
        if scaling:
            autoscaler(
                self.child_name("autoscaler"),
                self._name,
                scaling,
                bounds(self._deployment, self.settings),
                metadata=self._metadata(),
                opts=self.child(depends_on=[made]),
            )

    def _name_it(self) -> None:
        """A stable address in the cluster, and where there is an edge a port of every node for it."""
        ports = [
            ServicePortArgs(name=port.name, port=port.port, target_port=port.name, protocol="TCP")
            for port in self._deployment.ports
        ]
        self._service("service", self._name, ServiceSpecArgs(type="ClusterIP", selector=self._selected, ports=ports))
        for port in self._deployment.ports:
            if port.name == EDGE_PORT:
                entry = ServicePortArgs(
                    name=port.name, port=port.port, target_port=port.name, node_port=EDGE_NODE_PORT, protocol="TCP"
                )
                # Every node answers, wherever the pods are: one that stops takes no node out of the load balancer.
                spec = ServiceSpecArgs(
                    type="NodePort", external_traffic_policy="Cluster", selector=self._selected, ports=[entry]
                )
                self._service(EDGE_SUFFIX, f"{self._name}-{EDGE_SUFFIX}", spec)

    def _service(self, part: str, name: str, spec: ServiceSpecArgs) -> None:
        # Pulumi would wait for endpoints, which come with the pods.
        metadata = self._metadata(name, {"pulumi.com/skipAwait": "true"})
        Service(self.child_name(part), metadata=metadata, spec=spec, opts=self.child())
