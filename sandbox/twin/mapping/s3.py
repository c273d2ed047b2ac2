"""S3: buckets, and the settings that Pulumi keeps as resources of their own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging
from sandbox.twin.work import Work

_BUCKET = {"Bucket": "{bucket}"}
_ACCOUNT = {"AccountId": "=accountId || account"}
_OF_BUCKET = {"Bucket": "{id}"}


def _empty_bucket(work: Work) -> None:
    """AWS deletes no bucket that holds anything; `forceDestroy` empties it first, versions included."""
    if not work.values.get("forceDestroy"):
        return
    s3, bucket = work.client(), work.id
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        if objects:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}, BypassGovernanceRetention=True)


BUCKET = Resource(
    type="aws:s3/bucket:Bucket",
    service="s3",
    id="{bucket}",
    create=Call(
        "CreateBucket",
        # us-east-1 is the one region that must not be named.
        {"CreateBucketConfiguration": {"LocationConstraint": "{[region][?@ != 'us-east-1'] | [0]}"}},
        carries=("bucket", "objectLockEnabled"),
    ),
    names={"objectLockEnabled": "ObjectLockEnabledForBucket"},
    read=(
        Read("HeadBucket", _OF_BUCKET, takes=("bucketRegion",)),
        Read(
            "GetObjectLockConfiguration",
            _OF_BUCKET,
            takes=(),
            names={"objectLockEnabled": "ObjectLockConfiguration.ObjectLockEnabled == 'Enabled'"},
        ),
    ),
    computed={
        "bucket": "{id}",
        "arn": "arn:{partition}:s3:::{id}",
        "bucketDomainName": "{id}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{id}.s3.{region}.amazonaws.com",
    },
    before_delete=_empty_bucket,
    delete=(Call("DeleteBucket", _OF_BUCKET),),
    autoname="bucket",
    longest_name=63,
    lowercase_name=True,
    identity=("bucket",),
    only_here=("forceDestroy",),
    tagging=Tagging(
        add=Call("PutBucketTagging", _OF_BUCKET),
        remove=Call("DeleteBucketTagging", _OF_BUCKET),
        list=Read("GetBucketTagging", _OF_BUCKET, at="TagSet"),
        on_create="",
        keys="",
        values="Tagging.TagSet",
    ),
)


def _setting(
    name: str,
    operation: str,
    *,
    into: str = "",
    fixed: Mapping[str, Any] | None = None,
    at: str = "@",
    names: Mapping[str, str] | None = None,
    renamed: Mapping[str, str] | None = None,
    delete: Call | None = None,
    dropped: tuple[str, ...] = (),
    only_here: tuple[str, ...] = ("expectedBucketOwner",),
) -> Resource:
    """A setting of a bucket: put as a whole, got as a whole, one a bucket."""
    return Resource(
        type=f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        service="s3",
        id="{bucket}",
        settings=(Call(f"Put{operation}", {**_BUCKET, **(fixed or {})}, carries=ALL, into=into),),
        read=(Read(f"Get{operation}", _BUCKET, at=at, names=names or {}),),
        names=renamed or {},
        only_here=only_here,
        computed={"bucket": "{id}"},
        delete=(delete or Call(f"Delete{operation}", _BUCKET),),
        identity=("bucket",),
        dropped=dropped,
    )


RESOURCES = (
    BUCKET,
    _setting(
        "BucketVersioning",
        "BucketVersioning",
        at="Status && @",
        names={"versioningConfiguration": "@"},
        delete=Call("PutBucketVersioning", {**_BUCKET, "VersioningConfiguration": {"Status": "Suspended"}}),
    ),
    _setting(
        "BucketServerSideEncryptionConfiguration",
        "BucketEncryption",
        into="ServerSideEncryptionConfiguration",
        at="ServerSideEncryptionConfiguration",
    ),
    _setting(
        "BucketPublicAccessBlock",
        "PublicAccessBlock",
        into="PublicAccessBlockConfiguration",
        at="PublicAccessBlockConfiguration",
        only_here=(),
    ),
    _setting("BucketPolicy", "BucketPolicy", only_here=()),
    _setting(
        "BucketObjectLockConfiguration",
        "ObjectLockConfiguration",
        into="ObjectLockConfiguration",
        fixed={"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        at="ObjectLockConfiguration.Rule && ObjectLockConfiguration",
        delete=Call(
            "PutObjectLockConfiguration", {**_BUCKET, "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}
        ),
    ),
    _setting(
        "BucketLifecycleConfiguration",
        "BucketLifecycleConfiguration",
        into="LifecycleConfiguration",
        delete=Call("DeleteBucketLifecycle", _BUCKET),
    ),
    _setting(
        "BucketOwnershipControls",
        "BucketOwnershipControls",
        into="OwnershipControls",
        at="OwnershipControls",
        only_here=(),
    ),
    _setting(
        "BucketReplicationConfig",
        "BucketReplication",
        into="ReplicationConfiguration",
        at="ReplicationConfiguration",
        only_here=(),
    ),
    _setting(
        "BucketLogging",
        "BucketLogging",
        into="BucketLoggingStatus.LoggingEnabled",
        at="LoggingEnabled",
        delete=Call("PutBucketLogging", {**_BUCKET, "BucketLoggingStatus": {}}),
    ),
    Resource(
        type="aws:s3/bucketNotification:BucketNotification",
        service="s3",
        id="{bucket}",
        settings=(
            Call(
                "PutBucketNotificationConfiguration",
                # An empty object is false to JMESPath, so what is not wanted is filtered out instead.
                {
                    **_BUCKET,
                    "NotificationConfiguration": {"EventBridgeConfiguration": "=[eventbridge][?@] | [0] && `{}`"},
                },
                carries=("eventbridge",),
            ),
        ),
        names={"eventbridge": ""},
        read=(Read("GetBucketNotificationConfiguration", _BUCKET, takes=()),),
        computed={"bucket": "{id}"},
        delete=(Call("PutBucketNotificationConfiguration", {**_BUCKET, "NotificationConfiguration": {}}),),
        identity=("bucket",),
        # Moto sends the events and does not tell of it.
        dropped=("eventbridge",),
    ),
    Resource(
        type="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        service="s3control",
        id="{accountId || account}",
        settings=(Call("PutPublicAccessBlock", _ACCOUNT, carries=ALL, into="PublicAccessBlockConfiguration"),),
        read=(Read("GetPublicAccessBlock", _ACCOUNT, at="PublicAccessBlockConfiguration"),),
        computed={"accountId": "{id}"},
        delete=(Call("DeletePublicAccessBlock", _ACCOUNT),),
    ),
)
