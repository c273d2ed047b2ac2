"""The service control policy: what it denies to whom, and that the checked-in file is the policy."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

import pytest
from policy_sentry.querying.actions import get_actions_for_service

from infra.foundation.watching.service_control import DEPLOYMENT_ROLES, FILE, LARGEST, compact, document, rendered

ENGINEER = "arn:aws:iam::444455556666:role/engineer"
DEPLOYMENT = f"arn:aws:iam::444455556666:role/{DEPLOYMENT_ROLES[0]}"
ROOT = "arn:aws:iam::444455556666:root"
ARCHIVE = "arn:aws:s3:::valletta-production-archive-777788889999"
PRODUCTION_KEY = {"aws:ResourceTag/valletta:environment": "production"}


def matches(patterns: object, value: str) -> bool:
    listed = patterns if isinstance(patterns, list | tuple) else [patterns]
    return any(fnmatch.fnmatchcase(value, str(pattern)) for pattern in listed)


def holds(condition: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    """The few operators that the policy uses, as IAM defines them; an absent key satisfies only the negated ones."""
    for operator, tests in condition.items():
        negated = "Not" in operator
        for key, wanted in tests.items():
            found = key in context and matches(wanted, context[key])
            if found is negated:
                return False
    return True


def denied(action: str, who: str = ENGINEER, on: str = "*", **context: str) -> list[str]:
    """The statements that deny a request made in eu-west-1 unless the context says where."""
    known = {"aws:PrincipalArn": who, "aws:RequestedRegion": "eu-west-1", **context}
    return [each["Sid"] for each in document()["Statement"] if _applies(each, action, on, known)]


def _applies(statement: Mapping[str, Any], action: str, on: str, context: Mapping[str, str]) -> bool:
    acts = (
        matches(statement["Action"], action) if "Action" in statement else not matches(statement["NotAction"], action)
    )
    return acts and matches(statement["Resource"], on) and holds(statement.get("Condition", {}), context)


@pytest.mark.parametrize(
    ("action", "on"),
    [
        ("organizations:LeaveOrganization", "*"),
        ("cloudtrail:StopLogging", "*"),
        ("cloudtrail:DeleteTrail", "*"),
        ("config:StopConfigurationRecorder", "*"),
        ("guardduty:DeleteDetector", "*"),
        ("securityhub:DisableSecurityHub", "*"),
        ("ec2:DeleteFlowLogs", "*"),
        ("s3:BypassGovernanceRetention", f"{ARCHIVE}/a"),
        ("backup:DeleteBackupVaultLockConfiguration", "*"),
        ("backup:DeleteRecoveryPoint", "*"),
    ],
)
def test_nobody_switches_off_what_watches_or_locks_not_even_the_deployment(action: str, on: str) -> None:
    assert denied(action, ENGINEER, on)
    assert denied(action, DEPLOYMENT, on)


@pytest.mark.parametrize(
    ("action", "on", "context"),
    [
        ("cloudtrail:UpdateTrail", "*", {}),
        ("config:PutConfigurationRecorder", "*", {}),
        ("s3:PutBucketObjectLockConfiguration", ARCHIVE, {}),
        ("s3:PutLifecycleConfiguration", ARCHIVE, {}),
        ("kms:ScheduleKeyDeletion", "*", PRODUCTION_KEY),
        ("kms:UntagResource", "*", PRODUCTION_KEY),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:1:log-group:/valletta/production/trail", {}),
        ("sns:DeleteTopic", "arn:aws:sns:eu-west-1:1:valletta-production-alarms", {}),
        ("cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:eu-west-1:1:alarm:valletta-production-alarms-root-use", {}),
    ],
)
def test_what_watches_and_what_is_recorded_is_altered_by_the_deployment_alone(
    action: str, on: str, context: dict[str, str]
) -> None:
    assert denied(action, ENGINEER, on, **context)
    assert denied(action, DEPLOYMENT, on, **context) == []


@pytest.mark.parametrize("action", ["ec2:RunInstances", "s3:GetObject", "iam:CreateUser"])
def test_the_root_user_does_nothing(action: str) -> None:
    assert "RootUser" in denied(action, ROOT)


@pytest.mark.parametrize(
    ("action", "region", "regional"),
    [
        ("ec2:RunInstances", "us-east-1", True),
        ("s3:CreateBucket", "eu-west-2", True),
        ("kms:CreateKey", "us-east-1", True),
        ("rds:CreateDBInstance", "eu-central-1", False),
        ("iam:CreateRole", "us-east-1", False),
        ("route53:ChangeResourceRecordSets", "us-east-1", False),
        ("budgets:ModifyBudget", "us-east-1", False),
        ("sts:AssumeRole", "us-east-1", False),
    ],
)
def test_work_stays_in_the_allowed_regions_and_services_without_a_region_work_on(
    action: str, region: str, regional: bool
) -> None:
    assert ("Regions" in denied(action, **{"aws:RequestedRegion": region})) is regional


@pytest.mark.parametrize(
    ("action", "key"),
    [
        ("ec2:CreateVolume", "ec2:Encrypted"),
        ("rds:CreateDBInstance", "rds:StorageEncrypted"),
        ("elasticfilesystem:CreateFileSystem", "elasticfilesystem:Encrypted"),
    ],
)
def test_nothing_is_made_in_plain_text(action: str, key: str) -> None:
    assert denied(action, **{key: "false"})
    assert denied(action, **{key: "true"}) == []


@pytest.mark.parametrize(
    ("action", "on", "context"),
    [
        ("s3:PutObject", f"{ARCHIVE}/a", {}),
        ("s3:DeleteBucket", "arn:aws:s3:::somebody-elses", {}),
        ("kms:ScheduleKeyDeletion", "*", {"aws:ResourceTag/valletta:environment": "staging"}),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:1:log-group:/valletta/staging/trail", {}),
        ("eks:UpdateClusterConfig", "*", {}),
    ],
)
def test_daily_work_goes_on(action: str, on: str, context: dict[str, str]) -> None:
    assert denied(action, ENGINEER, on, **context) == []


def test_the_policy_only_denies_and_fits_what_organizations_takes() -> None:
    assert {each["Effect"] for each in document()["Statement"]} == {"Deny"}
    assert len(compact()) <= LARGEST
    sids = [each["Sid"] for each in document()["Statement"]]
    assert len(set(sids)) == len(sids)


def test_every_action_that_is_denied_exists() -> None:
    actions = {action for each in document()["Statement"] for action in each.get("Action", []) if action != "*"}
    services = {each.partition(":")[0] for each in actions}
    known = {action.lower() for service in services for action in get_actions_for_service(service)}
    assert sorted(each for each in actions if each.lower() not in known) == []


def test_the_checked_in_policy_is_the_policy() -> None:
    assert FILE.read_text() == rendered(), "write it anew: python -m infra.foundation.watching.service_control --write"
