"""A stack, from its settings to its two layers: AWS first, then what runs in it."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi.runtime.config import CONFIG

from infra.footing import Footing
from infra.foundation.composition import lay_foundation
from infra.foundation.data.topics import Rights, Topic, TopicsError, check_services, load_topics, rights_of_users
from infra.foundation.identity import Access
from infra.settings import Layer, SettingsError, StackSettings
from infra.workloads.composition import run_workloads
from infra.workloads.deploy import Deployment, DeploymentError, load_deployments


def main() -> None:
    """Check everything that was given, then declare: a wrong setting changes nothing."""
    try:
        settings = StackSettings.from_config(CONFIG.get())
        settings.check_stack(pulumi.get_stack())
        deployments, topics = load_deployments(), load_topics()
        check_services(topics, {name: _rights(each) for name, each in deployments.items()})
        rights_of_users(topics, settings.kafka_scram_users)
        if settings.declares(Layer.WORKLOADS):
            settings.check_digests(deployments)
            settings.check_replicas(name for name, each in deployments.items() if each.scaling)
    except (SettingsError, DeploymentError, TopicsError) as error:
        raise pulumi.RunError(str(error)) from None
    compose(settings, deployments, topics)


def compose(settings: StackSettings, deployments: Mapping[str, Deployment], topics: Mapping[str, Topic]) -> None:
    """Declare the layers that the settings ask for."""
    rights = rights_of_users(topics, settings.kafka_scram_users)
    if settings.layer is Layer.WORKLOADS and settings.foundation_stack:
        run_workloads(settings, deployments, rights, Footing.of_stack(settings.foundation_stack, settings))
        return
    services = {name: _access(each, settings.shards) for name, each in deployments.items()}
    footing = lay_foundation(settings, services, topics, [each.image.repository for each in deployments.values()])
    footing.export()
    if settings.layer is Layer.ALL:
        run_workloads(settings, deployments, rights, footing)


def _rights(deployment: Deployment) -> Rights:
    """Which topics a deploy.toml asks for."""
    asked = deployment.access.topics
    return Rights(reads=asked.read, appends=asked.write)


def _access(deployment: Deployment, shards: int) -> Access:
    """What a deploy.toml asks of AWS, in the words of the foundation, which knows nothing of the workloads."""
    asked = deployment.access
    return Access(
        accounts=deployment.accounts(shards),
        reads=asked.topics.read,
        appends=asked.topics.write,
        secrets=asked.secrets,
    )


main()
