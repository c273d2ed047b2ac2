"""Where the records of the account under test go: the landing bucket, the locked archive, and the trail."""

from __future__ import annotations

import json
from typing import Any, Final

from policies.environment import ENVIRONMENT_TAG
from policies.values import Value
from tests.policies.account.clients import ACCOUNT, REGION, Clients

LANDING: Final = "exchange-landing"
ARCHIVE: Final = "exchange-archive"
TRAIL_GROUP: Final = "exchange/trail"
TAGS: Final = [{"Key": ENVIRONMENT_TAG, "Value": "production"}]


class Records(Clients):
    """Buckets and the trail, and the ways to weaken them."""

    def build_bucket(self, name: str, lock: dict[str, Any] | None = None) -> None:
        """A bucket under our key that speaks TLS only, locked where a retention is given."""
        s3 = self.client("s3")
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=lock is not None)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        self.tag_bucket(name, "production")
        self.encrypt_bucket(name, "aws:kms", self.key)
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(tls_only(name)))
        if lock is not None:
            self.lock_bucket(name, lock)

    def tag_bucket(self, name: str, environment: str | None) -> None:
        """Say by its tag what a bucket is for, or take the tag off."""
        if environment is None:
            self.client("s3").delete_bucket_tagging(Bucket=name)
            return
        tags = [{**TAGS[0], "Value": environment}]
        self.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})

    def encrypt_bucket(self, name: str, algorithm: str, key: str | None) -> None:
        """Set how a bucket encrypts."""
        default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
        self.client("s3").put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
        )

    def lock_bucket(self, name: str, retention: dict[str, Any]) -> None:
        """Set the default retention of a bucket that can be locked."""
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        self.client("s3").put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=configuration)

    def put_into_archive(self, **lock: Value) -> None:
        """Write an object into the archive. To moto a denial of plain HTTP denies everything, so that goes first."""
        s3 = self.client("s3")
        s3.delete_bucket_policy(Bucket=ARCHIVE)
        s3.put_object(Bucket=ARCHIVE, Key="AWSLogs/1.json.gz", Body=b"1", **lock)

    def empty_archive(self) -> None:
        """Take away what `put_into_archive` wrote, and set the bucket's policy again."""
        s3 = self.client("s3")
        for version in s3.list_object_versions(Bucket=ARCHIVE).get("Versions", []):
            s3.delete_object(
                Bucket=ARCHIVE, Key=version["Key"], VersionId=version["VersionId"], BypassGovernanceRetention=True
            )
        s3.put_bucket_policy(Bucket=ARCHIVE, Policy=json.dumps(tls_only(ARCHIVE)))

    def replicate(self, minutes: int = 15, metrics: str = "Enabled") -> None:
        """Carry whatever lands into the archive, under time control."""
        rule = {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{ARCHIVE}",
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": minutes}},
                "Metrics": {"Status": metrics, "EventThreshold": {"Minutes": minutes}},
            },
        }
        configuration = {"Role": self.role("replication"), "Rules": [rule]}
        self.client("s3").put_bucket_replication(Bucket=LANDING, ReplicationConfiguration=configuration)

    def remove_trail(self) -> None:
        """Leave the account without a trail."""
        self.client("cloudtrail").delete_trail(Name="exchange")

    def build_trail(self, *, everywhere: bool = True, digests: bool = True) -> None:
        """The trail into the landing bucket, switched on."""
        trail = self.client("cloudtrail")
        trail.create_trail(
            Name="exchange",
            S3BucketName=LANDING,
            IsMultiRegionTrail=everywhere,
            EnableLogFileValidation=digests,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{TRAIL_GROUP}:*",
            CloudWatchLogsRoleArn=self.role("trail"),
        )
        trail.start_logging(Name="exchange")


def tls_only(bucket: str) -> dict[str, Any]:
    """The policy of a bucket that denies every request over plain HTTP."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
