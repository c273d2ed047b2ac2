"""What the pipeline's roles may do, and what the one that may do most may not."""

from __future__ import annotations

from typing import Final

from infra.foundation import iam
from infra.foundation.names import pipeline_role_arn
from infra.settings import StackSettings

ROLES: Final = ("preview", "images", "deploy")

PASSED_TO: Final = (
    "backup.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
    "eks.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "pods.eks.amazonaws.com",
    "rds.amazonaws.com",
    "s3.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""The services that act with a role of the program's."""

_PULL: Final = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
)
_SCAN: Final = "ecr:DescribeImageScanFindings"
_PUSH: Final = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")
_LOGIN: Final = iam.allow("LogIn", ["ecr:GetAuthorizationToken"], "*")

_KEEP_ROLES: Final = (
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_KEEP_POLICIES: Final = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListPolicyVersions",
    "iam:TagPolicy",
    "iam:UntagPolicy",
)
_PEOPLE: Final = (
    "iam:AddUserToGroup",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateSAMLProvider",
    "iam:CreateUser",
    "iam:PutUserPolicy",
    "iam:UpdateSAMLProvider",
)
_ALTER_A_ROLE: Final = (
    "iam:AttachRolePolicy",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
)
_ALTER_A_PROVIDER: Final = (
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:CreateOpenIDConnectProvider",
    "iam:DeleteOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
)
_LIFT_LOCKS: Final = (
    "backup:DeleteBackupVaultLockConfiguration",
    "s3:BypassGovernanceRetention",
)
_STOP_RECORDS: Final = ("cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "config:StopConfigurationRecorder")


def preview(settings: StackSettings) -> list[iam.Statement]:
    """Beside AWS's policies for auditors: the images, to verify their signatures, and Pulumi's state."""
    return [_LOGIN, iam.allow("Pull", _PULL, _repositories(settings)), *_state(settings)]


def images(settings: StackSettings) -> list[iam.Statement]:
    """Push to the stack's repositories, and read what their scans found. A tag that is there stays what it is, for
    they are immutable.
    """
    return [_LOGIN, iam.allow("Push", [*_PULL, *_PUSH, _SCAN], _repositories(settings))]


def deploy(settings: StackSettings, issuer: str) -> list[iam.Statement]:
    """Beside AWS's policy for power users, which leaves IAM out: the program's own roles and policies."""
    roles, policies = _ours(settings, "role"), _ours(settings, "policy")
    attachable = ["arn:aws:iam::aws:policy/*", policies]
    administrators = f"arn:aws:iam::{settings.account_id}:role/valletta-*-cluster-administrator"
    return [
        iam.allow("KeepRoles", _KEEP_ROLES, roles),
        iam.allow(
            "AttachPolicies", ["iam:AttachRolePolicy"], roles, condition={"ArnLike": {"iam:PolicyARN": attachable}}
        ),
        iam.allow(
            "PassRoles", ["iam:PassRole"], roles, condition={"StringEquals": {"iam:PassedToService": list(PASSED_TO)}}
        ),
        iam.allow("KeepPolicies", _KEEP_POLICIES, policies),
        iam.allow("KeepPasswords", ["iam:GetAccountPasswordPolicy", "iam:UpdateAccountPasswordPolicy"], "*"),
        iam.allow("BecomeAdministrator", ["sts:AssumeRole"], [administrators, *_elsewhere(settings)]),
        *_limits(settings, issuer),
    ]


def _limits(settings: StackSettings, issuer: str) -> list[iam.Statement]:
    """What no pipeline does, whoever approved it; a person with a second factor may."""
    itself = [pipeline_role_arn(settings, each) for each in ROLES]
    provider = f"arn:aws:iam::{settings.account_id}:oidc-provider/{issuer}"
    return [
        iam.deny("NoPeople", _PEOPLE, "*"),
        iam.deny("NotItself", _ALTER_A_ROLE, itself),
        iam.deny("NotWhoMayTakeIt", _ALTER_A_PROVIDER, provider),
        iam.deny("NoLocksLifted", _LIFT_LOCKS, "*"),
        iam.deny("NoRecordsStopped", _STOP_RECORDS, "*"),
        iam.deny("NoAdministrators", ["iam:AttachRolePolicy"], "*", condition=_ADMINISTRATOR),
    ]


_ADMINISTRATOR: Final = {
    "ArnEquals": {
        "iam:PolicyARN": ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess"]
    }
}


def _state(settings: StackSettings) -> list[iam.Statement]:
    """Pulumi's state is read, and locked while it is read."""
    found = []
    if settings.state_bucket:
        bucket = f"arn:aws:s3:::{settings.state_bucket}"
        found += [
            iam.allow("FindState", ["s3:GetBucketLocation", "s3:ListBucket"], bucket),
            iam.allow("ReadState", ["s3:GetObject"], f"{bucket}/.pulumi/*"),
            iam.allow("LockState", ["s3:DeleteObject", "s3:PutObject"], f"{bucket}/.pulumi/locks/*"),
        ]
    if settings.state_key_arn:
        found.append(iam.allow("ReadConfiguration", ["kms:Decrypt"], settings.state_key_arn))
    return found


def _elsewhere(settings: StackSettings) -> list[str]:
    """The deployment roles of the other accounts that the program works in."""
    others = {
        "log-archive": settings.log_archive_account_id,
        "backup": settings.backup_account_id,
    }
    return [f"arn:aws:iam::{account}:role/valletta-{kind}-deployment" for kind, account in others.items() if account]


def _repositories(settings: StackSettings) -> str:
    return f"arn:aws:ecr:{settings.region}:{settings.account_id}:repository/valletta/*"


def _ours(settings: StackSettings, kind: str) -> str:
    return f"arn:aws:iam::{settings.account_id}:{kind}/valletta-*"
