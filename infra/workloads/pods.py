"""The pod of a service: not root, nothing writable but scratch, no token, bounded, probed."""

from __future__ import annotations

from collections.abc import Sequence
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
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from infra.workloads import labels
from infra.workloads.bindings import JOURNAL_FOLDER
from infra.workloads.deploy import Deployment, Probe

USER: Final = 10001
"""The user and group of every container; the images make no use of a name."""
GRACE_SECONDS: Final = 30
_PROBE_SECONDS: Final = 10
_PROBE_TIMEOUT_SECONDS: Final = 3
_SCRATCH: Final = {"tmp": "/tmp", "state": JOURNAL_FOLDER}  # noqa: S108 (a mount of the pod's own)
_SCRATCH_SIZE: Final = "256Mi"


def server_pod(deployment: Deployment, image: str, environment: Sequence[EnvVarArgs]) -> PodTemplateSpecArgs:
    """The pod that serves: probed, and spread over the zones."""
    probes = deployment.probes
    container = _container(
        deployment,
        image,
        deployment.service.command,
        environment,
        liveness=_probe(probes.liveness),
        readiness=_probe(probes.readiness),
    )
    return _template(deployment, labels.Role.SERVER, container, restart="Always")


def migration_pod(
    deployment: Deployment, image: str, command: Sequence[str], environment: Sequence[EnvVarArgs]
) -> PodTemplateSpecArgs:
    """The pod that runs once, to its end, before any server starts."""
    container = _container(deployment, image, command, environment)
    return _template(deployment, labels.Role.MIGRATION, container, restart="Never")


def _template(
    deployment: Deployment, role: labels.Role, container: ContainerArgs, *, restart: str
) -> PodTemplateSpecArgs:
    name = deployment.service.name
    spread = TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key="topology.kubernetes.io/zone",
        when_unsatisfiable="ScheduleAnyway",
        label_selector=LabelSelectorArgs(match_labels=labels.of_pods(name, role)),
    )
    return PodTemplateSpecArgs(
        metadata=ObjectMetaArgs(labels=labels.full(name, role)),
        spec=PodSpecArgs(
            service_account_name=name,
            automount_service_account_token=False,
            enable_service_links=False,
            restart_policy=restart,
            termination_grace_period_seconds=GRACE_SECONDS,
            security_context=PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER,
                run_as_group=USER,
                fs_group=USER,
                seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
            ),
            topology_spread_constraints=[spread],
            containers=[container],
            volumes=[
                VolumeArgs(name=volume, empty_dir=EmptyDirVolumeSourceArgs(size_limit=_SCRATCH_SIZE))
                for volume in _SCRATCH
            ],
        ),
    )


def _container(
    deployment: Deployment,
    image: str,
    command: Sequence[str],
    environment: Sequence[EnvVarArgs],
    *,
    liveness: ProbeArgs | None = None,
    readiness: ProbeArgs | None = None,
) -> ContainerArgs:
    cpu, memory = deployment.resources.cpu, deployment.resources.memory
    return ContainerArgs(
        name=deployment.service.name,
        image=image,
        image_pull_policy="IfNotPresent",
        command=list(command),
        env=list(environment),
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
        volume_mounts=[VolumeMountArgs(name=volume, mount_path=path) for volume, path in _SCRATCH.items()],
    )


def _probe(probe: Probe) -> ProbeArgs:
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=probe.path, port=probe.port),
        period_seconds=_PROBE_SECONDS,
        timeout_seconds=_PROBE_TIMEOUT_SECONDS,
        failure_threshold=3,
    )
