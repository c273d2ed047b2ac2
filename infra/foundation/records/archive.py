"""Where audit records go: an unlocked landing bucket, replicated into an archive that nobody can rewrite.

AWS delivers trails, recordings and broker logs into the landing bucket (it cannot deliver everything into a locked
one); replication carries each object into the archive within minutes, where Object Lock keeps it for the settings'
retention. With a log-archive account the archive and its key lie there, out of reach of whoever administers this one.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.names import (
    archive_name,
    detectors_arn,
    landing_name,
    regulator_role_arn,
    replication_role_name,
    trail_arn,
)
from infra.foundation.records.accesslogs import BALANCERS, AccessLogs
from infra.foundation.records.bucket import PrivateBucket
from infra.foundation.records.replica import COLD_AFTER_DAYS, REPLICATE, Destination, accept_replicas
from infra.foundation.records.replication import everything_to, folder_to
from infra.settings import StackSettings

FINDINGS: Final = "guardduty"
"""Where in the landing bucket GuardDuty's findings lie."""

ARCHIVE_LOOK: Final = (
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketVersioning",
    "s3:ListBucket",
    "s3:ListBucketVersions",
)
OBJECT_LOOK: Final = ("s3:GetObjectAttributes", "s3:GetObjectLegalHold", "s3:GetObjectRetention")
"""What a regulator sees of the archive: what is in it and until when it is locked, not what it says."""


class Archive(Component):
    """The landing bucket and the locked archive. `ready` is what must exist before anything is delivered.

    Args:
        access_logs: of this account, themselves replicated into the archive.
        archive_access_logs: of the archive's account.
        replica: a second destination of every record, where there is one.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        *,
        access_logs: AccessLogs,
        archive_access_logs: AccessLogs,
        replica: Destination | None = None,
        archive_provider: pulumi.ProviderResource | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Archive", name, settings, opts)
        self.landing = PrivateBucket(
            self,
            "landing",
            landing_name(settings),
            keys.arn(Purpose.LANDING),
            statements=_deliveries(settings),
        )
        archive = archive_name(settings)
        self.locked = PrivateBucket(
            self,
            "locked",
            archive,
            keys.arn(Purpose.ARCHIVE),
            statements=self._from_elsewhere(f"arn:aws:s3:::{archive}"),
            object_lock=True,
            provider=archive_provider,
        )
        # Every object is locked from the moment it is written: control LOG-2.
        lock = self.locked.lock(settings.archive_lock_mode, settings.archive_lock_retention)
        self.landing.expire("expire-replicated", settings.landing_days)
        self.locked.grow_cold(COLD_AFTER_DAYS)
        self.landing.log_to(access_logs)
        self.locked.log_to(archive_access_logs)
        arrived = (self.locked.versioning, self.locked.policy, lock)
        own = Destination("to-the-archive", self.locked, keys.arn(Purpose.ARCHIVE), settings.region, arrived)
        self.destinations = [own, *([replica] if replica else [])]
        self._replicate(keys, access_logs)
        self.ready: pulumi.Resource = self.landing.policy
        self.register_outputs({"landing": self.landing.bucket.id, "locked": self.locked.bucket.id})

    @property
    def replication_session(self) -> str:
        """What the ARNs of replication's sessions begin with, for telling its writes from a person's."""
        return f"arn:aws:sts::{self.settings.account_id}:assumed-role/{replication_role_name(self.settings)}/"

    def _replicate(self, keys: Keys, access_logs: AccessLogs) -> None:
        role = aws.iam.Role(
            self.child_name("replication"),
            name=replication_role_name(self.settings),
            assume_role_policy=iam.trust(
                "s3.amazonaws.com", {"StringEquals": {"aws:SourceAccount": self.settings.account_id}}
            ),
            tags=self.tags("replication"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name("replication"),
            role=role.name,
            policy=iam.document(*self._replication_rights(keys, access_logs)),
            opts=self.child(),
        )
        owner = self.settings.log_archive_account_id
        ready = [each for destination in self.destinations for each in destination.ready]
        aws.s3.BucketReplicationConfig(
            self.child_name("landing"),
            bucket=self.landing.bucket.id,
            role=role.arn,
            rules=[everything_to(each, owner, priority) for priority, each in enumerate(self.destinations, start=1)],
            opts=self.landing.options(policy, self.landing.versioning, *ready),
        )
        # The archive's own access logs stay where they are: replicated into it, each would make the next one.
        others = [each for each in access_logs.logged if each != self.locked.name]
        folders = [f"{BALANCERS}/", *(access_logs.prefix_of(each) for each in others)]
        aws.s3.BucketReplicationConfig(
            self.child_name("access-logs"),
            bucket=access_logs.bucket_name,
            role=role.arn,
            rules=[folder_to(self.locked, folder, owner, number) for number, folder in enumerate(folders, start=1)],
            opts=access_logs.store.options(policy, access_logs.store.versioning, *self.destinations[0].ready),
        )

    def _replication_rights(self, keys: Keys, access_logs: AccessLogs) -> list[iam.Statement]:
        sources = [self.landing.arn, access_logs.store.arn]
        version = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
        encrypt = ["kms:Encrypt", "kms:GenerateDataKey"]
        return [
            iam.allow("ReadConfiguration", ["s3:GetReplicationConfiguration", "s3:ListBucket"], sources),
            iam.allow("ReadLanding", version, [f"{each}/*" for each in sources]),
            iam.allow("WriteArchive", REPLICATE, [f"{each.bucket.arn}/*" for each in self.destinations]),
            iam.allow(
                "DecryptLanding",
                ["kms:Decrypt"],
                keys.arn(Purpose.LANDING),
                condition=_through_s3(self.settings.region),
            ),
            *(
                iam.allow(f"Encrypt{number}", encrypt, each.key_arn, condition=_through_s3(each.region))
                for number, each in enumerate(self.destinations, start=1)
            ),
        ]

    def _from_elsewhere(self, bucket: str) -> list[iam.Statement]:
        """In another account the archive must itself let in what comes from this one."""
        settings = self.settings
        if settings.log_archive_account_id is None:
            return []
        owner = iam.root_of(settings.account_id)
        regulator = {"ArnEquals": {"aws:PrincipalArn": regulator_role_arn(settings)}}
        return [
            *accept_replicas(settings, bucket),
            iam.allow("RegulatorLooks", ARCHIVE_LOOK, bucket, principal=owner, condition=regulator),
            iam.allow("RegulatorLooksAtObjects", OBJECT_LOOK, f"{bucket}/*", principal=owner, condition=regulator),
        ]


def _through_s3(region: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}


def _deliveries(settings: StackSettings) -> list[iam.Statement]:
    """Who may deliver into the landing bucket: the stack's trail, the account's recorder, detector and vended logs."""
    bucket = f"arn:aws:s3:::{landing_name(settings)}"
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
