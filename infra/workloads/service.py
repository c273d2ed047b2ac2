"""One service in the cluster: its account, its migration, its pods, its name, and how many may go at once."""

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
    StatefulSet,
    StatefulSetSpecArgs,
)
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgs
from pulumi_kubernetes.core.v1 import Service, ServiceAccount, ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.bindings import Value, environment
from infra.workloads.deploy import Binding, Deployment
from infra.workloads.pods import migration_pod, server_pod

_MIGRATION_RETRIES: Final = 3
_MIGRATION_SECONDS: Final = 900
_DIGEST_DIGITS: Final = 12


class ServiceWorkload(Component):
    """A service as its deploy.toml says, with the bindings of this cluster."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        deployment: Deployment,
        namespace: pulumi.Input[str],
        values: Mapping[Binding, Value],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:ServiceWorkload", name, settings, opts)
        self._deployment = deployment
        self._namespace = namespace
        self._image = settings.image(name, deployment.image.repository)
        self._environment = environment(deployment, values)
        self._selector = LabelSelectorArgs(match_labels=labels.of_pods(name, labels.Role.SERVER))
        account = self._account()
        service = self._service()
        ready = [account, *after, *self._migrate([account, *after])]
        pods = self._stateful_set(ready, service) if deployment.service.kind == "statefulset" else self._deploy(ready)
        self._budget()
        self.register_outputs({"image": self._image, "workload": pods.id})

    def _metadata(self, name: str | None = None, role: labels.Role = labels.Role.SERVER) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name or self._name, namespace=self._namespace, labels=labels.full(self._name, role))

    def _account(self) -> ServiceAccount:
        """What Pod Identity binds the role to; it has no rights in the cluster and no token is mounted."""
        return ServiceAccount(
            self.child_name("account"),
            metadata=self._metadata(),
            automount_service_account_token=False,
            opts=self.child(),
        )

    def _migrate(self, after: Sequence[pulumi.Resource]) -> list[Job]:
        """A job named by the image, so that each release migrates once; Pulumi waits for its end."""
        migration = self._deployment.migration
        if migration is None:
            return []
        release = self._image.rpartition(":")[2][:_DIGEST_DIGITS]
        job = Job(
            self.child_name("migration"),
            metadata=self._metadata(f"{self._name}-migration-{release}", labels.Role.MIGRATION),
            spec=JobSpecArgs(
                backoff_limit=_MIGRATION_RETRIES,
                active_deadline_seconds=_MIGRATION_SECONDS,
                template=migration_pod(self._deployment, self._image, migration.command, self._environment),
            ),
            opts=self.child(depends_on=after),
        )
        return [job]

    def _deploy(self, after: Sequence[pulumi.Resource]) -> KubernetesDeployment:
        """Rolling, never below the replicas asked for."""
        return KubernetesDeployment(
            self.child_name("deployment"),
            metadata=self._metadata(),
            spec=DeploymentSpecArgs(
                replicas=self._deployment.service.replicas,
                selector=self._selector,
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=server_pod(self._deployment, self._image, self._environment),
            ),
            opts=self.child(depends_on=after),
        )

    def _stateful_set(self, after: Sequence[pulumi.Resource], service: Service) -> StatefulSet:
        """A pod a shard, each with a stable name and index."""
        return StatefulSet(
            self.child_name("stateful-set"),
            metadata=self._metadata(),
            spec=StatefulSetSpecArgs(
                service_name=service.metadata.apply(lambda metadata: metadata.name or self._name),
                replicas=self.settings.shards,
                pod_management_policy="Parallel",
                selector=self._selector,
                template=server_pod(self._deployment, self._image, self._environment),
            ),
            opts=self.child(depends_on=after),
        )

    def _service(self) -> Service:
        """A stable name; for a stateful set without an address of its own, so that each pod can be named."""
        ports = self._deployment.ports
        return Service(
            self.child_name("service"),
            metadata=ObjectMetaArgs(
                name=self._name,
                namespace=self._namespace,
                labels=labels.full(self._name, labels.Role.SERVER),
                # Pulumi would wait for endpoints, which come with the pods that come after the service.
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                cluster_ip="None" if self._deployment.service.kind == "statefulset" else None,
                selector=labels.of_pods(self._name, labels.Role.SERVER),
                ports=[
                    ServicePortArgs(name=port.name, port=port.port, target_port=port.name, protocol="TCP")
                    for port in ports
                ],
            ),
            opts=self.child(),
        )

    def _budget(self) -> None:
        """One pod at a time may be moved; with a share instead, a single replica would block a drain for ever."""
        PodDisruptionBudget(
            self.child_name("budget"),
            metadata=self._metadata(),
            spec=PodDisruptionBudgetSpecArgs(max_unavailable=1, selector=self._selector),
            opts=self.child(),
        )
