"""Where audit records go: an unlocked landing bucket, replicated into an archive that nobody can rewrite.

AWS delivers trails and broker logs into the landing bucket (it cannot deliver everything into a locked one);
replication carries each object into the archive, where Object Lock keeps it for the settings' retention. With a log-
archive account the archive and its key lie there, out of reach of whoever administers this one.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.bucket import PrivateBucket
from infra.foundation.keys import Keys, Purpose
from infra.foundation.names import detectors_arn, trail_arn
from infra.settings import StackSettings

COLD_AFTER_DAYS: Final = 90
FINDINGS: Final = "guardduty"
"""Where in the landing bucket GuardDuty's findings lie."""
_NONCURRENT_DAYS: Final = 30


class Archive(Component):
    """The landing bucket and the locked archive. `ready` is what must exist before anything is delivered."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        archive_provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Archive", name, settings, opts)
        account = settings.log_archive_account_id or settings.account_id
        self._role_name = self.name_of("replication")
        self.landing = PrivateBucket(
            self,
            "landing",
            f"{settings.prefix}-landing-{settings.account_id}",
            keys.arn(Purpose.LANDING),
            statements=_deliveries(settings),
        )
        self.locked = PrivateBucket(
            self,
            "locked",
            f"{settings.prefix}-archive-{account}",
            keys.arn(Purpose.ARCHIVE),
            statements=self._incoming(account),
            object_lock=True,
            provider=archive_provider,
        )
        self._lock()
        self._expire()
        self._replicate(keys, account)
        self.ready: pulumi.Resource = self.landing.policy
        self.register_outputs({"landing": self.landing.bucket.id, "locked": self.locked.bucket.id})

    @property
    def replication_session(self) -> str:
        """What the ARNs of replication's sessions begin with, for telling its writes from a person's."""
        return f"arn:aws:sts::{self.settings.account_id}:assumed-role/{self._role_name}/"

    def _lock(self) -> None:
        """Every object is locked from the moment it is written: control LOG-2."""
        retention = self.settings.archive_lock_retention
        aws.s3.BucketObjectLockConfiguration(
            self.child_name("locked"),
            bucket=self.locked.bucket.id,
            object_lock_enabled="Enabled",
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=self.settings.archive_lock_mode.value, days=retention.days, years=retention.years
                )
            ),
            opts=self.locked.options(self.locked.versioning),
        )

    def _expire(self) -> None:
        """Landing is emptied once replicated; the archive grows cold and is never emptied by a rule."""
        aws.s3.BucketLifecycleConfiguration(
            self.child_name("landing"),
            bucket=self.landing.bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="expire-replicated",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=self.settings.landing_days),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=_NONCURRENT_DAYS
                    ),
                )
            ],
            opts=self.landing.options(self.landing.versioning),
        )
        aws.s3.BucketLifecycleConfiguration(
            self.child_name("locked"),
            bucket=self.locked.bucket.id,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="grow-cold",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    transitions=[
                        aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
                            days=COLD_AFTER_DAYS, storage_class="GLACIER_IR"
                        )
                    ],
                )
            ],
            opts=self.locked.options(self.locked.versioning),
        )

    def _replicate(self, keys: Keys, account: str) -> None:
        role = aws.iam.Role(
            self.child_name("replication"),
            name=self._role_name,
            assume_role_policy=iam.trust(
                "s3.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("replication"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name("replication"),
            role=role.name,
            policy=iam.document(*self._replication_rights(keys)),
            opts=self.child(),
        )
        destination = aws.s3.BucketReplicationConfigRuleDestinationArgs(
            bucket=self.locked.arn,
            account=account if self._crosses_accounts else None,
            access_control_translation=(
                aws.s3.BucketReplicationConfigRuleDestinationAccessControlTranslationArgs(owner="Destination")
                if self._crosses_accounts
                else None
            ),
            encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                replica_kms_key_id=keys.arn(Purpose.ARCHIVE)
            ),
        )
        aws.s3.BucketReplicationConfig(
            self.child_name("landing"),
            bucket=self.landing.bucket.id,
            role=role.arn,
            rules=[_everything_to(destination)],
            opts=self.landing.options(policy, self.landing.versioning, self.locked.versioning, self.locked.policy),
        )

    @property
    def _crosses_accounts(self) -> bool:
        return self.settings.log_archive_account_id is not None

    def _replication_rights(self, keys: Keys) -> list[iam.Statement]:
        landing, locked = self.landing.arn, self.locked.arn
        s3 = {"StringEquals": {"kms:ViaService": f"s3.{self.settings.region}.amazonaws.com"}}
        version = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
        write = ["s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateObject", "s3:ReplicateTags"]
        return [
            iam.allow("ReadConfiguration", ["s3:GetReplicationConfiguration", "s3:ListBucket"], landing),
            iam.allow("ReadLanding", version, f"{landing}/*"),
            iam.allow("WriteArchive", write, f"{locked}/*"),
            iam.allow("DecryptLanding", ["kms:Decrypt"], keys.arn(Purpose.LANDING), condition=s3),
            iam.allow(
                "EncryptArchive", ["kms:Encrypt", "kms:GenerateDataKey"], keys.arn(Purpose.ARCHIVE), condition=s3
            ),
        ]

    def _incoming(self, account: str) -> list[iam.Statement]:
        """In another account the archive must itself let replication in; deletes are never replicated."""
        if account == self.settings.account_id:
            return []
        bucket = f"arn:aws:s3:::{self.settings.prefix}-archive-{account}"
        role = {"AWS": f"arn:aws:iam::{self.settings.account_id}:role/{self._role_name}"}
        write = ["s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateObject", "s3:ReplicateTags"]
        return [
            iam.allow("AcceptReplicas", write, f"{bucket}/*", principal=role),
            iam.allow("AcceptReplication", ["s3:GetBucketVersioning", "s3:ListBucket"], bucket, principal=role),
        ]


def _everything_to(
    destination: aws.s3.BucketReplicationConfigRuleDestinationArgs,
) -> aws.s3.BucketReplicationConfigRuleArgs:
    """The rule that carries every object, the encrypted ones too, and no deletion."""
    return aws.s3.BucketReplicationConfigRuleArgs(
        id="to-the-archive",
        status="Enabled",
        priority=1,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled"),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status="Enabled"
            )
        ),
        destination=destination,
    )


def _deliveries(settings: StackSettings) -> list[iam.Statement]:
    """Who may deliver into the landing bucket: the stack's trail, the account's recorder, detector and vended logs."""
    bucket = f"arn:aws:s3:::{settings.prefix}-landing-{settings.account_id}"
    account, region = settings.account_id, settings.region
    trail = {"StringEquals": {"aws:SourceArn": trail_arn(settings)}}
    vended = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*"},
    }
    own = {"StringEquals": {"aws:SourceAccount": account}}
    owned = {"StringEquals": {"aws:SourceAccount": account, "s3:x-amz-acl": "bucket-owner-full-control"}}
    cloudtrail, delivery = iam.service("cloudtrail.amazonaws.com"), iam.service("delivery.logs.amazonaws.com")
    config, guardduty = iam.service("config.amazonaws.com"), iam.service("guardduty.amazonaws.com")
    detected = {**own, "ArnLike": {"aws:SourceArn": detectors_arn(settings)}}
    places = [f"{bucket}/AWSLogs/{each}/*" for each in (account, settings.organization_id) if each]
    return [
        iam.allow("TrailChecks", ["s3:GetBucketAcl"], bucket, principal=cloudtrail, condition=trail),
        iam.allow("TrailDelivers", ["s3:PutObject"], places, principal=cloudtrail, condition=trail),
        iam.allow("ConfigChecks", ["s3:GetBucketAcl", "s3:ListBucket"], bucket, principal=config, condition=own),
        iam.allow(
            "ConfigDelivers",
            ["s3:PutObject"],
            f"{bucket}/AWSLogs/{account}/Config/*",
            principal=config,
            condition=owned,
        ),
        iam.allow("FindingsCheck", ["s3:GetBucketLocation"], bucket, principal=guardduty, condition=detected),
        iam.allow(
            "FindingsDeliver", ["s3:PutObject"], f"{bucket}/{FINDINGS}/*", principal=guardduty, condition=detected
        ),
        iam.allow("LogsCheck", ["s3:GetBucketAcl", "s3:ListBucket"], bucket, principal=delivery, condition=vended),
        iam.allow(
            "LogsDeliver", ["s3:PutObject"], f"{bucket}/kafka/AWSLogs/{account}/*", principal=delivery, condition=vended
        ),
    ]
