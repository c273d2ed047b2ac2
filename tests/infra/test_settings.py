"""Settings: every bad one is refused with its key, its value and what would be right."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import Environment, Nat, SettingsError, StackSettings
from infra.settings.retention import LockMode, Retention
from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (LOCAL, {"environment": None}, "valletta:environment is not set, and has no default"),
    (LOCAL, {"environment": "prod"}, "valletta:environment is 'prod': Input should be 'local', 'staging' or"),
    (LOCAL, {"account_id": "12345"}, "valletta:account_id is '12345'"),
    (LOCAL, {"region": "us-east-1"}, "valletta:region is 'us-east-1': regulated data stays in the EU; the regions are"),
    (LOCAL, {"region": "eu-west-2"}, "regulated data stays in the EU"),
    (LOCAL, {"layer": "aws"}, "valletta:layer is 'aws': Input should be 'foundation', 'workloads' or 'all'"),
    (LOCAL, {"layer": "workloads"}, "valletta:foundation_stack is not set; the layer workloads reads the outputs"),
    (LOCAL, {"foundation_stack": "acme/valletta/a"}, "but the layer is all, which declares its own foundation"),
    (LOCAL, {"name": "Staging"}, "valletta:name is 'Staging'"),
    (LOCAL, {"name": "a-name-much-too-long"}, "valletta:name is 'a-name-much-too-long'"),
    (LOCAL, {"expires": "soon"}, "valletta:expires is 'soon'"),
    (PRODUCTION, {"expires": "2027-01-31T12:00:00Z"}, "production is no ephemeral copy: leave it out"),
    (LOCAL, {"organization_id": "acme"}, "valletta:organization_id is 'acme'"),
    (LOCAL, {"log_archive_account_id": "123456789012"}, "this stack's own; name another, or leave it out"),
    (
        LOCAL,
        {"vpc_cdir": "10.0.0.0/16"},
        "valletta:vpc_cdir is not a setting; did you mean 'vpc_cidr'?",
    ),
    (LOCAL, {"colour": "red"}, "valletta:colour is not a setting; the settings are account_baseline, account_id, "),
    (LOCAL, {"vpc_cidr": "10.0.0.0/24"}, "/24 is too small: eight zones with their pods need at least /20"),
    (LOCAL, {"vpc_cidr": "10.0.0.0/12"}, "/12 is larger than AWS allows, which is /16"),
    (LOCAL, {"vpc_cidr": "8.8.0.0/16"}, "the addresses are not private; take them from 10.0.0.0/8"),
    (LOCAL, {"vpc_cidr": "10.0.0.1/16"}, "a CIDR such as 10.0.0.0/16 is wanted (10.0.0.1/16 has host bits set)"),
    (LOCAL, {"vpc_cidr": "home"}, "a CIDR such as 10.0.0.0/16 is wanted"),
    (LOCAL, {"nat": "per_zone"}, "valletta:nat is 'per_zone': Input should be 'per-zone' or 'single'"),
    (LOCAL, {"availability_zones": "eu-west-1a"}, "which is not the YAML list or mapping it must be"),
    (LOCAL, {"availability_zones": '["eu-west-1a"]'}, "has 1 zones; between 2 and 6 are wanted"),
    (LOCAL, {"availability_zones": '["eu-west-1a", "eu-north-1b"]'}, "'eu-north-1b', which is not a zone of eu-west-1"),
    (LOCAL, {"availability_zones": '["eu-west-1a", "eu-west-1z"]'}, "zones are named eu-west-1a to eu-west-1h"),
    (LOCAL, {"availability_zones": '["eu-west-1a", "eu-west-1a", "eu-west-1b"]'}, "names 'eu-west-1a' more than once"),
    (LOCAL, {"availability_zones": '["eu-west-1a", "eu-west-1b"]'}, "makes 2 brokers over the zones"),
    (LOCAL, {"cluster_version": "1.20"}, "valletta:cluster_version is '1.20'"),
    (LOCAL, {"node_instance_types": "[]"}, "valletta:node_instance_types is []"),
    (LOCAL, {"node_min": "0"}, "valletta:node_min is '0': Input should be greater than or equal to 1"),
    (LOCAL, {"node_min": "many"}, "valletta:node_min is 'many': Input should be a valid integer"),
    (LOCAL, {"node_min": "5", "node_max": "4"}, "valletta:node_min is 5, more than valletta:node_max, which is 4"),
    (LOCAL, {"kafka_version": "2.8.1"}, "valletta:kafka_version is '2.8.1'"),
    (LOCAL, {"broker_instance_type": "m7g.large"}, "an MSK broker type is wanted, such as kafka.m7g.large"),
    (LOCAL, {"broker_storage_gib": "0"}, "valletta:broker_storage_gib is '0'"),
    (LOCAL, {"broker_storage_gib": "500"}, "valletta:broker_storage_gib is 500, more than valletta:broker_storage_max"),
    (LOCAL, {"database_instance_class": "m7g.large"}, "an RDS instance class is wanted, such as db.m7g.large"),
    (LOCAL, {"database_version": "9.6"}, "valletta:database_version is '9.6'"),
    (
        LOCAL,
        {"database_storage_gib": "500"},
        "valletta:database_storage_gib is 500, more than valletta:database_storage",
    ),
    (LOCAL, {"database_multi_az": "perhaps"}, "valletta:database_multi_az is 'perhaps'"),
    (
        LOCAL,
        {"database_backup_days": "36"},
        "valletta:database_backup_days is '36': Input should be less than or equal",
    ),
    (LOCAL, {"log_retention_days": "366"}, "CloudWatch Logs keeps logs for one of 1, 3, 5"),
    (LOCAL, {"log_retention_days": "-1"}, "CloudWatch Logs keeps logs for one of 1, 3, 5"),
    (LOCAL, {"archive_lock_mode": "NONE"}, "valletta:archive_lock_mode is 'NONE'"),
    (LOCAL, {"archive_lock_retention": "5 years"}, "a whole number of days or years, such as 14d or 5y"),
    (LOCAL, {"archive_lock_retention": "0d"}, "a whole number of days or years, such as 14d or 5y"),
    (LOCAL, {"archive_lock_retention": "101y"}, "S3 locks an object for at most 100 years"),
    (LOCAL, {"archive_lock_mode": "COMPLIANCE"}, "valletta:archive_lock_from is not set; a COMPLIANCE lock cannot be"),
    (LOCAL, {"shards": "0"}, "valletta:shards is '0'"),
    ({**PRODUCTION, "layer": "foundation"}, {"shards": "2"}, "valletta:shards is '2': the gateway speaks to 1 shard"),
    (LOCAL, {"shards": "2"}, "valletta:shards is '2': the gateway speaks to 1 shard"),
    (LOCAL, {"currency": "euro"}, "valletta:currency is 'euro'"),
    (LOCAL, {"image_digests": '{"gateway": "latest"}'}, "valletta:image_digests.gateway is 'latest'"),
    (PRODUCTION, {"archive_lock_from": None}, "name the day on which the archive goes into service"),
    (
        PRODUCTION,
        {"archive_lock_acknowledged_until": None},
        "is not set; what is written on 2027-01-01 stays locked until",
    ),
    (PRODUCTION, {"archive_lock_acknowledged_until": "2031-12-31"}, "set it to 2032-01-01 to say that this is underst"),
    (PRODUCTION, {"archive_lock_retention": "7y"}, "locked until 2034-01-01"),
    (PRODUCTION, {"archive_lock_mode": "GOVERNANCE"}, "production locks in COMPLIANCE mode (LOG-2)"),
    (PRODUCTION, {"archive_lock_retention": "4y"}, "production keeps audit records for 5y or longer (LOG-2)"),
    (PRODUCTION, {"archive_lock_retention": "1825d"}, "production keeps audit records for 5y or longer (LOG-2)"),
    (PRODUCTION, {"database_multi_az": "false"}, "production survives the loss of a zone (BCP-1)"),
    (PRODUCTION, {"availability_zones": '["eu-west-1a", "eu-west-1b"]'}, "has 2; production needs 3 (BCP-1)"),
    (PRODUCTION, {"database_backup_days": "6"}, "valletta:database_backup_days is 6; production needs 7 or more"),
    (PRODUCTION, {"log_retention_days": "180"}, "valletta:log_retention_days is 180; production needs 365 or more"),
    (PRODUCTION, {"broker_instance_type": "kafka.t3.small"}, "whose CPU runs on credits; production needs"),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[json.dumps(each[1]) for each in REFUSED])
def test_a_setting_that_cannot_stand_is_refused_and_told(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_every_finding_is_told_at_once_a_line_each() -> None:
    with pytest.raises(SettingsError) as refusal:
        settings(LOCAL, region="us-east-1", node_min="0", currency="euro")
    assert [line.split()[0] for line in str(refusal.value).splitlines()] == [
        "valletta:region",
        "valletta:node_min",
        "valletta:currency",
    ]


def test_settings_of_other_namespaces_are_left_alone() -> None:
    config = {f"valletta:{key}": value for key, value in LOCAL.items()}
    assert StackSettings.from_config({**config, "aws:region": "us-east-1"}).region == "eu-west-1"


def test_production_defaults_to_the_regulatory_choice_everywhere() -> None:
    stack = settings(PRODUCTION)
    assert stack.environment is Environment.PRODUCTION
    assert stack.nat is Nat.PER_ZONE
    assert stack.database_multi_az
    assert stack.database_backup_days == 35
    assert stack.archive_lock_mode is LockMode.COMPLIANCE
    assert stack.archive_lock_retention == Retention(years=5)
    assert stack.availability_zones == ("eu-west-1a", "eu-west-1b", "eu-west-1c")


def test_staging_locks_shortly_and_liftably() -> None:
    stack = settings({**LOCAL, "environment": "staging"})
    assert stack.archive_lock_mode is LockMode.GOVERNANCE
    assert stack.archive_lock_retention == Retention(days=14)


def test_an_image_without_a_digest_is_refused_outside_local() -> None:
    with pytest.raises(SettingsError, match="image_digests has no digest for 'ledger'"):
        settings(PRODUCTION).check_digests(["ledger"])
    settings(LOCAL).check_digests(["ledger"])


def test_a_digest_of_a_service_that_is_not_there_is_refused() -> None:
    digests = json.dumps({"legder": f"sha256:{'0' * 64}"})
    with pytest.raises(SettingsError, match="names 'legder', which is not a service; they are ledger"):
        settings(LOCAL, image_digests=digests).check_digests(["ledger"])


@given(st.integers(1, 100), st.dates(date(2026, 1, 1), date(2100, 12, 31)))
def test_a_lock_of_years_ends_on_the_same_day_of_the_calendar(years: int, start: date) -> None:
    end = Retention(years=years).end(start)
    leap_day = (start.month, start.day) == (2, 29)
    assert end.year == start.year + years
    assert (end.month, end.day) in {(start.month, start.day), *([(3, 1)] if leap_day else [])}


@given(st.integers(1, 20), st.dates(date(2026, 1, 1), date(2100, 12, 31)))
def test_a_retention_in_days_that_covers_years_never_ends_before_they_do(years: int, start: date) -> None:
    shortest = next(days for days in range(years * 365, years * 366 + 1) if Retention(days=days).covers_years(years))
    assert Retention(days=shortest).end(start) >= Retention(years=years).end(start)
