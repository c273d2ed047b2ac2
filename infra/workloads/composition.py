"""The workloads, top to bottom: everything that runs in the cluster."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.footing import Footing
from infra.foundation.data.topics import Rights
from infra.providers import kubernetes_provider
from infra.settings import StackSettings
from infra.workloads.admission import Admission
from infra.workloads.automatic import AutoMode
from infra.workloads.bindings import cluster_values
from infra.workloads.deploy import Deployment
from infra.workloads.flow_policies import EDGE_PORT
from infra.workloads.flows import Flows
from infra.workloads.namespace import ExchangeNamespace
from infra.workloads.priorities import Priorities
from infra.workloads.quota import Quota
from infra.workloads.scram_rights import ScramRights
from infra.workloads.service import ServiceWorkload
from infra.workloads.shards import Shard


def run_workloads(
    settings: StackSettings, deployments: Mapping[str, Deployment], rights: Mapping[str, Rights], footing: Footing
) -> None:
    """Declare the workloads on a foundation that stands: the guardrails first, then what they guard.

    `rights` are those of Kafka's users with passwords.
    """
    in_cluster = pulumi.ResourceOptions(provider=kubernetes_provider(settings, footing))
    priorities = Priorities("priorities", settings, in_cluster)
    namespace = ExchangeNamespace("exchange", settings, in_cluster).namespace
    flows = Flows("flows", settings, namespace, deployments, in_cluster)
    quota = Quota("quota", settings, namespace, deployments, in_cluster)
    admission = Admission("admission", settings, namespace, deployments.values(), in_cluster)
    automatic: list[pulumi.Resource] = []
    if settings.cluster_auto_mode:
        entry = next(name for name, each in deployments.items() if EDGE_PORT in {port.name for port in each.ports})
        group = footing.edge_target_group
        automatic = AutoMode(
            "auto-mode", settings, namespace=namespace, entry=entry, target_group=group, opts=in_cluster
        ).all
    ready = [*priorities.all, *flows.all, *quota.all, *admission.all, *automatic, *footing.granted]

    if rights:
        ScramRights(
            "scram-rights",
            settings,
            rights=rights,
            deployment=deployments["matching"],
            namespace=namespace,
            bootstrap=footing.streaming_bootstrap,
            after=ready,
            opts=in_cluster,
        )
    values = cluster_values(
        region=settings.region,
        currency=settings.currency,
        shards=settings.shards,
        bootstrap=footing.streaming_bootstrap,
        database_url=footing.database_url,
        matching=deployments["matching"],
    )
    secret_arns = {"database": footing.database_secret, "operator": footing.operator_secret}
    for name, deployment in deployments.items():
        if deployment.service.kind == "statefulset":
            for shard, account in enumerate(deployment.accounts(settings.shards)):
                Shard(
                    account,
                    settings,
                    shard=shard,
                    deployment=deployment,
                    namespace=namespace,
                    values=values,
                    after=ready,
                    opts=in_cluster,
                )
        else:
            ServiceWorkload(
                name,
                settings,
                deployment=deployment,
                namespace=namespace,
                values=values,
                secret_arns=secret_arns,
                after=ready,
                opts=in_cluster,
            )
