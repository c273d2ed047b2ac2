"""What must be done once before a release serves: a job named by its image, whose end Pulumi waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.workloads import labels
from infra.workloads.pods import PodPlan, migration_pod

_RETRIES: Final = 3
_SECONDS: Final = 900
_KEPT_SECONDS: Final = 24 * 3600
"""How long an ended job and its log can be looked at; a migration that runs again changes nothing."""
_DIGEST_DIGITS: Final = 12


def migration_job(
    name: str, plan: PodPlan, command: Sequence[str], *, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> Job:
    """The job of a release: its name has the image's digest, so that each release has its own."""
    service = plan.deployment.service.name
    selected: Mapping[str, str] = labels.of_pods(service, labels.Role.MIGRATION)
    release = plan.image.rpartition(":")[2][:_DIGEST_DIGITS]
    return Job(
        name,
        metadata=ObjectMetaArgs(
            name=f"{service}-migration-{release}", namespace=namespace, labels=labels.full(selected)
        ),
        spec=JobSpecArgs(
            backoff_limit=_RETRIES,
            active_deadline_seconds=_SECONDS,
            ttl_seconds_after_finished=_KEPT_SECONDS,
            template=migration_pod(replace(plan, selected=selected), command),
        ),
        opts=opts,
    )
