"""What each binding of a deploy.toml is in this cluster: a value, or a field of the pod that asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import EnvVarArgs, EnvVarSourceArgs, ObjectFieldSelectorArgs

from infra.foundation.identity import NAMESPACE
from infra.workloads.deploy import Binding, Bound, Deployment, Listen
from infra.workloads.secrets import secret_file

JOURNAL_FOLDER: Final = "/var/lib/valletta"
"""A writable place for whoever keeps files; gone with the pod, for the journal is Kafka's."""
DRAIN_SECONDS: Final = 15
"""How long a stopping gateway still takes requests: endpoints and a load balancer's targets follow the pod's end by
some seconds. Its grace period must be longer, by the time that requests may take."""


@dataclass(frozen=True)
class PodField:
    """A value that the pod itself has, by its path in the downward API."""

    path: str


Value = pulumi.Input[str] | PodField

POD_NAME: Final = PodField("metadata.name")


def cluster_values(
    *,
    region: str,
    currency: str,
    shards: int,
    bootstrap: pulumi.Input[str],
    database_url: pulumi.Input[str],
    matching: Deployment,
) -> Mapping[Binding, Value]:
    """A value for every binding of the vocabulary but the shard's index, which each stateful set has its own of."""
    first_shard = matching.accounts(shards)[0]
    return {
        Binding.CLOUD_REGION: region,
        Binding.DATABASE_SECRET: secret_file("database"),
        Binding.DATABASE_URL: database_url,
        Binding.DRAIN_SECONDS: str(DRAIN_SECONDS),
        Binding.EXCHANGE_CURRENCY: currency,
        Binding.JOURNAL_FOLDER: JOURNAL_FOLDER,
        Binding.JOURNAL_KIND: "kafka",
        Binding.LEASE_KIND: "kubernetes",
        Binding.LEASE_NAMESPACE: NAMESPACE,
        Binding.MATCHING_ADDRESS: f"{first_shard}.{NAMESPACE}.svc:{matching.port('grpc')}",
        Binding.NODE_NAME: POD_NAME,
        Binding.OPERATOR_SECRET: secret_file("operator"),
        Binding.SHARD_COUNT: str(shards),
        Binding.STREAMING_BOOTSTRAP: bootstrap,
        Binding.STREAMING_SECURITY: "iam",
    }


def environment(deployment: Deployment, values: Mapping[Binding, Value]) -> list[EnvVarArgs]:
    """The environment of a service's containers, in the order of its deploy.toml."""
    return [_variable(name, source, deployment, values) for name, source in deployment.env.items()]


def _variable(
    name: str, source: Bound | Listen | str, deployment: Deployment, values: Mapping[Binding, Value]
) -> EnvVarArgs:
    match source:
        case Listen():
            return EnvVarArgs(name=name, value=f"0.0.0.0:{deployment.port(source.listen)}")
        case Bound():
            value = values[source.binding]
        case str():
            value = source
    if isinstance(value, PodField):
        field = ObjectFieldSelectorArgs(field_path=value.path)
        return EnvVarArgs(name=name, value_from=EnvVarSourceArgs(field_ref=field))
    return EnvVarArgs(name=name, value=value)
