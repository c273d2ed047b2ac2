"""The settings of the backups: how long they live, how their vault is locked, and where else they lie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from infra.settings.base import AccountId, Defaults, Environment, Layer, Region, StackIdentity
from infra.settings.locks import Lock
from infra.settings.retention import LockMode, Retention
from infra.settings.rules import order_findings

VAULT_LOCK_DAYS: Final = 35
"""The shortest time for which a vault of records keeps a backup: control BCP-2."""


class BackupSettings(StackIdentity):
    """AWS Backup: the vault and its copies in another region and another account."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "backup_region": None,
        "backup_account_id": None,
        "backup_lock_mode": LockMode.GOVERNANCE,
        "backup_lock_from": None,
        "backup_lock_acknowledged_until": None,
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "backup_lock_mode": LockMode.GOVERNANCE,
            "backup_monthly_days": 90,
            "backup_region": "eu-north-1",
        },
        Environment.STAGING: {"backup_lock_mode": LockMode.GOVERNANCE, "backup_monthly_days": 90},
    }

    backup_daily_days: Annotated[int, Field(ge=1, le=36500)] = 35
    backup_monthly_days: Annotated[int, Field(ge=1, le=36500)] = 400
    # Another region of the EU, into whose vault every backup is copied.
    backup_region: Region | None = None
    # Another account of the organisation, into whose vault every backup is copied.
    backup_account_id: AccountId | None = None
    backup_lock_mode: LockMode = LockMode.COMPLIANCE
    backup_lock_min_days: Annotated[int, Field(ge=1, le=36500)] = VAULT_LOCK_DAYS
    # Days in which a COMPLIANCE lock can still be taken off; AWS demands three.
    backup_lock_changeable_days: Annotated[int, Field(ge=3, le=7)] = 7
    backup_lock_from: date | None = None
    backup_lock_acknowledged_until: date | None = None

    def findings(self) -> Iterator[str]:
        """The vault takes what the plan makes; copies lie elsewhere; in production the lock binds everybody."""
        yield from order_findings(self, "backup_lock_min_days", "backup_daily_days")
        yield from order_findings(self, "backup_daily_days", "backup_monthly_days")
        if self.backup_region == self.region:
            yield f"valletta:backup_region is {self.backup_region}, this stack's own; name another, or leave it out"
        if self.backup_account_id == self.account_id:
            yield f"valletta:backup_account_id is {self.account_id}, this stack's own; name another, or leave it out"
        if self.keeps_records and self.backup_lock_min_days < VAULT_LOCK_DAYS:
            days, kind = self.backup_lock_min_days, self.environment
            yield f"valletta:backup_lock_min_days is {days}; {kind} needs {VAULT_LOCK_DAYS} or more (BCP-2)"
        if self.environment is not Environment.PRODUCTION:
            return
        if self.backup_lock_mode is not LockMode.COMPLIANCE:
            mode = self.backup_lock_mode
            yield f"valletta:backup_lock_mode is {mode}; production locks in COMPLIANCE mode (BCP-2)"
        if self.backup_region is None:
            yield "valletta:backup_region is not set; production's backups survive the loss of its region (BCP-2)"

    def locks(self) -> Iterator[Lock]:
        """The vault's: a backup stays as long as the plan gives it, the monthly ones longest."""
        yield Lock(
            key="backup_lock",
            place="the backup vault",
            mode=self.backup_lock_mode,
            retention=Retention(days=max(self.backup_daily_days, self.backup_monthly_days)),
            start=self.backup_lock_from,
            acknowledged=self.backup_lock_acknowledged_until,
            liftable_days=self.backup_lock_changeable_days,
        )
