"""The backups of the account under test: a locked vault, and a plan that copies what it holds away."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from policies.values import Value
from tests.policies.account.clients import ACCOUNT, REGION, Clients

VAULT: Final = "records"
COPIES: Final = (
    f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:{VAULT}",
    f"arn:aws:backup:{REGION}:888899990000:backup-vault:{VAULT}",
)


def build_backups(account: Clients) -> None:
    """A vault under a lock that nobody lifts, and a plan that copies what it holds away."""
    backup = account.client("backup")
    backup.create_backup_vault(BackupVaultName=VAULT)
    lock_vault(account)
    account.backup_plan = put_plan(account, COPIES)


def lock_vault(account: Clients, **changes: Value) -> None:
    """Lock the vault; it can still be changed for a week."""
    lock = {"MinRetentionDays": 35, "ChangeableForDays": 7, **changes}
    account.client("backup").put_backup_vault_lock_configuration(
        BackupVaultName=VAULT, **{key: value for key, value in lock.items() if value is not None}
    )


def unlock_vault(account: Clients) -> None:
    """Take the lock off."""
    account.client("backup").delete_backup_vault_lock_configuration(BackupVaultName=VAULT)


def put_plan(account: Clients, copies: tuple[str, ...]) -> str:
    """A plan with one rule and these copies; its id."""
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "CopyActions": [{"DestinationBackupVaultArn": arn} for arn in copies],
    }
    # To moto a plan that was deleted still has its name.
    plan = {"BackupPlanName": f"plan-{uuid4()}", "Rules": [rule]}
    return str(account.client("backup").create_backup_plan(BackupPlan=plan)["BackupPlanId"])


def replace_plan(account: Clients, copies: tuple[str, ...]) -> None:
    """Another plan in place of the present one."""
    account.client("backup").delete_backup_plan(BackupPlanId=account.backup_plan)
    account.backup_plan = put_plan(account, copies)
