"""What stands beside the ledger's database: a replica for readers, its backups elsewhere, and who hears of it."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.data.database import Database
from infra.foundation.key_policies import owned
from infra.foundation.keys import Keys, Purpose, customer_key
from infra.settings import StackSettings

EVENTS: Final = ("availability", "deletion", "failover", "failure", "low storage", "maintenance", "recovery")
"""What people are told of; backups and configuration changes are in the trail."""


class DatabaseCopies(Component):
    """The read replica, where one is asked for, and the point-in-time backups in `backup_region`."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        database: Database,
        keys: Keys,
        topic_arn: pulumi.Input[str] | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`topic_arn` is where events are sent; an ephemeral copy of a stack has none."""
        super().__init__("foundation:DatabaseCopies", name, settings, opts)
        self._database = database
        if settings.database_read_replica:
            self._replicate(keys)
        if settings.backup_region:
            self._keep_elsewhere(settings.backup_region)
        if topic_arn is not None:
            self._tell(topic_arn)
        self.register_outputs({})

    def _replicate(self, keys: Keys) -> None:
        """Readers' reports then cost the ledger nothing; it follows by streaming, so it may be seconds behind."""
        settings, source = self.settings, self._database.instance
        aws.rds.Instance(
            self.child_name("replica"),
            identifier=f"{settings.prefix}-ledger-replica",
            replicate_source_db=source.identifier,
            instance_class=settings.database_instance_class,
            parameter_group_name=self._database.parameters.name,
            iam_database_authentication_enabled=True,
            ca_cert_identifier=source.ca_cert_identifier,
            vpc_security_group_ids=source.vpc_security_group_ids,
            publicly_accessible=False,
            multi_az=settings.database_multi_az,
            storage_encrypted=True,
            kms_key_id=keys.arn(Purpose.DATABASE),
            copy_tags_to_snapshot=True,
            skip_final_snapshot=True,
            deletion_protection=settings.keeps_records,
            apply_immediately=False,
            auto_minor_version_upgrade=True,
            tags=self.tags("replica"),
            opts=self.child(ignore_changes=["allocatedStorage"]),
        )

    def _keep_elsewhere(self, region: str) -> None:
        """The loss of the whole region loses minutes, not the ledger: control BCP-2."""
        settings = self.settings
        key = customer_key(
            self,
            "backups",
            owned(iam.root_of(settings.account_id), region, ["rds"]),
            alias="database-backups",
            region=region,
        )
        aws.rds.InstanceAutomatedBackupsReplication(
            self.child_name("backups"),
            source_db_instance_arn=self._database.instance.arn,
            kms_key_id=key.arn,
            retention_period=settings.database_backup_days,
            region=region,
            opts=self.record_child(),
        )

    def _tell(self, topic_arn: pulumi.Input[str]) -> None:
        aws.rds.EventSubscription(
            self.child_name("events"),
            name=self.name_of("events"),
            sns_topic=topic_arn,
            source_type="db-instance",
            source_ids=[self._database.instance.identifier],
            event_categories=list(EVENTS),
            tags=self.tags("events"),
            opts=self.child(),
        )
