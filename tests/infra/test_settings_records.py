"""Settings of backups, of the regulator's access and of the replica; and the guard over every lock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import StackSettings
from infra.settings.locks import Lock
from infra.settings.retention import LockMode, Retention
from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

STAGING = {**LOCAL, "environment": "staging"}
ACCESS = {
    "regulator_account_ids": '["999988887777"]',
    "regulator_access_from": "2027-01-01T00:00:00Z",
    "regulator_access_until": "2027-04-01T00:00:00Z",
    "regulator_request": "MGA/AUD/2027/031",
}
PLACE = {
    "replica_place": "Data centre of the licensee in Birkirkara",
    "replica_principal": "arn:aws:iam::222233334444:role/replica-puller",
    "replica_external_id": "birkirkara-4f6a1c9e27d0",
    "replica_signed_off": "LEGAL-2026-014",
}

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (LOCAL, {"backup_daily_days": "0"}, "valletta:backup_daily_days is '0'"),
    (
        LOCAL,
        {"backup_daily_days": "34"},
        "backup_lock_min_days is 35, more than valletta:backup_daily_days, which is 34",
    ),
    (LOCAL, {"backup_monthly_days": "34"}, "backup_daily_days is 35, more than valletta:backup_monthly_days"),
    (LOCAL, {"backup_region": "us-east-1"}, "regulated data stays in the EU"),
    (LOCAL, {"backup_region": "eu-west-1"}, "valletta:backup_region is eu-west-1, this stack's own"),
    (LOCAL, {"backup_account_id": "12"}, "valletta:backup_account_id is '12'"),
    (LOCAL, {"backup_account_id": "123456789012"}, "valletta:backup_account_id is 123456789012, this stack's own"),
    (LOCAL, {"backup_lock_mode": "NONE"}, "valletta:backup_lock_mode is 'NONE'"),
    (LOCAL, {"backup_lock_changeable_days": "2"}, "valletta:backup_lock_changeable_days is '2'"),
    (STAGING, {"backup_lock_min_days": "34"}, "staging needs 35 or more (BCP-2)"),
    (PRODUCTION, {"backup_lock_mode": "GOVERNANCE"}, "valletta:backup_lock_mode is GOVERNANCE; production locks in"),
    (PRODUCTION, {"backup_region": None}, "valletta:backup_region is not set; production's backups survive the loss"),
    (PRODUCTION, {"backup_lock_from": None}, "so name the day on which the backup vault goes into service"),
    (
        PRODUCTION,
        {"backup_lock_acknowledged_until": "2027-02-05"},
        "set it to 2028-02-05 to say that this is understood",
    ),
    (PRODUCTION, {"backup_monthly_days": "800"}, "what is written on 2027-01-01 stays locked until 2029-03-11"),
    (LOCAL, {"export_days": "29"}, "valletta:export_lock_days is 30, more than valletta:export_days, which is 29"),
    (LOCAL, {"export_lock_days": "0"}, "valletta:export_lock_days is '0'"),
    (
        STAGING,
        {**ACCESS, "regulator_request": None},
        "valletta:regulator_request not set; the regulator's access needs",
    ),
    (
        STAGING,
        {"regulator_account_ids": '["999988887777"]'},
        "valletta:regulator_access_from, valletta:regulator_access",
    ),
    (STAGING, {**ACCESS, "regulator_account_ids": '["123456789012"]'}, "holds 123456789012, this stack's own"),
    (STAGING, {**ACCESS, "regulator_account_ids": '["MGA"]'}, "valletta:regulator_account_ids.0 is 'MGA'"),
    (STAGING, {**ACCESS, "regulator_access_from": "2027-01-01"}, "valletta:regulator_access_from is '2027-01-01'"),
    (
        STAGING,
        {**ACCESS, "regulator_access_until": "2027-04-02T00:00:00Z"},
        "at most 90 days after, that is until 2027-04",
    ),
    (STAGING, {**ACCESS, "regulator_access_until": "2027-01-01T00:00:00Z"}, "it lies after regulator_access_from"),
    (STAGING, {**ACCESS, "regulator_request": "why?"}, "valletta:regulator_request is 'why?'"),
    (STAGING, {"replica_region": "eu-west-1"}, "valletta:replica_region is eu-west-1, this stack's own"),
    (
        STAGING,
        {"replica_region": "eu-south-1"},
        "valletta:replica_signed_off is not set; a replica in eu-south-1 moves",
    ),
    (
        STAGING,
        {**PLACE, "replica_signed_off": None},
        "valletta:replica_signed_off is not set; a replica in Data centre",
    ),
    (STAGING, {**PLACE, "replica_principal": None}, "valletta:replica_principal is not set; valletta:replica_place is"),
    (
        STAGING,
        {**PLACE, "replica_external_id": None},
        "valletta:replica_external_id is not set; valletta:replica_place",
    ),
    (STAGING, {**PLACE, "replica_external_id": "short"}, "valletta:replica_external_id is 'short'"),
    (
        STAGING,
        {**PLACE, "replica_principal": "arn:aws:iam::222233334444:root"},
        "valletta:replica_principal is 'arn:aws",
    ),
    (
        STAGING,
        {**PLACE, "replica_place": None},
        "is set, but valletta:replica_place is not: say where the replica lies",
    ),
    (
        PRODUCTION,
        {"replica_region": "eu-central-1", "replica_signed_off": "LEGAL-2026-014"},
        "valletta:replica_lock_from is not set; a COMPLIANCE lock cannot be undone by anybody",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED)
def test_a_bad_setting_is_refused_with_its_key_its_value_and_what_would_be_right(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_nobody_has_standing_access_and_nothing_is_replicated_unless_it_is_asked_for() -> None:
    stack = settings(STAGING)
    assert not stack.regulator_has_access
    assert (stack.replica_region, stack.replica_place) == (None, None)
    assert settings(STAGING, **ACCESS).regulator_has_access
    assert settings(STAGING, **PLACE).replica_place == PLACE["replica_place"]


def test_every_lock_of_production_says_when_it_ends_and_that_nobody_can_lift_it() -> None:
    locks = {lock.key: lock for lock in settings(PRODUCTION).all_locks}
    assert {key: lock.unlocks for key, lock in locks.items()} == {
        "archive_lock": date(2032, 1, 1),
        "backup_lock": date(2028, 2, 5),
    }
    assert str(locks["backup_lock"]) == (
        "COMPLIANCE: what is written on 2027-01-01 is locked until 2028-02-05, and nobody can lift it; "
        "the lock itself can be taken off before 2027-01-08, and never after"
    )


def test_staging_has_no_lock_that_nobody_can_lift() -> None:
    assert {lock.mode for lock in settings(STAGING).all_locks} == {LockMode.GOVERNANCE}
    assert "a privileged person can lift it" in str(settings(STAGING).all_locks[0])


def test_the_workloads_alone_are_not_asked_for_the_locks_of_their_foundation() -> None:
    unset = {key: None for key in PRODUCTION if "lock" in key or "backup" in key}
    workloads = {"layer": "workloads", "foundation_stack": "acme/valletta/production"}
    assert settings(PRODUCTION, **unset, **workloads).all_locks == []


@given(st.dates(date(2026, 1, 1), date(2090, 1, 1)), st.integers(1, 36500), st.integers(-400, 400))
def test_a_permanent_lock_is_accepted_with_its_own_end_and_no_other_day(start: date, days: int, off: int) -> None:
    end = start + timedelta(days=days)
    lock = Lock(
        key="any_lock",
        place="a place",
        mode=LockMode.COMPLIANCE,
        retention=Retention(days=days),
        start=start,
        acknowledged=end + timedelta(days=off),
    )
    assert (list(lock.findings()) == []) == (off == 0)


def test_every_section_that_sets_a_lock_has_the_settings_that_acknowledge_it() -> None:
    every = settings(STAGING, replica_region="eu-south-1", replica_signed_off="LEGAL-2026-014").all_locks
    assert {lock.key for lock in every} == {"archive_lock", "replica_lock", "backup_lock"}
    for lock in every:
        assert {f"{lock.key}_from", f"{lock.key}_acknowledged_until"} <= StackSettings.model_fields.keys()
