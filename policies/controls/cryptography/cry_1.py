"""CRY-1: everything at rest is encrypted with a key that we own."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject, tags_of
from policies.checks import account_wide, check
from policies.cloud import inventory, keys, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read

_REMEDY = "Name a key of this stack: kms_key_id, or what the resource calls it. AWS's own keys cannot be revoked by us."


@rule("cry-1-database-key", tokens.DATABASE, joins=True, remedy=f"Set storage_encrypted=True. {_REMEDY}")
def database_has_own_key(database: Resource, stack: Stack) -> Iterator[str]:
    """A database's storage is encrypted with our key; RDS's default is no encryption."""
    if database.get("storageEncrypted", default=False) is not True:
        yield "is not encrypted (storageEncrypted is not true)"
    if not keys.plans_own_key(database, stack, "kmsKeyId"):
        yield "names no key of ours (kmsKeyId)"


@rule("cry-1-brokers-key", tokens.BROKERS, joins=True, remedy=_REMEDY)
def brokers_have_own_key(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Brokers' volumes are encrypted with our key; MSK's default is AWS's."""
    if not keys.plans_own_key(cluster, stack, "encryptionInfo.encryptionAtRestKmsKeyArn"):
        yield "names no key of ours (encryptionInfo.encryptionAtRestKmsKeyArn)"


@rule(
    "cry-1-cluster-secrets-key",
    tokens.CLUSTER,
    joins=True,
    remedy=f"Set encryption_config for the resources secrets. {_REMEDY}",
)
def secrets_have_own_key(cluster: Resource, stack: Stack) -> Iterator[str]:
    """Kubernetes secrets are encrypted with our key."""
    if "secrets" not in set(cluster.items("encryptionConfig.resources")):
        yield "does not encrypt its secrets (encryptionConfig.resources)"
    if not keys.plans_own_key(cluster, stack, "encryptionConfig.provider.keyArn"):
        yield "names no key of ours for its secrets (encryptionConfig.provider.keyArn)"


@rule(
    "cry-1-bucket-key",
    tokens.BUCKET,
    joins=True,
    remedy=f"Declare a BucketServerSideEncryptionConfiguration for it, with sse_algorithm aws:kms. {_REMEDY}",
)
def bucket_has_own_key(bucket: Resource, stack: Stack) -> Iterator[str]:
    """A bucket encrypts with our key; S3's default is its own, which is right where it takes access logs."""
    if stack.referring(bucket, tokens.BUCKET_LOGGING, "targetBucket"):
        return
    sidecars = stack.referring(bucket, tokens.BUCKET_ENCRYPTION, "bucket")
    if not sidecars:
        yield "has no encryption configuration, so S3 encrypts with a key of its own"
    for sidecar in sidecars:
        for entry in sidecar.items("rules"):
            yield from _encryption_faults(sidecar, entry, stack)


def _encryption_faults(sidecar: Resource, entry: object, stack: Stack) -> Iterator[str]:
    default = "applyServerSideEncryptionByDefault"
    algorithm = read(entry, f"{default}.sseAlgorithm", "nothing")
    if not algorithm.startswith("aws:kms"):
        yield f"encrypts with {algorithm}, where aws:kms is demanded"
    if not keys.names_own_key(sidecar, stack, "rules", lambda: read(entry, f"{default}.kmsMasterKeyId")):
        yield "names no key of ours (kmsMasterKeyId)"


@rule(
    "cry-1-volumes-encrypted",
    tokens.EBS_ENCRYPTION,
    joins=True,
    demanded_by=(tokens.CLUSTER,),
    one_an_account=True,
    remedy="Declare aws.ebs.EncryptionByDefault with enabled=True, so that no volume can be made without encryption.",
)
def volumes_are_encrypted(setting: Resource, _: Stack) -> Iterator[str]:
    """The account encrypts every new volume."""
    if setting.get("enabled", default=True) is not True:
        yield "lets volumes be made without encryption (enabled is false)"


@check("cry-1-database-key", inventory.databases, proves="it is encrypted with our key")
def database_is_encrypted(database: Subject, account: Account) -> Iterator[str]:
    """A database's storage is encrypted with our key."""
    account.observe(tokens.DATABASE, "storageEncrypted", "kmsKeyId")
    if database.get("StorageEncrypted", default=False) is not True:
        yield "is not encrypted"
    elif not keys.is_own_key(account, database.get("KmsKeyId")):
        yield f"is encrypted with {database.get('KmsKeyId')}, which is no enabled key of ours"


