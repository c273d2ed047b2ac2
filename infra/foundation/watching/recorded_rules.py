"""The managed rules by which AWS Config judges what it records: one a line, each for a control of the catalogue.

Security Hub brings its own rules for its standards. These are what a betting exchange's auditor asks first, with this
stack's own parameters; some of them no standard has (locks, replicas, brokers).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.settings import StackSettings


@dataclass(frozen=True)
class Rule:
    """A managed rule: AWS's identifier, the controls that it serves, and what it asks in our words."""

    identifier: str
    controls: tuple[str, ...]
    asks: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    bucket: str | None = None
    """The one bucket that it judges; all resources of its types where there is none."""


def rules(settings: StackSettings, archive: str, landing: str) -> tuple[Rule, ...]:
    """The rules of a stack, whose archive and landing buckets have these names."""
    own_archive = settings.log_archive_account_id is None
    return (*_EVERYWHERE, *_of_the_stack(settings, landing), *([_locked(settings, archive)] if own_archive else []))


def _locked(settings: StackSettings, archive: str) -> Rule:
    """In a log-archive account the bucket is out of this recorder's sight: that account's own looks at it."""
    return Rule(
        "S3_BUCKET_DEFAULT_LOCK_ENABLED",
        ("LOG-2",),
        "the archive locks what is written",
        {"mode": settings.archive_lock_mode.value},
        archive,
    )


def _of_the_stack(settings: StackSettings, landing: str) -> tuple[Rule, ...]:
    return (
        Rule("S3_BUCKET_REPLICATION_ENABLED", ("LOG-2",), "what lands is replicated into the archive", bucket=landing),
        Rule(
            "CW_LOGGROUP_RETENTION_PERIOD_CHECK",
            ("LOG-3",),
            "log groups live as long as the settings say",
            {"MinRetentionTime": str(settings.log_retention_days)},
        ),
    )


_EVERYWHERE = (
    Rule("MULTI_REGION_CLOUD_TRAIL_ENABLED", ("LOG-1",), "a trail covers every region"),
    Rule("CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED", ("LOG-1",), "the trail shows when it was touched"),
    Rule("CLOUD_TRAIL_ENCRYPTION_ENABLED", ("LOG-1", "CRY-1"), "the trail is encrypted by our key"),
    Rule("CLOUDTRAIL_S3_DATAEVENTS_ENABLED", ("LOG-1",), "reads of records are recorded themselves"),
    Rule("EKS_CLUSTER_LOG_ENABLED", ("LOG-3",), "the Kubernetes control plane is logged"),
    Rule("GUARDDUTY_ENABLED_CENTRALIZED", ("LOG-6",), "somebody looks for threats"),
    Rule("SECURITYHUB_ENABLED", ("LOG-6",), "somebody collects what is found"),
    Rule(
        "GUARDDUTY_NON_ARCHIVED_FINDINGS",
        ("LOG-6",),
        "findings are dealt with in time",
        {"daysHighSev": "1", "daysMediumSev": "7", "daysLowSev": "30"},
    ),
    Rule("EKS_ENDPOINT_NO_PUBLIC_ACCESS", ("NET-3",), "the Kubernetes API is not on the Internet"),
    Rule("EKS_SECRETS_ENCRYPTED", ("CRY-1",), "Kubernetes secrets are encrypted by our key"),
    Rule("MSK_IN_CLUSTER_NODE_REQUIRE_TLS", ("CRY-2",), "brokers speak TLS among themselves"),
    Rule("MSK_CLUSTER_PUBLIC_ACCESS_DISABLED", ("NET-1",), "brokers are not on the Internet"),
    Rule("MSK_UNRESTRICTED_ACCESS_CHECK", ("NET-1", "CRY-2"), "brokers know who speaks to them"),
    Rule("RDS_INSTANCE_PUBLIC_ACCESS_CHECK", ("NET-1",), "databases are not on the Internet"),
    Rule("RDS_STORAGE_ENCRYPTED", ("CRY-1",), "databases are encrypted"),
    Rule("RDS_MULTI_AZ_SUPPORT", ("BCP-1",), "databases survive the loss of a zone"),
    Rule("RDS_INSTANCE_DELETION_PROTECTION_ENABLED", ("BCP-2",), "databases are not deleted by mistake"),
    Rule("S3_BUCKET_SSL_REQUESTS_ONLY", ("CRY-2",), "buckets speak TLS only"),
    Rule("EC2_IMDSV2_CHECK", ("NET-6",), "instances have version 2 of the metadata service"),
    Rule("VPC_FLOW_LOGS_ENABLED", ("NET-5",), "traffic is recorded", {"trafficType": "ALL"}),
    Rule("VPC_DEFAULT_SECURITY_GROUP_CLOSED", ("NET-2",), "default security groups are empty"),
    Rule("INCOMING_SSH_DISABLED", ("NET-2",), "nobody logs in from everywhere"),
    Rule("CMK_BACKING_KEY_ROTATION_ENABLED", ("CRY-3",), "our keys rotate"),
    Rule("KMS_CMK_NOT_SCHEDULED_FOR_DELETION", ("LOG-2", "CRY-3"), "no key of records is about to go"),
    Rule("IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS", ("IAM-2",), "no policy allows everything"),
    Rule("IAM_ROOT_ACCESS_KEY_CHECK", ("IAM-1",), "the root user has no keys"),
    Rule("ROOT_ACCOUNT_MFA_ENABLED", ("IAM-1",), "the root user has a second factor"),
    Rule(
        "IAM_USER_UNUSED_CREDENTIALS_CHECK",
        ("IAM-3",),
        "credentials that nobody uses are gone",
        {"maxCredentialUsageAge": "45"},
    ),
    Rule("BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED", ("BCP-2",), "backups are not deleted by hand"),
    Rule("ECR_PRIVATE_TAG_IMMUTABILITY_ENABLED", ("CHG-1",), "an image's tag never moves"),
    Rule("ECR_PRIVATE_IMAGE_SCANNING_ENABLED", ("VUL-1",), "images are scanned"),
)
