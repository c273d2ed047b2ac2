"""The regulatory replica: the records a second time, in another region or fetched to a place outside AWS (LOC-2).

Which of the two, or neither, is a setting with the reference of its legal sign-off: one source asks for regulatory
data to be replicated in Malta, another denies it, and AWS has no region there. The nearest that AWS itself can do is
another region of the EU; a data centre in Malta fetches the archive by a role of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.key_policies import owned, replication
from infra.foundation.keys import customer_key
from infra.foundation.names import replication_role_arn
from infra.foundation.records.bucket import PrivateBucket
from infra.settings import StackSettings

COLD_AFTER_DAYS: Final = 90
REPLICATE: Final = ("s3:ObjectOwnerOverrideToBucketOwner", "s3:ReplicateObject", "s3:ReplicateTags")
"""What the replicating role does in a bucket of its destination; deletions are never replicated."""


@dataclass(frozen=True)
class Destination:
    """A bucket that takes replicas, the key that they are encrypted with, and what must exist first."""

    name: str
    """What the rule of replication, and its metrics, are called."""
    bucket: PrivateBucket
    key_arn: pulumi.Output[str]
    region: str
    ready: tuple[pulumi.Resource, ...]


class Replica(Component):
    """The locked bucket in another region, in the account of the archive, with a key that never leaves that region.

    It is a second destination of the landing bucket, for S3 replicates no replica. The requests to it are in the trail:
    server access logs cannot be delivered from region to region.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        region: str,
        provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Replica", name, settings, opts)
        account = settings.log_archive_account_id or settings.account_id
        crosses = account != settings.account_id
        bucket_name = f"{settings.prefix}-replica-{account}"
        key = customer_key(
            self,
            "locked",
            [*owned(iam.root_of(account), region, ["s3"]), *([replication(settings, region)] if crosses else [])],
            alias="replica",
            provider=provider,
            region=region,
        )
        self.locked = PrivateBucket(
            self,
            "locked",
            bucket_name,
            key.arn,
            statements=accept_replicas(settings, f"arn:aws:s3:::{bucket_name}") if crosses else (),
            object_lock=True,
            provider=provider,
            region=region,
        )
        lock = self.locked.lock(settings.archive_lock_mode, settings.archive_lock_retention)
        self.locked.grow_cold(COLD_AFTER_DAYS)
        self.destination = Destination(
            "to-the-replica", self.locked, key.arn, region, (self.locked.versioning, self.locked.policy, lock)
        )
        self.register_outputs({"locked": self.locked.bucket.id})

    def tags(self, part: str) -> dict[str, str]:
        """As everywhere, with the legal sign-off."""
        return {**super().tags(part), "valletta:signed-off": self.settings.replica_signed_off or ""}


class ReplicaPuller(Component):
    """The role by which a place outside AWS fetches the archive: a machine's, so without MFA, but with an external id.

    It lies in the archive's account, reads the archive and nothing else. What becomes of the copy is that place's to
    prove: LOC-2 asks it for its lag.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        archive: PrivateBucket,
        key_arn: pulumi.Output[str],
        provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:ReplicaPuller", name, settings, opts)
        role = aws.iam.Role(
            self.child_name("puller"),
            name=self.name_of("puller"),
            description=f"Fetches the archive to: {settings.replica_place}",
            assume_role_policy=iam.document(
                iam.assume(
                    {"AWS": settings.replica_principal},
                    {"StringEquals": {"sts:ExternalId": settings.replica_external_id}},
                )
            ),
            max_session_duration=3600,
            tags=self.tags("puller"),
            opts=self.child(provider=provider),
        )
        s3 = {"StringEquals": {"kms:ViaService": f"s3.{settings.region}.amazonaws.com"}}
        aws.iam.RolePolicy(
            self.child_name("puller"),
            role=role.name,
            policy=iam.document(
                iam.allow("ListArchive", ["s3:GetBucketObjectLockConfiguration", "s3:ListBucket"], archive.arn),
                iam.allow(
                    "FetchArchive",
                    ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"],
                    f"{archive.arn}/*",
                ),
                iam.allow("DecryptArchive", ["kms:Decrypt"], key_arn, condition=s3),
            ),
            opts=self.child(provider=provider),
        )
        self.role_arn = role.arn
        self.register_outputs({"role_arn": role.arn})

    def tags(self, part: str) -> dict[str, str]:
        """As everywhere, with the place and the legal sign-off."""
        more = {"valletta:place": self.settings.replica_place, "valletta:signed-off": self.settings.replica_signed_off}
        return super().tags(part) | {key: value or "" for key, value in more.items()}


def accept_replicas(settings: StackSettings, bucket: str) -> list[iam.Statement]:
    """A bucket of another account must itself let replication in; its owner stays the owner of what comes."""
    # The role by a condition: as the principal it would have to exist before the bucket that it replicates into.
    owner, role = iam.root_of(settings.account_id), {"ArnEquals": {"aws:PrincipalArn": replication_role_arn(settings)}}
    look = ["s3:GetBucketVersioning", "s3:ListBucket"]
    return [
        iam.allow("AcceptReplicas", REPLICATE, f"{bucket}/*", principal=owner, condition=role),
        iam.allow("AcceptReplication", look, bucket, principal=owner, condition=role),
    ]
