"""Who may use which key, and through which service: a policy for each purpose."""

from __future__ import annotations

from collections.abc import Mapping
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
    NOTIFICATIONS = "notifications"


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
    Purpose.NOTIFICATIONS: ("sns",),
}
"""Through which AWS services a key may be used by principals whom IAM lets; nobody uses a key directly."""

TOPIC_PUBLISHERS: Final = (
    "budgets.amazonaws.com",
    "cloudwatch.amazonaws.com",
    "costalerts.amazonaws.com",
    "events.amazonaws.com",
)
"""The services that publish to the topic of alarms."""


def statements(purpose: Purpose, settings: StackSettings) -> list[iam.Statement]:
    """The key policy of `purpose`: its account administers it, and each service has what it needs and no more."""
    account = settings.log_archive_account_id if purpose is Purpose.ARCHIVE else None
    owner = iam.root_of(account or settings.account_id)
    through = _use_through_services(purpose, settings, owner) if _SERVICES[purpose] else []
    return [
        iam.allow("Administer", _ADMINISTRATION, "*", principal=owner),
        *through,
        *_for_services(purpose, settings),
    ]


def _use_through_services(purpose: Purpose, settings: StackSettings, owner: Mapping[str, str]) -> list[iam.Statement]:
    via = [f"{each}.{settings.region}.amazonaws.com" for each in _SERVICES[purpose]]
    through = {"StringEquals": {"kms:ViaService": via}}
    grants = {**through, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        iam.allow("UseThroughService", _USE, "*", principal=owner, condition=through),
        iam.allow("GrantThroughService", ["kms:CreateGrant"], "*", principal=owner, condition=grants),
    ]


def _for_services(purpose: Purpose, settings: StackSettings) -> list[iam.Statement]:
    """What services need that act for themselves and not for a caller."""
    match purpose:
        case Purpose.LOGS:
            return [_log_groups(settings), *_trail(settings)]
        case Purpose.LANDING:
            return [*_trail(settings), _log_delivery(settings), _recorder(settings), _findings(settings)]
        case Purpose.VOLUMES:
            return _auto_scaling(settings)
        case Purpose.NOTIFICATIONS:
            return [_publishers(settings)]
        case Purpose.ARCHIVE if settings.log_archive_account_id:
            return [_replication(settings)]
        case _:
            return []


def _log_groups(settings: StackSettings) -> iam.Statement:
    groups = f"arn:aws:logs:{settings.region}:{settings.account_id}:log-group:*"
    return iam.allow(
        "EncryptLogGroups",
        _USE,
        "*",
        principal=iam.service(f"logs.{settings.region}.amazonaws.com"),
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


def _replication(settings: StackSettings) -> iam.Statement:
    """Replicas are encrypted by the role of the account that they come from."""
    through = {"kms:ViaService": f"s3.{settings.region}.amazonaws.com"}
    return iam.allow(
        "EncryptReplicas",
        ["kms:Encrypt", "kms:GenerateDataKey*"],
        "*",
        principal=iam.root_of(settings.account_id),
        condition={"StringEquals": through},
    )
