"""The settings of what is kept for the auditor: how long logs live, where the archive lies, how it is locked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from infra.settings.base import AccountId, Defaults, Environment, Layer, StackIdentity
from infra.settings.locks import Lock
from infra.settings.retention import LockMode, Retention

LOG_RETENTION_DAYS: Final = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""The retentions that CloudWatch Logs accepts, in days; "never" is left out on purpose."""

REGULATORY_YEARS: Final = 5
"""The shortest retention of audit records in production: GLI-19 2.8.1, control LOG-2."""

RECORD_LOG_DAYS: Final = 365


def _log_retention_days(value: object) -> object:
    """One of the retentions that CloudWatch Logs knows."""
    if not str(value).isdigit() or int(str(value)) not in LOG_RETENTION_DAYS:
        raise ValueError(f"CloudWatch Logs keeps logs for one of {', '.join(map(str, LOG_RETENTION_DAYS))} days")
    return value


class RecordSettings(StackIdentity):
    """Logs, the landing bucket and the locked archive."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "landing_days": 7,
        "log_archive_account_id": None,
        "archive_lock_mode": LockMode.GOVERNANCE,
        "archive_lock_retention": "1d",
        "archive_lock_from": None,
        "archive_lock_acknowledged_until": None,
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {"archive_lock_mode": LockMode.GOVERNANCE, "archive_lock_retention": "1d"},
        Environment.STAGING: {"archive_lock_mode": LockMode.GOVERNANCE, "archive_lock_retention": "14d"},
    }

    log_retention_days: Annotated[int, BeforeValidator(_log_retention_days)] = 365
    landing_days: Annotated[int, Field(ge=7, le=3650)] = 90
    log_archive_account_id: AccountId | None = None
    archive_lock_mode: LockMode = LockMode.COMPLIANCE
    archive_lock_retention: Retention = Retention(years=5)
    archive_lock_from: date | None = None
    archive_lock_acknowledged_until: date | None = None

    def findings(self) -> Iterator[str]:
        """Logs of records live a year; the lock is long enough in production."""
        if self.account_id == self.log_archive_account_id:
            other = self.log_archive_account_id
            yield f"valletta:log_archive_account_id is {other}, this stack's own; name another, or leave it out"
        if self.keeps_records and self.log_retention_days < RECORD_LOG_DAYS:
            days, kind = self.log_retention_days, self.environment
            yield f"valletta:log_retention_days is {days}; {kind} needs {RECORD_LOG_DAYS} or more (LOG-3)"
        if self.environment is Environment.PRODUCTION:
            yield from self._production_findings()

    def locks(self) -> Iterator[Lock]:
        """The archive's."""
        yield Lock(
            key="archive_lock",
            place="the archive",
            mode=self.archive_lock_mode,
            retention=self.archive_lock_retention,
            start=self.archive_lock_from,
            acknowledged=self.archive_lock_acknowledged_until,
        )

    def _production_findings(self) -> Iterator[str]:
        mode, retention = self.archive_lock_mode, self.archive_lock_retention
        if mode is not LockMode.COMPLIANCE:
            yield f"valletta:archive_lock_mode is {mode}; production locks in COMPLIANCE mode (LOG-2)"
        if not retention.covers_years(REGULATORY_YEARS):
            yield (
                f"valletta:archive_lock_retention is {retention}; "
                f"production keeps audit records for {REGULATORY_YEARS}y or longer (LOG-2)"
            )
