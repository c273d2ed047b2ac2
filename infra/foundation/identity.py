"""Who a service is in AWS: a role of its own, with exactly what its deploy.toml says it reads, writes and opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster.cluster import Cluster
from infra.foundation.cluster.pods import NAMESPACE, POD_IDENTITY_TRUST
from infra.foundation.data.streaming import Streaming
from infra.foundation.keys import Keys, Purpose
from infra.settings import StackSettings

__all__ = ["NAMESPACE", "Access", "Identity"]


@dataclass(frozen=True)
class Access:
    """What a service may do, and as which service accounts: the topics and the secrets, by name."""

    accounts: Sequence[str]
    reads: Sequence[str]
    appends: Sequence[str]
    secrets: Sequence[str]


class Identity(Component):
    """A role for each service that needs AWS, bound to its service account by Pod Identity."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        services: Mapping[str, Access],
        cluster: Cluster,
        streaming: Streaming,
        keys: Keys,
        secret_arns: Mapping[str, pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Identity", name, settings, opts)
        self._cluster, self._streaming, self._keys, self._secret_arns = cluster, streaming, keys, secret_arns
        self.bindings: list[pulumi.Resource] = []
        for service, access in services.items():
            rights = [*self._topic_rights(access), *self._secret_rights(access)]
            if rights:
                self._bind(service, access.accounts, rights)
        self.register_outputs({})

    def _bind(self, service: str, accounts: Sequence[str], rights: list[iam.Statement]) -> None:
        role = aws.iam.Role(
            self.child_name(service),
            name=self.name_of(service),
            assume_role_policy=POD_IDENTITY_TRUST,
            tags=self.tags(service),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name(service), role=role.name, policy=iam.document(*rights), opts=self.child()
        )
        self.bindings += [
            aws.eks.PodIdentityAssociation(
                self.child_name(account),
                cluster_name=self._cluster.registered_name,
                namespace=NAMESPACE,
                service_account=account,
                role_arn=role.arn,
                tags=self.tags(account),
                opts=self.child(depends_on=[policy]),
            )
            for account in accounts
        ]

    def _topic_rights(self, access: Access) -> list[iam.Statement]:
        """Kafka by IAM, topic by topic. Offsets are kept beside the data, so no consumer group is granted."""
        both = sorted({*access.reads, *access.appends})
        if not both:
            return []
        arn = self._streaming.topic_arn
        cluster = ["kafka-cluster:Connect", *(["kafka-cluster:WriteDataIdempotently"] if access.appends else [])]
        statements = [
            iam.allow("Connect", cluster, self._streaming.cluster.arn),
            iam.allow(
                "Describe",
                ["kafka-cluster:DescribeTopic", "kafka-cluster:DescribeTopicDynamicConfiguration"],
                [arn(each) for each in both],
            ),
        ]
        if access.reads:
            statements.append(iam.allow("Read", ["kafka-cluster:ReadData"], [arn(each) for each in access.reads]))
        if access.appends:
            statements.append(iam.allow("Append", ["kafka-cluster:WriteData"], [arn(each) for each in access.appends]))
        return statements

    def _secret_rights(self, access: Access) -> list[iam.Statement]:
        secrets = [self._secret_arns[each] for each in access.secrets]
        if not secrets:
            return []
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{self.settings.region}.amazonaws.com"}}
        return [
            # The CSI driver, acting as the pod, looks at a secret's version before it reads a rotated one.
            iam.allow("ReadSecrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], secrets),
            iam.allow("DecryptSecrets", ["kms:Decrypt"], self._keys.arn(Purpose.SECRETS), condition=through),
        ]
