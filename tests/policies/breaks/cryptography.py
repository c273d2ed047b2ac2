"""Breaks of what the checks of cryptography prove."""

from __future__ import annotations

import json

from tests.policies.account.clients import REGION
from tests.policies.account.records import LANDING, tls_only
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Break, brokers, cluster, database

SPARE = [{"Name": "tag:Name", "Values": ["spare"]}]


def _add_volume(account: TestAccount) -> None:
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "spare"}]}]
    account.client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=1, Encrypted=False, TagSpecifications=tags)


def _drop_volume(account: TestAccount) -> None:
    ec2 = account.client("ec2")
    for volume in ec2.describe_volumes(Filters=SPARE)["Volumes"]:
        ec2.delete_volume(VolumeId=volume["VolumeId"])


BREAKS = [
    database("cry-1-database-key", "is not encrypted", StorageEncrypted=False),
    database(
        "cry-1-database-key", "no enabled key of ours", KmsKeyId="arn:aws:kms:eu-west-1:123456789012:alias/aws/rds"
    ),
    brokers(
        "cry-1-brokers-key",
        lambda a: a.rebuild_brokers(EncryptionInfo={"EncryptionInTransit": {"ClientBroker": "TLS"}}),
        "a key of AWS",
    ),
    cluster("cry-1-cluster-secrets-key", "does not encrypt its secrets", encryptionConfig=[]),
    Break(
        "cry-1-bucket-key",
        lambda a: a.encrypt_bucket(LANDING, "AES256", None),
        "encrypts with AES256",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", a.key),
    ),
    Break(
        "cry-1-bucket-key",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", None),
        "a key of AWS",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", a.key),
    ),
    Break("cry-1-volumes-key", _add_volume, "is not encrypted", _drop_volume),
    Break(
        "cry-1-volumes-encrypted",
        lambda a: a.client("ec2").disable_ebs_encryption_by_default(),
        "without encryption",
        lambda a: a.client("ec2").enable_ebs_encryption_by_default(),
    ),
    brokers(
        "cry-2-brokers-tls",
        lambda a: a.rebuild_brokers(EncryptionInfo=a.broker_encryption(clients="TLS_PLAINTEXT")),
        "speak TLS_PLAINTEXT",
    ),
    brokers(
        "cry-2-brokers-tls",
        lambda a: a.rebuild_brokers(EncryptionInfo=a.broker_encryption(inside=False)),
        "plain text among themselves",
    ),
    Break("cry-2-database-tls", lambda a: a.force_ssl("0"), "is 0", lambda a: a.force_ssl("1")),
    Break(
        "cry-2-bucket-tls",
        lambda a: a.client("s3").delete_bucket_policy(Bucket=LANDING),
        "no policy that denies",
        lambda a: a.client("s3").put_bucket_policy(Bucket=LANDING, Policy=json.dumps(tls_only(LANDING))),
    ),
    Break(
        "cry-3-key-rotates",
        lambda a: a.client("kms").disable_key_rotation(KeyId=a.key),
        "does not rotate",
        lambda a: a.client("kms").enable_key_rotation(KeyId=a.key),
    ),
]

ELSEWHERE: set[str] = set()
