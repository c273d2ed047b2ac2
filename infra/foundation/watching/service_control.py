"""The service control policy: what nobody in the organisation's accounts can do, whatever their own policies allow.

It binds every principal of the accounts on which it lies, their root users included, but not the account that manages
the organisation, nor AWS's own service-linked roles. `python -m infra.foundation.watching.service_control --write`
writes it where the auditor reads it; a test fails when that file is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from infra.foundation import iam
from infra.settings.base import EU_REGIONS

LARGEST: Final = 5120
"""Characters that AWS Organizations allows the policy, without white space."""

DEPLOYMENT_ROLES: Final = (
    "valletta-production-deploy",
    "valletta-log-archive-deployment",
    "valletta-backup-deployment",
)
"""The roles that may alter, though never switch off, what watches an account: the pipeline's own, and those by which it
enters the accounts of the archive and the backups. Whole names: whoever may make a role could match a pattern."""

FILE: Final = Path(__file__).parents[3] / "docs" / "compliance" / "service-control-policy.json"

_RECORDS: Final = {"StringEquals": {"aws:ResourceTag/valletta:environment": "production"}}
_NOT_DEPLOYMENT: Final = {
    "ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::*:role/{role}" for role in DEPLOYMENT_ROLES]}
}

_WATCHERS_OFF: Final = (
    "access-analyzer:DeleteAnalyzer",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:DeletePublishingDestination",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:StopMonitoringMembers",
    "securityhub:DisableSecurityHub",
    "securityhub:DisassociateFromAdministratorAccount",
    "ec2:DeleteFlowLogs",
    "ec2:DisableEbsEncryptionByDefault",
    "ec2:DisableImageBlockPublicAccess",
    "ec2:DisableSnapshotBlockPublicAccess",
)
_WATCHERS_ALTERED: Final = (
    "cloudtrail:PutEventSelectors",
    "cloudtrail:PutInsightSelectors",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigRule",
    "config:PutConfigurationRecorder",
    "config:PutDeliveryChannel",
    "ec2:ModifyInstanceMetadataDefaults",
    "ec2:ModifyVpcBlockPublicAccessOptions",
    "guardduty:UpdateDetector",
    "s3:PutAccountPublicAccessBlock",
    "securityhub:BatchDisableStandards",
)
_LOCKS: Final = (
    "s3:BypassGovernanceRetention",
    "backup:DeleteBackupVaultLockConfiguration",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint",
    "backup:UpdateRecoveryPointLifecycle",
)
_BUCKETS_ALTERED: Final = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
_LOGS: Final = (
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DeleteMetricFilter",
    "logs:DeleteRetentionPolicy",
    "logs:PutRetentionPolicy",
)
_LOG_GROUPS: Final = (
    "arn:aws:logs:*:*:log-group:/aws/*/valletta-production*",
    "arn:aws:logs:*:*:log-group:/valletta/production*",
)
_ALARMS: Final = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "events:DeleteRule",
    "events:DisableRule",
    "events:RemoveTargets",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:Unsubscribe",
)
_ALARM_PLACES: Final = (
    "arn:aws:cloudwatch:*:*:alarm:valletta-*",
    "arn:aws:events:*:*:rule/valletta-*",
    "arn:aws:sns:*:*:valletta-*",
)
_GLOBAL: Final = (
    "account:*",
    "aws-portal:*",
    "billing:*",
    "budgets:*",
    "ce:*",
    "cloudfront:*",
    "cur:*",
    "ec2:DescribeRegions",
    "globalaccelerator:*",
    "health:*",
    "iam:*",
    "networkmanager:*",
    "organizations:*",
    "payments:*",
    "pricing:*",
    "route53:*",
    "route53domains:*",
    "s3:GetAccountPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "s3:PutAccountPublicAccessBlock",
    "shield:*",
    "sts:*",
    "support:*",
    "tax:*",
    "trustedadvisor:*",
    "wafv2:*",
)
"""Services whose one endpoint lies outside any region of ours."""


def statements(regions: Iterable[str]) -> list[iam.Statement]:
    """The policy's statements, for accounts whose work stays in `regions`."""
    buckets = ["arn:aws:s3:::valletta-*-archive-*", "arn:aws:s3:::valletta-*-landing-*"]
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    root = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}
    return [
        iam.deny("Leave", ["organizations:LeaveOrganization", "account:CloseAccount"], "*"),
        iam.deny("RootUser", ["*"], "*", condition=root),
        {"Sid": "Regions", "Effect": "Deny", "NotAction": list(_GLOBAL), "Resource": "*", "Condition": elsewhere},
        iam.deny("WatchersOff", _WATCHERS_OFF, "*"),
        iam.deny("WatchersAltered", _WATCHERS_ALTERED, "*", condition=_NOT_DEPLOYMENT),
        iam.deny("Locks", _LOCKS, "*"),
        iam.deny("RecordBuckets", _BUCKETS_ALTERED, buckets, condition=_NOT_DEPLOYMENT),
        iam.deny(
            "RecordKeys",
            ["kms:DeleteAlias", "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource"],
            "*",
            condition={**_RECORDS, **_NOT_DEPLOYMENT},
        ),
        iam.deny("Logs", _LOGS, _LOG_GROUPS, condition=_NOT_DEPLOYMENT),
        iam.deny("Alarms", _ALARMS, _ALARM_PLACES, condition=_NOT_DEPLOYMENT),
        *_unencrypted(),
    ]


def _unencrypted() -> list[iam.Statement]:
    """Nothing new lies in plain text: control CRY-1."""
    kinds = {
        "PlainVolumes": ("ec2:CreateVolume", "ec2:Encrypted"),
        "PlainDatabases": ("rds:CreateDBInstance", "rds:StorageEncrypted"),
        "PlainFiles": ("elasticfilesystem:CreateFileSystem", "elasticfilesystem:Encrypted"),
    }
    return [iam.deny(sid, [action], "*", condition={"Bool": {key: "false"}}) for sid, (action, key) in kinds.items()]


def document(regions: Iterable[str] = EU_REGIONS) -> dict[str, Any]:
    """The policy."""
    return {"Version": iam.POLICY_VERSION, "Statement": statements(regions)}


def compact(regions: Iterable[str] = EU_REGIONS) -> str:
    """The policy as it is sent to AWS: without white space, which counts."""
    return json.dumps(document(regions), separators=(",", ":"), sort_keys=True)


def rendered() -> str:
    """The policy as the file has it."""
    return json.dumps(document(), indent=2, sort_keys=True) + "\n"


def main() -> int:
    """Write the file, or say whether it is stale; 0 when it was written or agrees, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.foundation.watching.service_control", description=main.__doc__
    )
    parser.add_argument("--write", action="store_true", help="write the file anew")
    if parser.parse_args().write:
        FILE.write_text(rendered())
        return 0
    stale = not FILE.exists() or FILE.read_text() != rendered()
    sys.stdout.write(f"{FILE.name}: {'stale' if stale else 'agrees'}\n")
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())
