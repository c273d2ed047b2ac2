"""Who may use which key, and through which service: a policy for each purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from infra.foundation import iam
from infra.foundation.names import detectors_arn, topic_arn, trail_arn
from infra.settings import StackSettings

_ADMINISTRATION: Final = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_USE: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*")


class Purpose(StrEnum):
    """What a key encrypts."""

    LANDING = "landing"
    ARCHIVE = "archive"
    LOGS = "logs"
    CLUSTER = "cluster"
    VOLUMES = "volumes"
    STREAMING = "streaming"
    DATABASE = "database"
    SECRETS = "secrets"
    REGISTRY = "registry"
    EXPORTS = "exports"
    BACKUP = "backup"
    NOTIFICATIONS = "notifications"
    METRICS = "metrics"


_SERVICES: Final[Mapping[Purpose, tuple[str, ...]]] = {
    Purpose.LANDING: ("s3",),
    Purpose.ARCHIVE: ("s3",),
    Purpose.LOGS: (),
    Purpose.CLUSTER: ("eks",),
    Purpose.VOLUMES: ("ec2",),
    Purpose.STREAMING: ("kafka",),
    Purpose.DATABASE: ("rds",),
    Purpose.SECRETS: ("secretsmanager",),
    Purpose.REGISTRY: ("ecr",),
    Purpose.EXPORTS: ("s3",),
    Purpose.BACKUP: ("backup",),
    Purpose.NOTIFICATIONS: ("sns",),
    Purpose.METRICS: ("aps",),
}
"""Through which AWS services a key may be used by principals whom IAM lets; nobody uses a key directly."""

TOPIC_PUBLISHERS: Final = (
    "aps.amazonaws.com",
    "budgets.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "costalerts.amazonaws.com",
    "events.amazonaws.com",
    "events.rds.amazonaws.com",
)
"""The services that publish to the topic of alarms."""


def statements(purpose: Purpose, settings: StackSettings) -> list[iam.Statement]:
    """The key policy of `purpose`: its account administers it, and each service has what it needs and no more."""
    account = settings.log_archive_account_id if purpose is Purpose.ARCHIVE else None
    owner = iam.root_of(account or settings.account_id)
    # The passwords of Kafka's users lie under its key: MSK takes none under AWS's own.
    passwords = ("secretsmanager",) if purpose is Purpose.STREAMING and settings.kafka_scram_users else ()
    return [*owned(owner, settings.region, (*_SERVICES[purpose], *passwords)), *_for_services(purpose, settings)]


def owned(owner: Mapping[str, str], region: str, services: Sequence[str]) -> list[iam.Statement]:
    """The account `owner` administers the key, and its IAM policies say who uses it, through `services` only."""
    administer = iam.allow("Administer", _ADMINISTRATION, "*", principal=owner)
    return [administer, *(_use_through_services(owner, region, services) if services else [])]


def _use_through_services(owner: Mapping[str, str], region: str, services: Sequence[str]) -> list[iam.Statement]:
    via = [f"{each}.{region}.amazonaws.com" for each in services]
    through = {"StringEquals": {"kms:ViaService": via}}
    grants = {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.allow("UseThroughService", _USE, "*", principal=owner, condition=through),
        iam.allow("GrantThroughService", ["kms:CreateGrant"], "*", principal=owner, condition=grants),
    ]


def _for_services(purpose: Purpose, settings: StackSettings) -> list[iam.Statement]:
    """What services need that act for themselves and not for a caller."""
    needed = {
        Purpose.LOGS: [log_groups(settings.account_id, settings.region), *_trail(settings)],
        Purpose.LANDING: [*_trail(settings), _log_delivery(settings), _recorder(settings), _findings(settings)],
        Purpose.VOLUMES: _auto_scaling(settings),
        Purpose.NOTIFICATIONS: [_publishers(settings)],
        Purpose.ARCHIVE: [replication(settings, settings.region)] if settings.log_archive_account_id else [],
        Purpose.DATABASE: _backup_elsewhere(settings.backup_account_id, settings.region),
    }
    return needed.get(purpose, [])


def log_groups(account_id: str, region: str) -> iam.Statement:
    """CloudWatch Logs encrypts the log groups of an account in a region."""
    groups = f"arn:aws:logs:{region}:{account_id}:log-group:*"
    return iam.allow(
        "EncryptLogGroups",
        _USE,
        "*",
        principal=iam.service(f"logs.{region}.amazonaws.com"),
        condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )


def _trail(settings: StackSettings) -> list[iam.Statement]:
    trail = trail_arn(settings)
    principal = iam.service("cloudtrail.amazonaws.com")
    return [
        iam.allow(
            "EncryptTrail",
            ["kms:GenerateDataKey*"],
            "*",
            principal=principal,
            condition={
                "StringEquals": {"aws:SourceArn": trail},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"{trail.rpartition('/')[0]}/*"},
            },
        ),
        iam.allow(
            "DescribeForTrail",
            ["kms:DescribeKey"],
            "*",
            principal=principal,
            condition={"StringEquals": {"aws:SourceArn": trail}},
        ),
    ]


def _log_delivery(settings: StackSettings) -> iam.Statement:
    """Vended logs (Kafka's broker logs) are written by the delivery service."""
    source = {"aws:SourceAccount": settings.account_id}
    return iam.allow(
        "EncryptDeliveredLogs",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
        principal=iam.service("delivery.logs.amazonaws.com"),
        condition={"StringEquals": source},
    )


def _recorder(settings: StackSettings) -> iam.Statement:
    """AWS Config delivers what it recorded as itself where its recorder has the service-linked role."""
    return iam.allow(
        "EncryptRecordings",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
        principal=iam.service("config.amazonaws.com"),
        condition={"StringEquals": {"aws:SourceAccount": settings.account_id}},
    )


def _findings(settings: StackSettings) -> iam.Statement:
    """GuardDuty exports its findings as itself."""
    return iam.allow(
        "EncryptFindings",
        ["kms:GenerateDataKey"],
        "*",
        principal=iam.service("guardduty.amazonaws.com"),
        condition={
            "StringEquals": {"aws:SourceAccount": settings.account_id},
            "ArnLike": {"aws:SourceArn": detectors_arn(settings)},
        },
    )


def _publishers(settings: StackSettings) -> iam.Statement:
    """Services that publish to the stack's topic; who may publish at all, the topic's own policy says.

    The request comes from the topic. EventBridge's carries no `aws:SourceAccount` (AWS says so under "Amazon SNS key
    management"): with that condition each notification would be lost in silence.
    """
    return iam.allow(
        "EncryptNotifications",
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        "*",
        principal={"Service": list(TOPIC_PUBLISHERS)},
        condition={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": topic_arn(settings)}},
    )


def _auto_scaling(settings: StackSettings) -> list[iam.Statement]:
    """EC2 Auto Scaling encrypts volumes as its service-linked role, which a fresh account may not have yet.

    A policy that names a missing role is refused by KMS, so it is told by a condition.
    """
    path = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    role = f"arn:aws:iam::{settings.account_id}:role/{path}"
    caller = {"kms:CallerAccount": settings.account_id, "aws:PrincipalArn": role}
    grants: dict[str, Any] = {"StringEquals": caller, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.allow("UseByAutoScaling", _USE, "*", principal=iam.ANYONE, condition={"StringEquals": caller}),
        iam.allow("GrantByAutoScaling", ["kms:CreateGrant"], "*", principal=iam.ANYONE, condition=grants),
    ]


def _backup_elsewhere(account_id: str | None, region: str) -> list[iam.Statement]:
    """A snapshot is copied by the account that takes it, which must read what our key encrypted."""
    if account_id is None:
        return []
    principal = iam.root_of(account_id)
    through: dict[str, Any] = {"StringEquals": {"kms:ViaService": [f"rds.{region}.amazonaws.com"]}}
    grants = {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.allow("ReadForCopies", ["kms:Decrypt", "kms:DescribeKey"], "*", principal=principal, condition=through),
        iam.allow("GrantForCopies", ["kms:CreateGrant"], "*", principal=principal, condition=grants),
    ]


def replication(settings: StackSettings, region: str) -> iam.Statement:
    """Replicas in `region` are encrypted by the role of the account that they come from."""
    through = {"kms:ViaService": f"s3.{region}.amazonaws.com"}
    return iam.allow(
        "EncryptReplicas",
        ["kms:Encrypt", "kms:GenerateDataKey*"],
        "*",
        principal=iam.root_of(settings.account_id),
        condition={"StringEquals": through},
    )
