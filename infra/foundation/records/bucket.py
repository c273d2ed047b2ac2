"""A private, versioned, encrypted bucket that speaks TLS only: what every bucket of the stack is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.settings.retention import LockMode, Retention

if TYPE_CHECKING:
    from infra.foundation.records.accesslogs import AccessLogs

NONCURRENT_DAYS: Final = 30
ABANDONED_UPLOAD_DAYS: Final = 7


class PrivateBucket:
    """A bucket and its sidecars as children of `owner`.

    `bucket`, `versioning` and `policy` are what others depend on; `arn` is composed from the name, so that policies
    can name the bucket before it exists. `provider` makes it in another account, `region` in another region. Without
    `key_arn` S3 encrypts with a key of its own: for what AWS delivers into no other bucket.
    """

    def __init__(
        self,
        owner: Component,
        part: str,
        bucket_name: str,
        key_arn: pulumi.Input[str] | None,
        *,
        statements: Sequence[iam.Statement] = (),
        object_lock: bool = False,
        provider: pulumi.ProviderResource | None = None,
        region: str | None = None,
    ) -> None:
        self.name = bucket_name
        self.arn = f"arn:aws:s3:::{bucket_name}"
        self._owner = owner
        self._part = owner.child_name(part)
        self._provider = provider
        self._region = region
        self.bucket = aws.s3.Bucket(
            self._part,
            bucket=bucket_name,
            object_lock_enabled=object_lock,
            force_destroy=not owner.settings.keeps_records,
            region=region,
            tags=owner.tags(part),
            opts=owner.record_child(provider=provider),
        )
        self._encrypt(key_arn)
        self.versioning = self._version()
        self.policy = self._close(statements)
        self._announce()

    def options(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a sidecar: beside the bucket, in the bucket's account."""
        return self._owner.record_child(depends_on=depends_on, provider=self._provider)

    def lock(self, mode: LockMode, retention: Retention) -> aws.s3.BucketObjectLockConfiguration:
        """Lock every object from the moment it is written."""
        return aws.s3.BucketObjectLockConfiguration(
            self._part,
            bucket=self.bucket.id,
            object_lock_enabled="Enabled",
            rule=aws.s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=mode.value, days=retention.days, years=retention.years
                )
            ),
            region=self._region,
            opts=self.options(self.versioning),
        )

    def expire(self, rule: str, days: int) -> None:
        """Delete what is older than `days`, and what was overwritten or half uploaded soon after."""
        self._lifecycle(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id=rule,
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=NONCURRENT_DAYS
                ),
                abort_incomplete_multipart_upload=_abandoned(),
            )
        )

    def grow_cold(self, days: int) -> None:
        """Move what is older than `days` to cheaper storage that still answers at once; delete nothing."""
        self._lifecycle(
            aws.s3.BucketLifecycleConfigurationRuleArgs(
                id="grow-cold",
                status="Enabled",
                filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                transitions=[
                    aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days, storage_class="GLACIER_IR")
                ],
                abort_incomplete_multipart_upload=_abandoned(),
            )
        )

    def log_to(self, logs: AccessLogs) -> None:
        """Have S3 write down each request to the bucket, in the access logs of its account and region."""
        aws.s3.BucketLogging(
            self._part,
            bucket=self.bucket.id,
            target_bucket=logs.bucket_name,
            target_prefix=logs.prefix_of(self.name),
            region=self._region,
            opts=self.options(logs.ready),
        )

    def _lifecycle(self, rule: aws.s3.BucketLifecycleConfigurationRuleArgs) -> None:
        aws.s3.BucketLifecycleConfiguration(
            self._part,
            bucket=self.bucket.id,
            rules=[rule],
            region=self._region,
            opts=self.options(self.versioning),
        )

    def _encrypt(self, key_arn: pulumi.Input[str] | None) -> None:
        by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._part,
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default,
                    bucket_key_enabled=None if key_arn is None else True,
                )
            ],
            region=self._region,
            opts=self.options(),
        )

    def _version(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            self._part,
            bucket=self.bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            region=self._region,
            opts=self.options(),
        )

    def _close(self, statements: Sequence[iam.Statement]) -> aws.s3.BucketPolicy:
        """No public access, no access lists, no plain HTTP: controls CRY-1 and CRY-2."""
        block = aws.s3.BucketPublicAccessBlock(
            self._part,
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            region=self._region,
            opts=self.options(),
        )
        aws.s3.BucketOwnershipControls(
            self._part,
            bucket=self.bucket.id,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            region=self._region,
            opts=self.options(block),
        )
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        old_tls = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
        everything = [self.arn, f"{self.arn}/*"]
        return aws.s3.BucketPolicy(
            self._part,
            bucket=self.bucket.id,
            policy=iam.document(
                iam.deny("DenyPlainHttp", ["s3:*"], everything, principal=iam.ANYONE, condition=insecure),
                iam.deny("DenyOldTls", ["s3:*"], everything, principal=iam.ANYONE, condition=old_tls),
                *statements,
            ),
            region=self._region,
            opts=self.options(block),
        )

    def _announce(self) -> None:
        """What becomes of objects is an event on the account's bus, for whoever has a rule there."""
        aws.s3.BucketNotification(
            self._part, bucket=self.bucket.id, eventbridge=True, region=self._region, opts=self.options()
        )


def _abandoned() -> aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs:
    return aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
        days_after_initiation=ABANDONED_UPLOAD_DAYS
    )
