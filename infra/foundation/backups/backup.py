"""Backups that survive whoever administers the account: a locked vault, its copies elsewhere, and a restore each month.

The database is backed up by its ARN; a volume by the tag `valletta:backup=daily`, which none of the program's has, for
no record lies on a volume. The archive is not backed up: its lock and its replica are stronger than a copy of it.
Backups are snapshots and not continuous: the database's own point-in-time recovery reaches back as far, and AWS Backup
in its continuous mode takes the retention of that over, which would be drift for ever.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.backups.backup_roles import Covered, backup_rights, restore_rights
from infra.foundation.backups.vault import Vault, vault_arn
from infra.foundation.data.database import Database
from infra.foundation.key_policies import owned
from infra.foundation.keys import Keys, Purpose, customer_key
from infra.settings import StackSettings

DAILY: Final = "cron(0 5 * * ? *)"
MONTHLY: Final = "cron(0 8 1 * ? *)"
RESTORE_TEST: Final = "cron(0 10 2 * ? *)"
"""UTC. After the database's own windows for backups (02:00) and maintenance (Sunday 03:30), and the day after the
monthly backup."""

START_MINUTES: Final = 60
COMPLETE_MINUTES: Final = 480
VALIDATION_HOURS: Final = 4
BACKUP_TAG: Final = ("valletta:backup", "daily")

_Lifecycle = aws.backup.PlanRuleLifecycleArgs
_Copy = aws.backup.PlanRuleCopyActionArgs


class Backup(Component):
    """The vault, its copies, the plan, what it covers, and the monthly test that a backup can be restored.

    The test restores the newest backup of the last month as a database of its own, beside the real one and with no
    security group that lets anybody in, and deletes it after some hours. It validates that the snapshot is whole, that
    its key still decrypts it, and that PostgreSQL starts on it: control BCP-3. What the rows say, a drill compares.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        keys: Keys,
        database: Database,
        elsewhere: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`elsewhere` is the provider of the account `backup_account_id`."""
        super().__init__("foundation:Backup", name, settings, opts)
        self._copies: dict[str, pulumi.Resource] = {}
        self._key_arns: list[pulumi.Output[str]] = [keys.arn(each) for each in (Purpose.DATABASE, Purpose.VOLUMES)]
        self.vault = Vault(self, "records", keys.arn(Purpose.BACKUP))
        if settings.backup_region:
            self._copy_to_region(settings.backup_region)
        if settings.backup_account_id:
            self._copy_to_account(settings.backup_account_id, elsewhere)
        covered = Covered(database.instance.arn, [*self._key_arns, keys.arn(Purpose.BACKUP)], list(self._copies))
        plan = self._make_plan()
        self._select(plan, database, covered)
        self._test_restores(database, keys)
        self.register_outputs({"vault": self.vault.vault.name, "plan": plan.id})

    def _copy_to_region(self, region: str) -> None:
        """A vault in the backup region, with a key that never leaves it."""
        account = self.settings.account_id
        key = customer_key(
            self,
            "region",
            owned(iam.root_of(account), region, ["backup", "ec2", "rds"]),
            alias="backup-copies",
            region=region,
        )
        self._key_arns.append(key.arn)
        self._add_copy(vault_arn(self.settings, region, account), Vault(self, "region", key.arn, region=region))

    def _copy_to_account(self, account: str, provider: pulumi.ProviderResource | None) -> None:
        """A vault that this account fills and cannot empty: control BCP-2.

        Both accounts must be of one organisation, whose managing account lets AWS Backup copy from account to account.
        It lies in the stack's own region, for RDS copies no snapshot across both at once.
        """
        settings = self.settings
        here = iam.root_of(settings.account_id)
        key = customer_key(
            self,
            "account",
            owned(iam.root_of(account), settings.region, ["backup", "ec2", "rds"]),
            alias="backup-copies",
            provider=provider,
        )
        accept = iam.allow("TakeCopies", ["backup:CopyIntoBackupVault"], "*", principal=here)
        self._add_copy(
            vault_arn(settings, settings.region, account),
            Vault(self, "account", key.arn, statements=[accept], provider=provider),
        )

    def _add_copy(self, arn: str, vault: Vault) -> None:
        self._copies[arn] = vault.policy

    def _make_plan(self) -> aws.backup.Plan:
        settings = self.settings
        rules = (("daily", DAILY, settings.backup_daily_days), ("monthly", MONTHLY, settings.backup_monthly_days))
        return aws.backup.Plan(
            self.child_name("plan"),
            name=self.name_of("plan"),
            rules=[
                aws.backup.PlanRuleArgs(
                    rule_name=rule,
                    target_vault_name=self.vault.vault.name,
                    schedule=schedule,
                    schedule_expression_timezone="Etc/UTC",
                    start_window=START_MINUTES,
                    completion_window=COMPLETE_MINUTES,
                    enable_continuous_backup=False,
                    lifecycle=_Lifecycle(delete_after=days),
                    copy_actions=[
                        _Copy(
                            destination_vault_arn=arn,
                            lifecycle=aws.backup.PlanRuleCopyActionLifecycleArgs(delete_after=days),
                        )
                        for arn in self._copies
                    ],
                    recovery_point_tags=settings.tags(**{"valletta:rule": rule}),
                )
                for rule, schedule, days in rules
            ],
            tags=self.tags("plan"),
            opts=self.child(depends_on=[self.vault.policy, *self._copies.values()]),
        )

    def _select(self, plan: aws.backup.Plan, database: Database, covered: Covered) -> None:
        role = self._role("taker", backup_rights(self.settings, covered))
        aws.backup.Selection(
            self.child_name("database"),
            name="database",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[database.instance.arn],
            opts=self.child(depends_on=[role]),
        )
        place = f"{self.settings.region}:{self.settings.account_id}"
        key, value = BACKUP_TAG
        wanted = aws.backup.SelectionConditionStringEqualArgs(key=f"aws:ResourceTag/{key}", value=value)
        ours = aws.backup.SelectionConditionStringEqualArgs(
            key="aws:ResourceTag/valletta:stack", value=self.settings.name
        )
        aws.backup.Selection(
            self.child_name("volumes"),
            name="volumes",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[f"arn:aws:ec2:{place}:volume/*"],
            conditions=[aws.backup.SelectionConditionArgs(string_equals=[wanted, ours])],
            opts=self.child(depends_on=[role]),
        )

    def _test_restores(self, database: Database, keys: Keys) -> None:
        role = self._role("restorer", restore_rights(self.settings, keys.arn(Purpose.DATABASE)))
        plan = aws.backup.RestoreTestingPlan(
            self.child_name("restores"),
            name=self.name_of("restores").replace("-", "_"),
            schedule_expression=RESTORE_TEST,
            schedule_expression_timezone="Etc/UTC",
            start_window_hours=VALIDATION_HOURS,
            recovery_point_selection=aws.backup.RestoreTestingPlanRecoveryPointSelectionArgs(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[self.vault.vault.arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=31,
            ),
            tags=self.tags("restores"),
            opts=self.child(),
        )
        aws.backup.RestoreTestingSelection(
            self.child_name("restores"),
            name="database",
            restore_testing_plan_name=plan.name,
            iam_role_arn=role.arn,
            protected_resource_type="RDS",
            protected_resource_arns=[database.instance.arn],
            validation_window_hours=VALIDATION_HOURS,
            # In the route-less subnets of the real one; without this, in a default network that there is not.
            restore_metadata_overrides={"dbSubnetGroupName": database.instance.db_subnet_group_name},
            opts=self.child(depends_on=[role]),
        )

    def _role(self, part: str, rights: list[iam.Statement]) -> aws.iam.Role:
        """Who takes backups cannot restore them, and the other way round."""
        role = aws.iam.Role(
            self.child_name(part),
            name=self.name_of(part),
            assume_role_policy=iam.trust(
                "backup.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags(part),
            opts=self.child(),
        )
        aws.iam.RolePolicy(self.child_name(part), role=role.name, policy=iam.document(*rights), opts=self.child())
        return role
