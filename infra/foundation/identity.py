"""Who a service is in AWS: a role of its own, with exactly what its deploy.toml says it reads, writes and opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster import Cluster
from infra.foundation.keys import Keys, Purpose
from infra.foundation.pods import POD_IDENTITY_TRUST
from infra.foundation.streaming import Streaming
from infra.settings import StackSettings
from infra.workloads.deploy import Deployment

NAMESPACE: Final = "exchange"
"""The Kubernetes namespace of the services; the association of role and pod names it."""


class Identity(Component):
    """A role for each service that needs AWS, bound to its service account by Pod Identity."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        deployments: Mapping[str, Deployment],
        cluster: Cluster,
        streaming: Streaming,
        keys: Keys,
        secret_arns: Mapping[str, pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Identity", name, settings, opts)
        self._cluster, self._streaming, self._keys, self._secret_arns = cluster, streaming, keys, secret_arns
        self.bindings: list[pulumi.Resource] = []
        for service, deployment in deployments.items():
            rights = [*self._topic_rights(deployment), *self._secret_rights(deployment)]
            if rights:
                self._bind(service, rights)
        self.register_outputs({})

    def _bind(self, service: str, rights: list[iam.Statement]) -> None:
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
        association = aws.eks.PodIdentityAssociation(
            self.child_name(service),
            cluster_name=self._cluster.registered_name,
            namespace=NAMESPACE,
            service_account=service,
            role_arn=role.arn,
            tags=self.tags(service),
            opts=self.child(depends_on=[policy]),
        )
        self.bindings.append(association)

    def _topic_rights(self, deployment: Deployment) -> list[iam.Statement]:
        """Kafka by IAM, topic by topic. Offsets are kept beside the data, so no consumer group is granted."""
        topics = deployment.access.topics
        if not (topics.read or topics.write):
            return []
        arn = self._streaming.topic_arn
        both = sorted({*topics.read, *topics.write})
        cluster = ["kafka-cluster:Connect", *(["kafka-cluster:WriteDataIdempotently"] if topics.write else [])]
        statements = [
            iam.allow("Connect", cluster, self._streaming.cluster.arn),
            iam.allow(
                "Describe",
                ["kafka-cluster:DescribeTopic", "kafka-cluster:DescribeTopicDynamicConfiguration"],
                [arn(each) for each in both],
            ),
        ]
        if topics.read:
            statements.append(iam.allow("Read", ["kafka-cluster:ReadData"], [arn(each) for each in topics.read]))
        if topics.write:
            statements.append(iam.allow("Append", ["kafka-cluster:WriteData"], [arn(each) for each in topics.write]))
        return statements

    def _secret_rights(self, deployment: Deployment) -> list[iam.Statement]:
        secrets = [self._secret_arns[each] for each in deployment.access.secrets]
        if not secrets:
            return []
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{self.settings.region}.amazonaws.com"}}
        return [
            iam.allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secrets),
            iam.allow("DecryptSecrets", ["kms:Decrypt"], self._keys.arn(Purpose.SECRETS), condition=through),
        ]
