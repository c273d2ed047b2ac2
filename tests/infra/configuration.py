"""Configurations as a stack's file has them, and what is said to one that cannot stand."""

from __future__ import annotations

import pytest

from infra.settings import SettingsError, StackSettings

LOCAL = {"environment": "local", "account_id": "123456789012", "region": "eu-west-1"}
PRODUCTION = {
    "environment": "production",
    "account_id": "123456789012",
    "region": "eu-west-1",
    "archive_lock_from": "2027-01-01",
    "archive_lock_acknowledged_until": "2032-01-01",
    "alarm_emails": '["security@exchange.example"]',
    "backup_region": "eu-central-1",
    "backup_lock_from": "2027-01-01",
    "backup_lock_acknowledged_until": "2028-02-05",
}


def settings(base: dict[str, str], **given: str | None) -> StackSettings:
    merged = {key: value for key, value in {**base, **given}.items() if value is not None}
    return StackSettings.from_config({f"valletta:{key}": value for key, value in merged.items()})


def assert_refused(base: dict[str, str], changed: dict[str, str | None], told: str) -> None:
    """The configuration `base`, with `changed` (None takes a key away), is refused in words that have `told`."""
    with pytest.raises(SettingsError) as refusal:
        settings(base, **changed)
    assert told in str(refusal.value)
