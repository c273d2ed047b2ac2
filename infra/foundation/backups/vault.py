"""A vault of backups that keeps what it is given: locked, under its own key, and deaf to whoever asks it to delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.settings import StackSettings
from infra.settings.retention import LockMode

DESTROYING: Final = (
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:DisassociateRecoveryPointFromParent",
    "backup:UpdateRecoveryPointLifecycle",
)
"""What ends a backup before its time, or makes an end come sooner."""


class Vault:
    """A vault with its lock and its policy as children of `owner`: control BCP-2.

    The lock has no longest retention: in COMPLIANCE it could never be raised again, should a law ask for more.
    `provider` makes it in another account, `region` in another region.
    """

    def __init__(
        self,
        owner: Component,
        part: str,
        key_arn: pulumi.Input[str],
        *,
        statements: Sequence[iam.Statement] = (),
        provider: pulumi.ProviderResource | None = None,
        region: str | None = None,
    ) -> None:
        settings, name = owner.settings, owner.child_name(part)
        self.vault = aws.backup.Vault(
            name,
            name=vault_name(settings),
            kms_key_arn=key_arn,
            force_destroy=not settings.keeps_records,
            region=region,
            tags=owner.tags(part),
            opts=owner.record_child(provider=provider),
        )
        permanent = settings.backup_lock_mode is LockMode.COMPLIANCE
        self.lock = aws.backup.VaultLockConfiguration(
            name,
            backup_vault_name=self.vault.name,
            min_retention_days=settings.backup_lock_min_days,
            changeable_for_days=settings.backup_lock_changeable_days if permanent else None,
            region=region,
            opts=owner.record_child(provider=provider),
        )
        self.policy = aws.backup.VaultPolicy(
            name,
            backup_vault_name=self.vault.name,
            policy=iam.document(iam.deny("KeepBackups", DESTROYING, "*", principal=iam.ANYONE), *statements),
            region=region,
            opts=owner.record_child(provider=provider),
        )


def vault_name(settings: StackSettings) -> str:
    """The name of the stack's vault, the same in every region and account."""
    return f"{settings.prefix}-records"


def vault_arn(settings: StackSettings, region: str, account_id: str) -> str:
    """The ARN of the stack's vault in a region and an account."""
    return f"arn:aws:backup:{region}:{account_id}:backup-vault:{vault_name(settings)}"
