"""Rules of S3 replication: what is carried where, and within which time."""

from __future__ import annotations

from typing import Final

import pulumi_aws as aws

from infra.foundation.records.bucket import PrivateBucket
from infra.foundation.records.replica import Destination

REPLICATION_MINUTES: Final = 15
"""Within which S3's replication time control carries an object; it knows no other time."""

_Rule = aws.s3.BucketReplicationConfigRuleArgs
_Destination = aws.s3.BucketReplicationConfigRuleDestinationArgs


def everything_to(destination: Destination, owner: str | None, priority: int) -> _Rule:
    """Every object, the encrypted ones too, and no deletion; its owner is the account `owner` where one is named."""
    encrypted = aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(status="Enabled")
    key = aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
        replica_kms_key_id=destination.key_arn
    )
    return _Rule(
        id=destination.name,
        status="Enabled",
        priority=priority,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
        delete_marker_replication=_no_deletions(),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=encrypted
        ),
        destination=_in_time(destination.bucket, owner, key),
    )


def folder_to(bucket: PrivateBucket, folder: str, owner: str | None, priority: int) -> _Rule:
    """The objects of one folder, which S3 encrypts with a key of its own, and no deletion."""
    return _Rule(
        id=folder.strip("/").replace("/", "-"),
        status="Enabled",
        priority=priority,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=folder),
        delete_marker_replication=_no_deletions(),
        destination=_in_time(bucket, owner, None),
    )


def _no_deletions() -> aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs:
    return aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Disabled")


def _in_time(
    bucket: PrivateBucket,
    owner: str | None,
    key: aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs | None,
) -> _Destination:
    """The destination, with the time control and the metrics that tell of a lag: control LOC-2."""
    translation = aws.s3.BucketReplicationConfigRuleDestinationAccessControlTranslationArgs(owner="Destination")
    return _Destination(
        bucket=bucket.arn,
        account=owner,
        access_control_translation=translation if owner else None,
        encryption_configuration=key,
        replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
            status="Enabled",
            time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=REPLICATION_MINUTES),
        ),
        metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
            status="Enabled",
            event_threshold=aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                minutes=REPLICATION_MINUTES
            ),
        ),
    )