@check("cry-1-brokers-key", inventory.broker_clusters, proves="their volumes are encrypted with our key")
def brokers_are_encrypted(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers' volumes are encrypted with our key."""
    account.observe(tokens.BROKERS, "encryptionInfo")
    key = cluster.get("Provisioned.EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId")
    if not keys.is_own_key(account, key):
        yield f"volumes are encrypted with {key or 'a key of AWS'}, which is no enabled key of ours"


@check("cry-1-cluster-secrets-key", inventory.clusters, proves="its secrets are encrypted with our key")
def secrets_are_encrypted(cluster: Subject, account: Account) -> Iterator[str]:
    """Kubernetes secrets are encrypted with our key."""
    account.observe(tokens.CLUSTER, "encryptionConfig")
    configs = [entry for entry in cluster.get("encryptionConfig", []) if "secrets" in entry.get("resources", [])]
    if not configs:
        yield "does not encrypt its secrets"
    for entry in configs:
        if not keys.is_own_key(account, read(entry, "provider.keyArn")):
            yield f"encrypts its secrets with {read(entry, 'provider.keyArn')}, which is no enabled key of ours"


@check("cry-1-bucket-key", inventory.buckets, proves="it encrypts with our key")
def bucket_is_encrypted(bucket: Subject, account: Account) -> Iterator[str]:
    """A bucket encrypts with our key, but for those that take access logs."""
    account.observe(tokens.BUCKET_ENCRYPTION, "rules")
    source = account.once(inventory.access_log_sources).get(bucket.data["Name"])
    if source is not None and inventory.logs_into(source, account):
        return
    absent = ("ServerSideEncryptionConfigurationNotFoundError",)
    answer = account.find("s3", "get_bucket_encryption", absent, Bucket=bucket.data["Name"]) or {}
    entries = read(answer, "ServerSideEncryptionConfiguration.Rules", [])
    if not entries:
        yield "has no encryption configuration"
    for entry in entries:
        default = "ApplyServerSideEncryptionByDefault"
        algorithm, key = read(entry, f"{default}.SSEAlgorithm", "none"), read(entry, f"{default}.KMSMasterKeyID")
        if not algorithm.startswith("aws:kms"):
            yield f"encrypts with {algorithm}, where aws:kms is demanded"
        elif not keys.is_own_key(account, key):
            yield f"encrypts with {key or 'a key of AWS'}, which is no enabled key of ours"


@check("cry-1-volumes-encrypted", account_wide, proves="every new volume of the region is encrypted")
def new_volumes_are_encrypted(_: Subject, account: Account) -> Iterator[str]:
    """The account encrypts every new volume of the region."""
    account.observe(tokens.EBS_ENCRYPTION, "enabled")
    if account.ask("ec2", "get_ebs_encryption_by_default").get("EbsEncryptionByDefault") is not True:
        yield f"volumes can be made without encryption in {account.region}"


def _volumes(account: Account) -> Iterator[Subject]:
    for volume in account.all("ec2", "describe_volumes", "Volumes"):
        yield Subject(volume["VolumeId"], tokens.VOLUME, volume, tags_of(volume.get("Tags", [])))


@check("cry-1-volumes-key", _volumes, proves="it is encrypted with our key")
def volume_is_encrypted(volume: Subject, account: Account) -> Iterator[str]:
    """Every volume of the region is encrypted with our key: AWS's own is what a volume gets that names none."""
    account.observe(tokens.VOLUME, "encrypted", "kmsKeyId")
    if volume.get("Encrypted", default=False) is not True:
        yield "is not encrypted"
    elif not keys.is_own_key(account, volume.get("KmsKeyId")):
        yield f"is encrypted with {volume.get('KmsKeyId') or 'a key of AWS'}, which is no enabled key of ours"


CONTROL = Control(
    id="CRY-1",
    title="Customer keys at rest",
    statement=(
        "Databases, brokers, buckets and Kubernetes secrets are encrypted at rest with keys that the licensee owns,"
        " and no volume can be made without encryption. A bucket of access logs is encrypted with a key of S3's, for"
        " AWS delivers them into no other."
    ),
    rationale=(
        "With a key of AWS the data is encrypted, and anybody with a right to the service reads it. Our own key has"
        " a policy, a record of every use, and can be withdrawn."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "2.2.1"),
        Clause("CIS AWS", "5.0", "5.1.1"),
        Clause("CIS EKS", "1.8", "5.3.1"),
        Clause("ISO 27001", "2022", "8.24"),
        Clause("GDPR", "2016/679", "32(1)(a)"),
        Clause("UKGC RTS", "2026", "Section 4", note="The yearly audit follows ISO 27001, to which this control maps."),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The map from each store to its key, and each key's policy.",
    preventive=(
        database_has_own_key,
        brokers_have_own_key,
        secrets_have_own_key,
        bucket_has_own_key,
        volumes_are_encrypted,
    ),
    detective=(
        database_is_encrypted,
        brokers_are_encrypted,
        secrets_are_encrypted,
        bucket_is_encrypted,
        new_volumes_are_encrypted,
        volume_is_encrypted,
    ),
)
