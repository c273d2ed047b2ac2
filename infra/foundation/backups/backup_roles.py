"""What AWS Backup may do in our name: one role takes backups, another restores them, and neither does the other's.

AWS's own policies for the two name every kind of resource in the account; these name the database, the volumes that
carry the tag, the vaults, and the keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from infra.foundation import iam
from infra.foundation.backups.vault import vault_arn
from infra.settings import StackSettings

TEST_PREFIX: Final = "awsbackup-restore-test-"
"""What AWS Backup calls whatever it restores for a test."""

_GRANTS: Final = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@dataclass(frozen=True)
class Covered:
    """What a plan backs up, the keys that it passes, and the vaults that take copies."""

    database_arn: pulumi.Output[str]
    key_arns: Sequence[pulumi.Output[str]]
    copy_vault_arns: Sequence[str]


def backup_rights(settings: StackSettings, covered: Covered) -> list[iam.Statement]:
    """Take a snapshot, copy it, and delete it when its time has come; nothing of the original is changed."""
    region, account = settings.region, settings.account_id
    regions = [region, *([settings.backup_region] if settings.backup_region else [])]
    snapshots = [f"arn:aws:rds:{each}:{account}:snapshot:awsbackup:*" for each in regions]
    volume_snapshots = [f"arn:aws:ec2:{each}::snapshot/*" for each in regions]
    volumes = f"arn:aws:ec2:{region}:{account}:volume/*"
    tagged = {"StringEquals": {"aws:ResourceTag/valletta:backup": "daily"}}
    taken = {"Null": {"aws:ResourceTag/aws:backup:source-resource": "false"}}
    made = {"StringEquals": {"ec2:CreateAction": ["CopySnapshot", "CreateSnapshot"]}}
    vault, copies = vault_arn(settings, region, account), covered.copy_vault_arns
    return [
        iam.allow("SnapshotDatabase", ["rds:CreateDBSnapshot", "rds:ListTagsForResource"], covered.database_arn),
        iam.allow(
            "KeepSnapshots",
            [
                "rds:AddTagsToResource",
                "rds:CopyDBSnapshot",
                "rds:CreateDBSnapshot",
                "rds:DeleteDBSnapshot",
                "rds:ListTagsForResource",
                "rds:ModifyDBSnapshotAttribute",
            ],
            snapshots,
        ),
        iam.allow("SnapshotVolumes", ["ec2:CreateSnapshot"], volumes, condition=tagged),
        iam.allow("MakeVolumeSnapshots", ["ec2:CopySnapshot", "ec2:CreateSnapshot"], volume_snapshots),
        iam.allow("TagVolumeSnapshots", ["ec2:CreateTags"], volume_snapshots, condition=made),
        iam.allow(
            "KeepVolumeSnapshots",
            ["ec2:DeleteSnapshot", "ec2:ModifySnapshotAttribute"],
            volume_snapshots,
            condition=taken,
        ),
        iam.allow("Look", _LOOK, "*", condition={"StringEquals": {"aws:RequestedRegion": regions}}),
        _look_at_databases(regions, account),
        iam.allow("FromVault", ["backup:CopyFromBackupVault", "backup:DescribeBackupVault"], vault),
        *([iam.allow("IntoVaults", ["backup:CopyIntoBackupVault"], copies)] if copies else []),
        iam.allow("SeeKeys", ["kms:DescribeKey"], covered.key_arns),
        iam.allow("GrantKeys", ["kms:CreateGrant"], covered.key_arns, condition=_GRANTS),
    ]


def _look_at_databases(regions: Sequence[str], account: str, *also: str) -> iam.Statement:
    """Describe databases and their snapshots, which RDS lists only for whom every name is open."""
    kinds = ("db:*", "snapshot:*", *also)
    return iam.allow(
        "LookAtDatabases",
        ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", *(["rds:DescribeDBSubnetGroups"] if also else [])],
        [f"arn:aws:rds:{each}:{account}:{kind}" for each in regions for kind in kinds],
    )


_LOOK: Final = (
    "ec2:DescribeSnapshots",
    "ec2:DescribeTags",
    "ec2:DescribeVolumes",
    "tag:GetResources",
)
"""What AWS describes for a whole region only."""


def restore_rights(settings: StackSettings, key_arn: pulumi.Output[str]) -> list[iam.Statement]:
    """Restore a snapshot as a test database, and delete that; nothing that is not a test is touched."""
    place = f"{settings.region}:{settings.account_id}"
    tests = f"arn:aws:rds:{place}:db:{TEST_PREFIX}*"
    made_of = [
        f"arn:aws:rds:{place}:{each}"
        for each in ("og:*", f"pg:{settings.prefix}-*", "snapshot:awsbackup:*", f"subgrp:{settings.prefix}-*")
    ]
    region = {"StringEquals": {"aws:RequestedRegion": settings.region}}
    return [
        iam.allow("RestoreTests", ["rds:RestoreDBInstanceFromDBSnapshot"], [tests, *made_of]),
        iam.allow("KeepTests", ["rds:AddTagsToResource", "rds:DeleteDBInstance", "rds:ListTagsForResource"], tests),
        iam.allow(
            "Look",
            [
                "ec2:DescribeAccountAttributes",
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            "*",
            condition=region,
        ),
        _look_at_databases([settings.region], settings.account_id, "subgrp:*"),
        iam.allow("SeeKey", ["kms:DescribeKey"], key_arn),
        iam.allow("GrantKey", ["kms:CreateGrant"], key_arn, condition=_GRANTS),
    ]
