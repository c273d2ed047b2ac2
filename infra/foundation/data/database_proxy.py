"""A proxy before the database: many pods share few connections, and a failover is a pause instead of an error."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster.pods_only import pods_only_group
from infra.foundation.data.database import PORT, Database
from infra.foundation.keys import Keys, Purpose
from infra.foundation.network.doors import let_in, let_out
from infra.foundation.network.network import Network
from infra.settings import StackSettings

_IDLE_SECONDS: Final = 1800
_BORROW_SECONDS: Final = 5
_CONNECTIONS_PERCENT: Final = 80
"""Of the database's own limit; the rest is for migrations and for people."""


class DatabaseProxy(Component):
    """RDS Proxy: TLS on both sides, the managed secret for its password, reached by the pods only."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        database: Database,
        network: Network,
        keys: Keys,
        clients_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:DatabaseProxy", name, settings, opts)
        group = pods_only_group(
            self,
            network,
            clients_group_id,
            group=("proxy", "The database's proxy, from the cluster only"),
            rule=("postgresql", "PostgreSQL over TLS, from pods"),
            port=PORT,
        )
        self._admit(group, database)
        self._proxy = self._make(group, database, network, keys)
        self._aim(database)
        self.register_outputs({"endpoint": self._proxy.endpoint})

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """The host name that services connect to in the database's place."""
        return self._proxy.endpoint

    def _admit(self, group: aws.ec2.SecurityGroup, database: Database) -> None:
        """The one way out of the proxy is the one more way into the database."""
        let_out(self, "database", group.id, PORT, database.group.id, description="PostgreSQL over TLS, to the database")
        let_in(self, "database", database.group.id, PORT, group.id, description="PostgreSQL over TLS, from the proxy")

    def _make(self, group: aws.ec2.SecurityGroup, database: Database, network: Network, keys: Keys) -> aws.rds.Proxy:
        role = aws.iam.Role(
            self.child_name("proxy"),
            name=self.name_of("proxy"),
            assume_role_policy=iam.trust(
                "rds.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("proxy"),
            opts=self.child(),
        )
        through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{self.settings.region}.amazonaws.com"}}
        policy = aws.iam.RolePolicy(
            self.child_name("proxy"),
            role=role.name,
            policy=iam.document(
                iam.allow("ReadSecret", ["secretsmanager:GetSecretValue"], database.secret_arn),
                iam.allow("DecryptSecret", ["kms:Decrypt"], keys.arn(Purpose.SECRETS), condition=through),
            ),
            opts=self.child(),
        )
        return aws.rds.Proxy(
            self.child_name("proxy"),
            name=f"{self.settings.prefix}-ledger",
            engine_family="POSTGRESQL",
            role_arn=role.arn,
            vpc_subnet_ids=network.subnet_ids(Tier.DATA),
            vpc_security_group_ids=[group.id],
            auths=[
                aws.rds.ProxyAuthArgs(
                    auth_scheme="SECRETS",
                    client_password_auth_type="POSTGRES_SCRAM_SHA_256",  # noqa: S106 (a way, not a password)
                    iam_auth="DISABLED",
                    secret_arn=database.secret_arn,
                )
            ],
            require_tls=True,
            idle_client_timeout=_IDLE_SECONDS,
            tags=self.tags("proxy"),
            opts=self.child(depends_on=[policy]),
        )

    def _aim(self, database: Database) -> None:
        group = aws.rds.ProxyDefaultTargetGroup(
            self.child_name("proxy"),
            db_proxy_name=self._proxy.name,
            connection_pool_config=aws.rds.ProxyDefaultTargetGroupConnectionPoolConfigArgs(
                connection_borrow_timeout=_BORROW_SECONDS, max_connections_percent=_CONNECTIONS_PERCENT
            ),
            opts=self.child(),
        )
        aws.rds.ProxyTarget(
            self.child_name("proxy"),
            db_proxy_name=self._proxy.name,
            target_group_name="default",
            db_instance_identifier=database.instance.identifier,
            opts=self.child(depends_on=[group]),
        )
