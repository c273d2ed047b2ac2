"""The ledger's database: PostgreSQL on RDS in two zones, TLS only, audited, its password known to nobody."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster.pods_only import pods_only_group
from infra.foundation.data.database_parameters import parameters
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.network.network import Network
from infra.settings import StackSettings

PORT: Final = 5432
DATABASE: Final = "valletta"
OWNER: Final = "valletta"
PUBLIC_ROOTS: Final = "/etc/ssl/certs/ca-certificates.crt"
"""Where the images have the public certificate authorities."""
LOG_EXPORTS: Final = ("postgresql", "upgrade")
SECRET_ROTATION_DAYS: Final = 30
_INSIGHT_DAYS: Final = 465
_MONITORING_SECONDS: Final = 60


class Database(Component):
    """The instance, its parameters, its logs and its managed secret."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        network: Network,
        keys: Keys,
        clients_group_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Database", name, settings, opts)
        self._identifier = f"{settings.prefix}-ledger"
        self.group = pods_only_group(
            self,
            network,
            clients_group_id,
            group=("ledger", "PostgreSQL, from the cluster only"),
            rule=("postgresql", "PostgreSQL over TLS, from pods"),
            port=PORT,
        )
        self.parameters = self._parameters()
        self.instance = self._make_instance(network, keys, self.group)
        if self._managed:
            self._rotate_secret()
        self.register_outputs({"address": self.instance.address, "secret_arn": self.secret_arn})

    def url(self, host: pulumi.Input[str] | None = None) -> pulumi.Output[str]:
        """Where the database is, for SQLAlchemy; without a password, which lies in the managed secret.

        The server proves who it is against the roots of RDS, which the images carry; a proxy at `host` proves it
        against the public ones, for its certificate is ACM's.
        """
        place = pulumi.Output.concat(host or self.instance.address, ":", str(PORT))
        roots = f"&sslrootcert={PUBLIC_ROOTS}" if host is not None else ""
        return pulumi.Output.concat(f"postgresql+psycopg://{OWNER}@", place, f"/{DATABASE}?sslmode=verify-full{roots}")

    @property
    def secret_arn(self) -> pulumi.Output[str]:
        """The ARN of the secret that RDS made and rotates, or of the one that has taken its place."""
        if self.settings.database_secret_arn is not None:
            return pulumi.Output.from_input(self.settings.database_secret_arn)
        return self.instance.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")

    @property
    def _managed(self) -> bool:
        """Whether RDS makes, keeps and rotates the owner's password."""
        return self.settings.database_secret_arn is None

    def _make_instance(self, network: Network, keys: Keys, group: aws.ec2.SecurityGroup) -> aws.rds.Instance:
        subnets = aws.rds.SubnetGroup(
            self.child_name("ledger"),
            name=self._identifier,
            subnet_ids=network.subnet_ids(Tier.DATA),
            tags=self.tags("subnets"),
            opts=self.child(),
        )
        watcher = self._monitoring_role()
        settings, keeps = self.settings, self.settings.keeps_records
        return aws.rds.Instance(
            self.child_name("ledger"),
            identifier=self._identifier,
            engine="postgres",
            engine_version=settings.database_version,
            instance_class=settings.database_instance_class,
            parameter_group_name=self.parameters.name,
            db_name=DATABASE,
            username=OWNER,
            manage_master_user_password=True if self._managed else None,
            master_user_secret_kms_key_id=keys.arn(Purpose.SECRETS) if self._managed else None,
            iam_database_authentication_enabled=True,
            ca_cert_identifier="rds-ca-rsa2048-g1",
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=settings.database_multi_az,
            storage_type="gp3",
            allocated_storage=settings.database_storage_gib,
            max_allocated_storage=settings.database_storage_max_gib,
            storage_encrypted=True,
            kms_key_id=keys.arn(Purpose.DATABASE),
            backup_retention_period=settings.database_backup_days,
            backup_window="02:00-03:00",
            maintenance_window="sun:03:30-sun:04:30",
            copy_tags_to_snapshot=True,
            delete_automated_backups=False,
            skip_final_snapshot=not keeps,
            final_snapshot_identifier=f"{self._identifier}-final",
            deletion_protection=keeps,
            apply_immediately=False,
            auto_minor_version_upgrade=True,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            monitoring_interval=_MONITORING_SECONDS,
            monitoring_role_arn=watcher.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=keys.arn(Purpose.DATABASE),
            performance_insights_retention_period=_INSIGHT_DAYS,
            database_insights_mode="advanced",
            tags=self.tags("ledger"),
            opts=self.record_child(depends_on=self._log_groups(keys), ignore_changes=self._left_alone()),
        )

    def _left_alone(self) -> list[str]:
        """What changes without the program: storage grows by itself up to the limit, and the plan must not shrink it.

        Whoever takes the password over from RDS does so in one request with the new password, which no plan has.
        """
        handed_over = [] if self._managed else ["manageMasterUserPassword", "masterUserSecretKmsKeyId"]
        return ["allocatedStorage", *handed_over]

    def _parameters(self) -> aws.rds.ParameterGroup:
        family = f"postgres{self.settings.database_version.partition('.')[0]}"
        return aws.rds.ParameterGroup(
            self.child_name("ledger"),
            name=f"{self._identifier}-{family}",
            family=family,
            description="TLS forced, changes audited without their parameters",
            parameters=parameters(),
            tags=self.tags("parameters"),
            opts=self.child(),
        )

    def _log_groups(self, keys: Keys) -> list[pulumi.Resource]:
        return [
            log_group(self, kind, f"/aws/rds/instance/{self._identifier}/{kind}", keys.arn(Purpose.LOGS))
            for kind in LOG_EXPORTS
        ]

    def _monitoring_role(self) -> aws.iam.Role:
        role = aws.iam.Role(
            self.child_name("monitoring"),
            name=self.name_of("monitoring"),
            assume_role_policy=iam.trust(
                "monitoring.rds.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("monitoring"),
            opts=self.child(),
        )
        aws.iam.RolePolicyAttachment(
            self.child_name("monitoring"),
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
            opts=self.child(),
        )
        return role

    def _rotate_secret(self) -> None:
        """RDS rotates by itself, without a function of ours; the interval is said, not left to a default."""
        aws.secretsmanager.SecretRotation(
            self.child_name("ledger"),
            secret_id=self.secret_arn,
            rotation_rules=aws.secretsmanager.SecretRotationRotationRulesArgs(
                automatically_after_days=SECRET_ROTATION_DAYS
            ),
            opts=self.child(),
        )
