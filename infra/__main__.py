"""The whole composition, top to bottom: AWS first, then what runs in it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi.runtime.config import CONFIG

from infra.foundation.account import Account
from infra.foundation.archive import Archive
from infra.foundation.cluster import Cluster
from infra.foundation.database import Database
from infra.foundation.identity import Access, Identity
from infra.foundation.keys import Keys, Purpose
from infra.foundation.network import Network
from infra.foundation.registry import Registry
from infra.foundation.secrets import Secrets
from infra.foundation.streaming import Streaming
from infra.foundation.trail import Trail
from infra.providers import archive_provider, aws_provider, kubernetes_provider
from infra.settings import Layer, SettingsError, StackSettings
from infra.workloads.bindings import cluster_values
from infra.workloads.deploy import Deployment, DeploymentError, load_deployments
from infra.workloads.flows import Flows
from infra.workloads.namespace import ExchangeNamespace
from infra.workloads.service import ServiceWorkload


def compose(settings: StackSettings, deployments: Mapping[str, Deployment]) -> None:
    """Declare the stack."""
    own = aws_provider(settings)
    elsewhere = archive_provider(settings, own)
    in_aws = pulumi.ResourceOptions(provider=own)

    Account("account", settings, in_aws)
    keys = Keys("keys", settings, elsewhere, in_aws)
    network = Network("network", settings, keys.arn(Purpose.LOGS), in_aws)
    archive = Archive("archive", settings, keys, elsewhere, in_aws)
    trail = Trail("trail", settings, keys, archive, in_aws)
    Registry("registry", settings, keys, [each.image.repository for each in deployments.values()], in_aws)
    cluster = Cluster("cluster", settings, network, keys, in_aws)
    pods = cluster.security_group_id
    streaming = Streaming(
        "streaming", settings, network=network, keys=keys, archive=archive, clients_group_id=pods, opts=in_aws
    )
    database = Database("database", settings, network=network, keys=keys, clients_group_id=pods, opts=in_aws)
    operator_secret = Secrets("secrets", settings, keys, in_aws).operator_arn
    secrets = {"database": database.secret_arn, "operator": operator_secret}
    identity = Identity(
        "identity",
        settings,
        services={name: _access(each) for name, each in deployments.items()},
        cluster=cluster,
        streaming=streaming,
        keys=keys,
        secret_arns=secrets,
        opts=in_aws,
    )

    pulumi.export("archive", archive.locked.bucket.id)
    pulumi.export("cluster_endpoint", cluster.endpoint)
    pulumi.export("cluster_name", cluster.registered_name)
    pulumi.export("database_secret", database.secret_arn)
    pulumi.export("database_url", database.url)
    pulumi.export("operator_secret", operator_secret)
    pulumi.export("streaming_bootstrap", streaming.bootstrap)
    pulumi.export("trail", trail.trail.arn)
    if settings.layer is Layer.FOUNDATION:
        return

    in_cluster = pulumi.ResourceOptions(provider=kubernetes_provider(settings, cluster))
    namespace = ExchangeNamespace("exchange", settings, in_cluster).namespace
    flows = Flows("flows", settings, namespace, deployments, in_cluster)
    values = cluster_values(
        region=settings.region,
        currency=settings.currency,
        shards=settings.shards,
        bootstrap=streaming.bootstrap,
        database_url=database.url,
        database_secret=database.secret_arn,
        operator_secret=operator_secret,
        matching=deployments["matching"],
    )
    ready = [*flows.all, *identity.bindings, *streaming.topics]
    for name, deployment in deployments.items():
        ServiceWorkload(
            name, settings, deployment=deployment, namespace=namespace, values=values, after=ready, opts=in_cluster
        )


def _access(deployment: Deployment) -> Access:
    """What a deploy.toml asks of AWS, in the words of the foundation, which knows nothing of the workloads."""
    asked = deployment.access
    return Access(reads=asked.topics.read, appends=asked.topics.write, secrets=asked.secrets)


def main() -> None:
    """Check everything that was given, then declare: a wrong setting changes nothing."""
    try:
        settings = StackSettings.from_config(CONFIG.get())
        deployments = load_deployments()
        settings.check_digests(deployments)
    except (SettingsError, DeploymentError) as error:
        raise pulumi.RunError(str(error)) from None
    compose(settings, deployments)


main()
