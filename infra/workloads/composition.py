"""The workloads, top to bottom: everything that runs in the cluster."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from infra.footing import Footing
from infra.providers import kubernetes_provider
from infra.settings import StackSettings
from infra.workloads.bindings import cluster_values
from infra.workloads.deploy import Deployment
from infra.workloads.flows import Flows
from infra.workloads.namespace import ExchangeNamespace
from infra.workloads.service import ServiceWorkload


def run_workloads(settings: StackSettings, deployments: Mapping[str, Deployment], footing: Footing) -> None:
    """Declare the workloads on a foundation that stands."""
    in_cluster = pulumi.ResourceOptions(provider=kubernetes_provider(settings, footing))
    namespace = ExchangeNamespace("exchange", settings, in_cluster).namespace
    flows = Flows("flows", settings, namespace, deployments, in_cluster)
    values = cluster_values(
        region=settings.region,
        currency=settings.currency,
        shards=settings.shards,
        bootstrap=footing.streaming_bootstrap,
        database_url=footing.database_url,
        database_secret=footing.database_secret,
        operator_secret=footing.operator_secret,
        matching=deployments["matching"],
    )
    ready = [*flows.all, *footing.granted]
    for name, deployment in deployments.items():
        ServiceWorkload(
            name, settings, deployment=deployment, namespace=namespace, values=values, after=ready, opts=in_cluster
        )
