"""What users with passwords may do at the brokers, by a job: AWS has no resource for Kafka's own rights."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_kubernetes.batch.v1 import Job, JobSpecArgs
from pulumi_kubernetes.core.v1 import EnvVarArgs, ServiceAccount
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.component import Component
from infra.foundation.data.scram import ACCOUNT
from infra.foundation.data.topics import Rights
from infra.settings import StackSettings
from infra.workloads import labels
from infra.workloads.deploy import Deployment
from infra.workloads.pods import PodPlan, migration_pod

COMMAND: Final = ("python", "-m", "services.journal", "acls")
_RETRIES: Final = 3
_SECONDS: Final = 300
_KEPT_SECONDS: Final = 24 * 3600
_DIGITS: Final = 12


class ScramRights(Component):
    """A job for each declaration, named by it: whoever leaves `kafka_scram_users` loses his rights by the next one.

    The last user's rights stay behind with nobody to use them, for his secret is gone.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        rights: Mapping[str, Rights],
        deployment: Deployment,
        namespace: pulumi.Input[str],
        bootstrap: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`deployment` is of a service whose image has the client of the log."""
        super().__init__("workloads:ScramRights", name, settings, opts)
        declared = json.dumps(
            {user: {"append": list(each.appends), "read": list(each.reads)} for user, each in rights.items()},
            sort_keys=True,
        )
        selected = labels.of_pods(ACCOUNT, labels.Role.MIGRATION)
        account = ServiceAccount(
            self.child_name("account"),
            metadata=ObjectMetaArgs(name=ACCOUNT, namespace=namespace, labels=labels.full(selected)),
            automount_service_account_token=False,
            opts=self.child(),
        )
        plan = PodPlan(
            deployment=deployment,
            image=settings.image(deployment.service.name, deployment.image.repository),
            environment=_environment(settings, bootstrap, declared),
            account=ACCOUNT,
            selected=selected,
        )
        digest = hashlib.sha256(f"{plan.image} {declared}".encode()).hexdigest()[:_DIGITS]
        Job(
            self.child_name("job"),
            metadata=ObjectMetaArgs(name=f"{ACCOUNT}-{digest}", namespace=namespace, labels=labels.full(selected)),
            spec=JobSpecArgs(
                backoff_limit=_RETRIES,
                active_deadline_seconds=_SECONDS,
                ttl_seconds_after_finished=_KEPT_SECONDS,
                template=migration_pod(plan, COMMAND),
            ),
            opts=self.child(depends_on=[account, *after]),
        )
        self.register_outputs({})


def _environment(settings: StackSettings, bootstrap: pulumi.Input[str], declared: str) -> list[EnvVarArgs]:
    return [
        EnvVarArgs(name="VALLETTA_KAFKA_BOOTSTRAP", value=bootstrap),
        EnvVarArgs(name="VALLETTA_KAFKA_SECURITY", value="iam"),
        EnvVarArgs(name="VALLETTA_KAFKA_REGION", value=settings.region),
        EnvVarArgs(name="VALLETTA_KAFKA_ACLS", value=declared),
    ]
