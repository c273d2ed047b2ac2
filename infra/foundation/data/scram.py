"""Who signs in to the brokers with a password, for want of IAM: the place of each password, and who may grant rights.

The password never passes through a plan or its state. An operator puts it there after the first run, with
`aws secretsmanager put-secret-value --secret-id AmazonMSK_<prefix>_<user>` as `{"username": ..., "password": ...}`, and
then names the user in `kafka_scram_admitted`. MSK itself gives each secret the policy by which it reads it. What a user
may do are Kafka's own rights (access-control lists): `python -m services.journal acls` brings them about, as the job of
`infra/workloads/scram_rights.py`.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster.cluster import Cluster
from infra.foundation.cluster.pods import NAMESPACE, POD_IDENTITY_TRUST
from infra.foundation.data.streaming import Streaming
from infra.foundation.keys import Keys, Purpose
from infra.foundation.network.doors import let_in
from infra.settings import StackSettings

PORT: Final = 9096
ACCOUNT: Final = "kafka-rights"
"""The service account of whoever grants rights to users with passwords."""
_RECOVERY_DAYS: Final = 30


class Scram(Component):
    """A secret for each user, those whom the brokers let in, and the role that grants them their rights."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        streaming: Streaming,
        cluster: Cluster,
        keys: Keys,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Scram", name, settings, opts)
        secrets = {user: self._secret(user, keys) for user in sorted(settings.kafka_scram_users)}
        self._open(streaming, cluster)
        if settings.kafka_scram_admitted:
            aws.msk.ScramSecretAssociation(
                self.child_name("admitted"),
                cluster_arn=streaming.cluster.arn,
                secret_arn_lists=[secrets[user].arn for user in sorted(settings.kafka_scram_admitted)],
                opts=self.child(),
            )
        self.binding = self._bind(streaming, cluster)
        self.register_outputs({"secret_arns": {user: secret.arn for user, secret in secrets.items()}})

    def _secret(self, user: str, keys: Keys) -> aws.secretsmanager.Secret:
        """Empty. MSK takes it by the beginning of its name, and with a key of ours only."""
        return aws.secretsmanager.Secret(
            self.child_name(user),
            name=f"AmazonMSK_{self.settings.prefix}_{user}",
            description=f"How {user} signs in to the brokers",
            kms_key_id=keys.arn(Purpose.STREAMING),
            recovery_window_in_days=_RECOVERY_DAYS if self.settings.keeps_records else 0,
            tags=self.tags(user),
            opts=self.child(),
        )

    def _open(self, streaming: Streaming, cluster: Cluster) -> None:
        let_in(
            self,
            "passwords",
            streaming.security_group.id,
            PORT,
            cluster.security_group_id,
            description="Kafka over TLS with passwords, from pods",
        )

    def _bind(self, streaming: Streaming, cluster: Cluster) -> aws.eks.PodIdentityAssociation:
        """Kafka asks for the right to alter the cluster from whoever alters its access-control lists."""
        actions = ["kafka-cluster:AlterCluster", "kafka-cluster:Connect", "kafka-cluster:DescribeCluster"]
        role = aws.iam.Role(
            self.child_name(ACCOUNT),
            name=self.name_of("rights"),
            assume_role_policy=POD_IDENTITY_TRUST,
            tags=self.tags(ACCOUNT),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name(ACCOUNT),
            role=role.name,
            policy=iam.document(iam.allow("GrantRights", actions, streaming.cluster.arn)),
            opts=self.child(),
        )
        return aws.eks.PodIdentityAssociation(
            self.child_name(ACCOUNT),
            cluster_name=cluster.registered_name,
            namespace=NAMESPACE,
            service_account=ACCOUNT,
            role_arn=role.arn,
            tags=self.tags(ACCOUNT),
            opts=self.child(depends_on=[policy]),
        )
