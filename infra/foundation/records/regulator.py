"""What the regulator gets: a bucket of exports, and, for the time of a request, a role that reads and does no more.

The role sees what was recorded and how it is kept: what the archive holds and until when, the trail, the recorded
configuration, the backups. Of contents it reads the exports alone; players' rows, secrets and the archive's personal
data reach a regulator as an export, which somebody made and signed. Nobody has standing access: without the settings
of a request there is no role, and at most 90 days after its beginning it no longer opens (REG-1).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.names import exports_name, regulator_role_name, trail_arn
from infra.foundation.records.accesslogs import AccessLogs
from infra.foundation.records.archive import ARCHIVE_LOOK, OBJECT_LOOK, Archive
from infra.foundation.records.bucket import PrivateBucket
from infra.settings import StackSettings
from infra.settings.retention import LockMode, Retention

SESSION_SECONDS: Final = 3600
MFA_SECONDS: Final = 3600
"""How long ago the second factor may have been given, at most."""

_TRAIL: Final = (
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetInsightSelectors",
    "cloudtrail:GetTrail",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:ListTags",
)
_ACCOUNT: Final = (
    "backup:ListBackupJobs",
    "backup:ListBackupVaults",
    "backup:ListCopyJobs",
    "backup:ListRestoreJobs",
    "cloudtrail:DescribeTrails",
    "cloudtrail:LookupEvents",
    "config:DescribeComplianceByConfigRule",
    "config:DescribeConfigRules",
    "config:GetResourceConfigHistory",
    "config:ListDiscoveredResources",
)
"""What AWS lets one ask of an account as a whole only."""
_CONFIG: Final = {
    "configuration-recorder": ("config:DescribeConfigurationRecorderStatus", "config:DescribeConfigurationRecorders"),
    "config-rule": ("config:GetComplianceDetailsByConfigRule",),
    "conformance-pack": ("config:DescribeConformancePackCompliance", "config:GetConformancePackComplianceDetails"),
}
"""Kinds of resources whose names end in an id that AWS makes up, and what may be asked of each."""
_VAULTS: Final = (
    "backup:DescribeBackupVault",
    "backup:GetBackupVaultAccessPolicy",
    "backup:ListRecoveryPointsByBackupVault",
)
_NEVER: Final = (
    "eks:AccessKubernetesApi",
    "kafka-cluster:Connect",
    "rds-data:BatchExecuteStatement",
    "rds-data:ExecuteStatement",
    "rds-db:connect",
    "secretsmanager:GetSecretValue",
)
"""The ways to players' rows; denied by name, so that no policy added later opens one."""


class Exports(Component):
    """The bucket from which the regulator downloads. It is there before anybody asks, so that an answer can be ready.

    Its lock can be lifted, for an export may hold personal data: GOVERNANCE guards against a mistake, and the data
    protection officer can still have something deleted.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        access_logs: AccessLogs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Exports", name, settings, opts)
        self.store = PrivateBucket(self, "bucket", exports_name(settings), keys.arn(Purpose.EXPORTS), object_lock=True)
        self.store.lock(LockMode.GOVERNANCE, Retention(days=settings.export_lock_days))
        self.store.expire("expire-answered", settings.export_days)
        self.store.log_to(access_logs)
        self.key_arn = keys.arn(Purpose.EXPORTS)
        self.register_outputs({"bucket": self.store.bucket.id})

    def tags(self, part: str) -> dict[str, str]:
        """As everywhere, with the word by which a guardrail tells this lock from the archive's."""
        return {**super().tags(part), "valletta:holds": "exports"}


class Regulator(Component):
    """The regulator's role, between the two moments of its settings: control REG-1."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        archive: Archive,
        exports: Exports,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Regulator", name, settings, opts)
        self.role = aws.iam.Role(
            self.child_name("reader"),
            name=regulator_role_name(settings),
            description="The regulator reads what was recorded and how it is kept, for the time of a request",
            assume_role_policy=iam.document(_trust(settings)),
            max_session_duration=SESSION_SECONDS,
            tags={**self.tags("reader"), "valletta:request": settings.regulator_request or ""},
            opts=self.child(),
        )
        aws.iam.RolePolicy(
            self.child_name("reader"),
            role=self.role.name,
            policy=iam.document(*_rights(settings, archive, exports), *_bounds(settings, exports)),
            opts=self.child(),
        )
        self.register_outputs({"role_arn": self.role.arn})


def _trust(settings: StackSettings) -> iam.Statement:
    """Whoever the regulator's own accounts let in, with a second factor of this hour, between the two moments."""
    return iam.assume(
        {"AWS": [f"arn:aws:iam::{each}:root" for each in settings.regulator_account_ids]},
        {
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": str(MFA_SECONDS)},
            "DateGreaterThan": {"aws:CurrentTime": _moment(settings.regulator_access_from)},
            "DateLessThan": {"aws:CurrentTime": _moment(settings.regulator_access_until)},
        },
    )


def _rights(settings: StackSettings, archive: Archive, exports: Exports) -> list[iam.Statement]:
    downloads, locked = exports.store.arn, archive.locked.arn
    vaults = f"arn:aws:backup:{settings.region}:{settings.account_id}:backup-vault:{settings.prefix}-*"
    s3 = {"StringEquals": {"kms:ViaService": f"s3.{settings.region}.amazonaws.com"}}
    plans = f"arn:aws:backup:{settings.region}:{settings.account_id}:restore-testing-plan:*"
    config = f"arn:aws:config:{settings.region}:{settings.account_id}"
    region = {"StringEquals": {"aws:RequestedRegion": settings.region}}
    return [
        iam.allow("SeeRecords", ARCHIVE_LOOK, [locked, downloads]),
        iam.allow("SeeLocksOfRecords", OBJECT_LOOK, [f"{locked}/*", f"{downloads}/*"]),
        iam.allow("Download", ["s3:GetObject", "s3:GetObjectVersion"], f"{downloads}/*"),
        iam.allow("DecryptExports", ["kms:Decrypt"], exports.key_arn, condition=s3),
        iam.allow("SeeTrail", _TRAIL, trail_arn(settings)),
        iam.allow("SeeBackups", _VAULTS, vaults),
        iam.allow("SeeRestoreTests", ["backup:GetRestoreTestingPlan"], plans),
        *(
            iam.allow(f"See{''.join(each.title() for each in kind.split('-'))}s", actions, f"{config}:{kind}/*")
            for kind, actions in _CONFIG.items()
        ),
        iam.allow("SeeAccount", _ACCOUNT, "*", condition=region),
    ]


def _bounds(settings: StackSettings, exports: Exports) -> list[dict[str, Any]]:
    """What no other policy can give this role: players' rows, another key, another hour."""
    over = {"DateGreaterThan": {"aws:CurrentTime": _moment(settings.regulator_access_until)}}
    return [
        dict(iam.deny("NeverPlayersRows", _NEVER, "*")),
        {"Sid": "NoOtherKey", "Effect": "Deny", "Action": ["kms:Decrypt"], "NotResource": [exports.key_arn]},
        # A session that was opened in the last hour does not outlive the access.
        dict(iam.deny("NothingAfterTheEnd", ["*"], "*", condition=over)),
    ]


def _moment(at: datetime | None) -> str:
    """A moment as IAM compares it; the settings have one wherever the role is declared."""
    if at is None:
        raise ValueError("the regulator's access has no end; the settings refuse that before anything is declared")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
