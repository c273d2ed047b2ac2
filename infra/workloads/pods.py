"""The pod of a service: not root, nothing writable but scratch, no token unless it needs one, bounded, probed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    HTTPGetActionArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.workloads import api_token, labels
from infra.workloads.bindings import JOURNAL_FOLDER
from infra.workloads.deploy import KUBERNETES, Deployment, Priority, Probe
from infra.workloads.placement import apart, over_zones
from infra.workloads.priorities import class_name
from infra.workloads.secrets import secret_mount, secret_volume

USER: Final = 10001
"""The user and group of every container; the images make no use of a name."""
_PROBE_SECONDS: Final = 10
_PROBE_TIMEOUT_SECONDS: Final = 3
_SCRATCH: Final = {"tmp": "/tmp", "state": JOURNAL_FOLDER}  # noqa: S108 (a mount of the pod's own)
_SCRATCH_SIZE: Final = "256Mi"


@dataclass(frozen=True)
class PodPlan:
    """A service's pods in one cluster.

    Args:
        image: by digest.
        environment: of the container.
        account: the service account that they run as.
        selected: the labels that they are selected by.
        strict: whether two of them may never share a zone or a node.
    """

    deployment: Deployment
    image: str
    environment: Sequence[EnvVarArgs]
    account: str
    selected: Mapping[str, str]
    strict: bool = False


def server_pod(plan: PodPlan) -> PodTemplateSpecArgs:
    """The pod that serves: probed, spread, and with time to finish."""
    deployment, probes = plan.deployment, plan.deployment.probes
    calls_api = KUBERNETES in deployment.access.calls
    container = _container(
        plan,
        deployment.service.command,
        mounts=[api_token.token_mount()] if calls_api else [],
        liveness=_probe(probes.liveness),
        readiness=_probe(probes.readiness),
    )
    return _template(
        plan,
        container,
        volumes=[api_token.token_volume()] if calls_api else [],
        priority=deployment.service.priority,
        grace_seconds=deployment.service.grace_seconds,
    )


def migration_pod(plan: PodPlan, command: Sequence[str]) -> PodTemplateSpecArgs:
    """The pod that runs once, to its end, before any server starts."""
    return _template(plan, _container(plan, command), restart="Never", priority=Priority.JOB, grace_seconds=30)


def _template(
    plan: PodPlan,
    container: ContainerArgs,
    *,
    volumes: Sequence[VolumeArgs] = (),
    restart: str = "Always",
    priority: Priority,
    grace_seconds: int,
) -> PodTemplateSpecArgs:
    secrets = [secret_volume(plan.deployment.service.name)] if plan.deployment.access.secrets else []
    return PodTemplateSpecArgs(
        metadata=ObjectMetaArgs(labels=labels.full(plan.selected)),
        spec=PodSpecArgs(
            service_account_name=plan.account,
            automount_service_account_token=False,
            enable_service_links=False,
            restart_policy=restart,
            priority_class_name=class_name(priority),
            termination_grace_period_seconds=grace_seconds,
            security_context=_pod_security(),
            topology_spread_constraints=[over_zones(plan.selected, strict=plan.strict)],
            affinity=apart(plan.selected, strict=plan.strict),
            containers=[container],
            volumes=[*_scratch_volumes(), *secrets, *volumes],
        ),
    )


def _pod_security() -> PodSecurityContextArgs:
    return PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=USER,
        run_as_group=USER,
        fs_group=USER,
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def _scratch_volumes() -> list[VolumeArgs]:
    return [VolumeArgs(name=name, empty_dir=EmptyDirVolumeSourceArgs(size_limit=_SCRATCH_SIZE)) for name in _SCRATCH]


def _container(
    plan: PodPlan,
    command: Sequence[str],
    *,
    mounts: Sequence[VolumeMountArgs] = (),
    liveness: ProbeArgs | None = None,
    readiness: ProbeArgs | None = None,
) -> ContainerArgs:
    deployment = plan.deployment
    cpu, memory = deployment.resources.cpu, deployment.resources.memory
    scratch = [VolumeMountArgs(name=volume, mount_path=path) for volume, path in _SCRATCH.items()]
    return ContainerArgs(
        name=deployment.service.name,
        image=plan.image,
        image_pull_policy="IfNotPresent",
        command=list(command),
        env=list(plan.environment),
        ports=[ContainerPortArgs(name=port.name, container_port=port.port) for port in deployment.ports],
        resources=ResourceRequirementsArgs(
            requests={"cpu": cpu.request, "memory": memory.request}, limits={"cpu": cpu.limit, "memory": memory.limit}
        ),
        liveness_probe=liveness,
        readiness_probe=readiness,
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            privileged=False,
            read_only_root_filesystem=True,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[*scratch, *([secret_mount()] if deployment.access.secrets else []), *mounts],
    )


def _probe(probe: Probe) -> ProbeArgs:
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=probe.path, port=probe.port),
        period_seconds=_PROBE_SECONDS,
        timeout_seconds=_PROBE_TIMEOUT_SECONDS,
        failure_threshold=3,
    )
