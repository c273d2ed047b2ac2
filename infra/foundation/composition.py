"""The foundation, top to bottom: everything that AWS holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi

from infra.cidr import Tier
from infra.footing import Footing, addresses
from infra.foundation.backups.backup import Backup
from infra.foundation.cluster.cluster import Cluster
from infra.foundation.data.database import Database
from infra.foundation.data.database_copies import DatabaseCopies
from infra.foundation.data.database_proxy import DatabaseProxy
from infra.foundation.data.scram import Scram
from infra.foundation.data.streaming import Streaming
from infra.foundation.data.topics import Topic
from infra.foundation.delivery.deployer import Deployer, deployer_arn
from infra.foundation.delivery.registry import Registry
from infra.foundation.delivery.runner import Runner
from infra.foundation.edge.edge import Edge
from infra.foundation.identity import Access, Identity
from infra.foundation.keys import Keys, Purpose
from infra.foundation.network.network import Network
from infra.foundation.records.records import Records, lay_records
from infra.foundation.records.replication_alarms import ReplicationAlarms
from infra.foundation.records.trail import Trail
from infra.foundation.secrets import Secrets
from infra.foundation.watching.account import Account
from infra.foundation.watching.alarms import Alarms
from infra.foundation.watching.budget import Budget
from infra.foundation.watching.detection import Detection
from infra.foundation.watching.guardrails import Guardrails
from infra.observability.composition import observe
from infra.observability.gauges import Platform
from infra.providers import archive_provider, aws_provider, backup_provider
from infra.settings import Baseline, StackSettings


def lay_foundation(
    settings: StackSettings, services: Mapping[str, Access], topics: Mapping[str, Topic], repositories: Sequence[str]
) -> Footing:
    """Declare the foundation.

    Args:
        services: what each service may do in AWS.
        topics: the topics of the log, by name.
        repositories: the image repositories of the registry, such as `valletta/gateway`.
    """
    own = aws_provider(settings)
    elsewhere = archive_provider(settings, own)
    in_aws = pulumi.ResourceOptions(provider=own)

    keys = Keys("keys", settings, elsewhere, in_aws)
    network = Network("network", settings, keys.arn(Purpose.LOGS), in_aws)
    records = lay_records(settings, keys, elsewhere, in_aws)
    archive = records.archive
    topic: pulumi.Output[str] | None = None
    if settings.account_baseline is Baseline.OWN:
        topic = _watch_account(settings, keys, records, in_aws)
        Registry("registry", settings, keys, repositories, in_aws)
    deployer = None
    if settings.github_repository and settings.account_baseline is Baseline.OWN:
        deployer = Deployer("deployer", settings, settings.github_repository, in_aws)
    arn = deployer_arn(settings, deployer)
    cluster = Cluster("cluster", settings, network, keys, deployer_arn=arn, opts=in_aws)
    if settings.github_repository and settings.github_connection_arn:
        Runner(
            "runner",
            settings,
            repository=settings.github_repository,
            connection_arn=settings.github_connection_arn,
            network=network,
            keys=keys,
            cluster=cluster,
            opts=in_aws,
        )
    edge: Edge | None = None
    if settings.domain:
        logs = records.access_logs
        edge = Edge(
            "edge",
            settings,
            settings.domain,
            network=network,
            keys=keys,
            cluster=cluster,
            access_logs=logs,
            opts=in_aws,
        )
        edge.export()
        target_group = edge.target_group.arn
    pods = cluster.security_group_id
    streaming = Streaming(
        "streaming",
        settings,
        network=network,
        keys=keys,
        archive=archive,
        topics=topics,
        clients_group_id=pods,
        opts=in_aws,
    )
    database = Database("database", settings, network=network, keys=keys, clients_group_id=pods, opts=in_aws)
    DatabaseCopies("database-copies", settings, database=database, keys=keys, topic_arn=topic, opts=in_aws)
    if not settings.ephemeral:
        Backup("backup", settings, keys=keys, database=database, elsewhere=backup_provider(settings), opts=in_aws)
    if topic is not None:
        _observe(settings, topic, network=network, keys=keys, cluster=cluster, edge=edge, in_aws=in_aws)
    operator_secret = Secrets("secrets", settings, keys, in_aws).operator_arn
    identity = Identity(
        "identity",
        settings,
        services=services,
        cluster=cluster,
        streaming=streaming,
        keys=keys,
        secret_arns={"database": database.secret_arn, "operator": operator_secret},
        opts=in_aws,
    )
    granted = [*identity.bindings, *streaming.topics]
    if settings.kafka_scram_users:
        granted.append(Scram("scram", settings, streaming=streaming, cluster=cluster, keys=keys, opts=in_aws).binding)
    return Footing(
        addresses=pulumi.Output.from_input(addresses(settings)),
        cluster_name=cluster.registered_name,
        cluster_endpoint=cluster.endpoint,
        cluster_authority=cluster.authority,
        cluster_administrator=cluster.administrator.arn,
        database_secret=database.secret_arn,
        database_url=_database_url(settings, database, network=network, keys=keys, pods=pods, in_aws=in_aws),
        operator_secret=operator_secret,
        edge_target_group=target_group,
        streaming_bootstrap=streaming.bootstrap,
        usable=cluster.usable,
        granted=granted,
    )


def _observe(
    settings: StackSettings,
    topic: pulumi.Output[str],
    *,
    network: Network,
    keys: Keys,
    cluster: Cluster,
    edge: Edge | None,
    in_aws: pulumi.ResourceOptions,
) -> None:
    """Metrics, alerts and alarms, told to the topic."""
    observe(
        settings,
        Platform(
            kafka=f"{settings.prefix}-exchange",
            database=f"{settings.prefix}-ledger",
            cluster=cluster.cluster_name,
            balancer=edge.balancer.arn if edge else None,
            target_group=edge.target_group.arn if edge else None,
            certificate=edge.domain.certificate_arn if edge else None,
        ),
        cluster_arn=cluster.arn,
        subnet_ids=network.subnet_ids(Tier.PRIVATE),
        security_group_id=cluster.security_group_id,
        topic_arn=topic,
        metrics_key_arn=keys.arn(Purpose.METRICS),
        logs_key_arn=keys.arn(Purpose.LOGS),
        opts=in_aws,
    )


def _database_url(
    settings: StackSettings,
    database: Database,
    *,
    network: Network,
    keys: Keys,
    pods: pulumi.Input[str],
    in_aws: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    """Where services find the database: behind its proxy, where there is one."""
    if not settings.database_proxy:
        return database.url()
    proxy = DatabaseProxy(
        "database-proxy",
        settings,
        database=database,
        network=network,
        keys=keys,
        clients_group_id=pods,
        opts=in_aws,
    )
    return database.url(proxy.endpoint)


def _watch_account(
    settings: StackSettings, keys: Keys, records: Records, in_aws: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """What an account has only one of: its defaults, its record, and whoever looks at it; returns the topic's ARN."""
    Account("account", settings, keys, in_aws)
    trail = Trail("trail", settings, keys, records, in_aws)
    Detection("detection", settings, keys, records.archive, in_aws)
    alarms = Alarms("alarms", settings, keys=keys, events=trail.events, opts=in_aws)
    ReplicationAlarms("replication", settings, archive=records.archive, topic=alarms.topic, opts=in_aws)
    Budget("budget", settings, alarms.topic, in_aws)
    if settings.organization_id:
        Guardrails("guardrails", settings, in_aws)
    pulumi.export("trail", trail.trail.arn)
    return alarms.topic.arn
