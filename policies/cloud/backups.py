"""Backups in a plan and in an account: whose the account is, what the plans of AWS Backup are, where copies go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from policies.account import Account, Subject
from policies.cloud import tokens
from policies.resources import Stack
from policies.values import Value, is_sequence


def own_accounts(stack: Stack) -> set[str]:
    """The accounts that the stack's own provider may work in; those that it enters by a role are others.

    A provider's lists are kept as text; none is named where the program leaves `allowed_account_ids` out.
    """
    own: set[str] = set()
    for provider in stack.of_type(tokens.PROVIDER):
        if not provider.get("assumeRoles"):
            own |= set(_listed(provider.get("allowedAccountIds")))
    return own


def own_regions(stack: Stack) -> set[str]:
    """The regions in which the stack's own provider makes what names no other."""
    own = (each for each in stack.of_type(tokens.PROVIDER) if not each.get("assumeRoles"))
    return {str(each.get("region")) for each in own}


def place_of(arn: Value) -> tuple[str, str] | None:
    """The region and the account of an ARN; None where it is none, or names none."""
    parts = arn.split(":") if isinstance(arn, str) else []
    return (parts[3], parts[4]) if len(parts) > 5 and parts[3] and parts[4] else None


def plans(account: Account) -> Iterator[Subject]:
    """Every plan of AWS Backup of the region."""
    for entry in account.all("backup", "list_backup_plans", "BackupPlansList"):
        plan = account.ask("backup", "get_backup_plan", BackupPlanId=entry["BackupPlanId"])["BackupPlan"]
        yield Subject(entry["BackupPlanArn"], tokens.BACKUP_PLAN, plan, _tags(entry["BackupPlanArn"], account))


def vaults(account: Account) -> Iterator[Subject]:
    """Every vault of the region that holds a backup, or into which a plan writes: copies of other places included."""
    targets = {rule["TargetBackupVaultName"] for plan in plans(account) for rule in plan.get("Rules", [])}
    listed = account.all("backup", "list_backup_vaults", "BackupVaultList")
    holding = {vault["BackupVaultName"] for vault in listed if vault.get("NumberOfRecoveryPoints")}
    for name in sorted(targets | holding):
        vault = account.ask("backup", "describe_backup_vault", BackupVaultName=name)
        arn = vault["BackupVaultArn"]
        yield Subject(arn, tokens.BACKUP_VAULT, vault, _tags(arn, account))


def _tags(arn: str, account: Account) -> dict[str, str]:
    return dict(account.ask("backup", "list_tags", ResourceArn=arn).get("Tags", {}))


def _listed(value: Value) -> list[str]:
    """A list that a provider keeps as text; none where it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return []
    return [str(each) for each in value] if is_sequence(value) else []
