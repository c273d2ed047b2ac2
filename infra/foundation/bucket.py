"""A private, versioned, encrypted bucket that speaks TLS only: what every bucket of the stack is."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam


class PrivateBucket:
    """A bucket and its sidecars as children of `owner`.

    `bucket`, `versioning` and `policy` are what others depend on; `arn` is composed from the name, so that policies
    can name the bucket before it exists. `provider` makes it in another account.
    """

    def __init__(
        self,
        owner: Component,
        part: str,
        bucket_name: str,
        key_arn: pulumi.Input[str],
        *,
        statements: Sequence[iam.Statement] = (),
        object_lock: bool = False,
        provider: pulumi.ProviderResource | None = None,
    ) -> None:
        self.name = bucket_name
        self.arn = f"arn:aws:s3:::{bucket_name}"
        self._owner = owner
        self._part = owner.child_name(part)
        self._provider = provider
        self.bucket = aws.s3.Bucket(
            self._part,
            bucket=bucket_name,
            object_lock_enabled=object_lock,
            force_destroy=not owner.settings.keeps_records,
            tags=owner.tags(part),
            opts=owner.record_child(provider=provider),
        )
        self._encrypt(key_arn)
        self.versioning = self._version()
        self.policy = self._close(statements)

    def options(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """The options of a sidecar: beside the bucket, in the bucket's account."""
        return self._owner.record_child(depends_on=depends_on, provider=self._provider)

    def _encrypt(self, key_arn: pulumi.Input[str]) -> None:
        by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key_arn
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._part,
            bucket=self.bucket.id,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
                )
            ],
            opts=self.options(),
        )

    def _version(self) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            self._part,
            bucket=self.bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
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
            opts=self.options(),
        )
        aws.s3.BucketOwnershipControls(
            self._part,
            bucket=self.bucket.id,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
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
            opts=self.options(block),
        )
