"""Where production's data lies and which store feeds which, from its plan.

Stores are told apart by who refers to them (the bucket that the trail delivers to, the one that it is replicated to),
never by their names. Two kinds of reference are ARNs that the program composes so that a policy can name a bucket or a
vault before it exists: those are matched against the store's own ARN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.resources import Resource
from tools.pages.declared import Declared, Place, UnexpectedPlanError, the_only

BUCKET: Final = "aws:s3/bucket:Bucket"
VAULT: Final = "aws:backup/vault:Vault"
GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
LANDING, ARCHIVE, REPLICA, EXPORTS = "landing bucket", "locked archive", "replica of the archive", "regulator's exports"
LOGS, LOGS_THERE = "access logs", "access logs of the archive"
LOG, LEDGER, GROUPS = "log of the exchange", "ledger", "log groups"
BACKUPS, BACKUPS_REGION, BACKUPS_ACCOUNT = "backups", "backups in another region", "backups in another account"
RECOVERY: Final = "point-in-time backups in another region"


@dataclass(frozen=True)
class Store:
    """One place of data: where it is, under which key, how it is locked and how long it is kept."""

    label: str
    place: Place
    kind: str
    key: str
    lock: str
    kept: str


@dataclass(frozen=True)
class Flow:
    """What goes from one place to another, and how it is declared."""

    source: str
    target: str
    how: str


@dataclass(frozen=True)
class Stores:
    """The facts of the page."""

    stores: tuple[Store, ...]
    flows: tuple[Flow, ...]

    def the(self, label: str) -> Store:
        """The store of a label. Raises `UnexpectedPlanError` where the plan has none."""
        return the_only(tuple(each for each in self.stores if each.label == label), label)

    def sources(self, target: str) -> list[str]:
        """Who feeds a store, without other stores."""
        labels = {each.label for each in self.stores}
        return [each.source for each in self.flows if each.target == target and each.source not in labels]


def read_stores(declared: Declared) -> Stores:
    """The stores of a plan. Raises `UnexpectedPlanError` where it has another shape than the page can show."""
    named = _named(declared)
    stores = [_store(declared, label, resource) for label, resource in named.items()]
    stores += _rest(declared)
    return Stores(tuple(stores), tuple(_flows(declared, {each.urn: label for label, each in named.items()})))


def _named(declared: Declared) -> dict[str, Resource]:
    """The stores that the picture shows, by what they are for."""
    stack = declared.stack
    trail = declared.the("aws:cloudtrail/trail:Trail")
    landing = the_only(stack.referred(trail, "s3BucketName", BUCKET), LANDING)
    copies = {declared.place(each).region: each for each in _replicated(declared, landing)}
    home = declared.place(landing).region
    if set(copies) != {home, *copies} or len(copies) != 2:
        raise UnexpectedPlanError(f"the page shows an archive and one replica; the plan has {sorted(copies)}")
    archive, replica = copies.pop(home), copies.popitem()[1]
    ledger = declared.the("aws:rds/instance:Instance")
    vaults = {(declared.place(each).account, declared.place(each).region): each for each in stack.of_type(VAULT)}
    account = declared.place(ledger).account
    own = vaults.pop((account, home))
    other_region = the_only(tuple(each for (owner, _), each in vaults.items() if owner == account), BACKUPS_REGION)
    other_account = the_only(tuple(each for (owner, _), each in vaults.items() if owner != account), BACKUPS_ACCOUNT)
    exports = [each for each in stack.of_type(BUCKET) if each.get("tags", {}).get("valletta:holds") == "exports"]
    return {
        LOG: declared.the("aws:msk/cluster:Cluster"),
        LEDGER: ledger,
        RECOVERY: declared.the("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"),
        BACKUPS: own,
        BACKUPS_ACCOUNT: other_account,
        BACKUPS_REGION: other_region,
        LANDING: landing,
        ARCHIVE: archive,
        REPLICA: replica,
        LOGS: _logged_to(declared, landing),
        LOGS_THERE: _logged_to(declared, archive),
        EXPORTS: the_only(tuple(exports), EXPORTS),
    }


def _replicated(declared: Declared, bucket: Resource) -> Iterator[Resource]:
    """The buckets into which one is replicated, by their ARNs."""
    by_arn = {f"arn:aws:s3:::{each.get('bucket')}": each for each in declared.stack.of_type(BUCKET)}
    type_ = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
    for configuration in declared.stack.referring(bucket, type_, "bucket"):
        found = {str(rule["destination"]["bucket"]) for rule in configuration.items("rules")}
        yield from (by_arn[arn] for arn in sorted(found))


def _logged_to(declared: Declared, bucket: Resource) -> Resource:
    logging = declared.stack.referring(bucket, "aws:s3/bucketLogging:BucketLogging", "bucket")
    return the_only(
        declared.stack.referred(the_only(logging, f"logging of {bucket.name}"), "targetBucket"), "bucket of logs"
    )


def _store(declared: Declared, label: str, resource: Resource) -> Store:
    place = declared.place(resource)
    match resource.type:
        case "aws:s3/bucket:Bucket":
            return Store(label, place, "S3", _key(declared, resource), *_bucket_terms(declared, resource))
        case "aws:backup/vault:Vault":
            return Store(label, place, "AWS Backup", _key(declared, resource), *_vault_terms(declared, resource))
        case "aws:msk/cluster:Cluster":
            copies = {int(each.get("replicationFactor")) for each in declared.stack.of_type("aws:msk/topic:Topic")}
            lock = f"none; {the_only(tuple(copies), 'number of copies')} copies"
            return Store(label, place, "Kafka (MSK)", _key(declared, resource), lock, _topics_kept(declared))
        case "aws:rds/instance:Instance":
            lock = "cannot be deleted" if resource.get("deletionProtection", False) else "none"
            kept = f"while it runs; back to any second of {resource.get('backupRetentionPeriod')} days"
            return Store(label, place, "PostgreSQL (RDS)", _key(declared, resource), lock, kept)
        case _:
            kept = f"{resource.get('retentionPeriod', 7)} days"
            return Store(label, place, "RDS backups", _key(declared, resource), "none", kept)


_KEYS: Final[Mapping[str, str]] = {
    "aws:msk/cluster:Cluster": "encryptionInfo",
    "aws:rds/instance:Instance": "kmsKeyId",
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": "kmsKeyId",
    VAULT: "kmsKeyArn",
    GROUP: "kmsKeyId",
    "aws:secretsmanager/secret:Secret": "kmsKeyId",
    "aws:ecr/repository:Repository": "encryptionConfigurations",
    "aws:amp/workspace:Workspace": "kmsKeyArn",
    "aws:eks/cluster:Cluster": "encryptionConfig",
    "aws:ec2/launchTemplate:LaunchTemplate": "blockDeviceMappings",
    "aws:sns/topic:Topic": "kmsMasterKeyId",
}


def _key(declared: Declared, resource: Resource) -> str:
    """The alias of the key, without the stack's name; a bucket's is in its sidecar."""
    stack = declared.stack
    if resource.type == BUCKET:
        type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        sidecar = the_only(stack.referring(resource, type_, "bucket"), f"encryption of {resource.name}")
        keys = stack.referred(sidecar, "rules", "aws:kms/key:Key")
    else:
        keys = stack.referred(resource, _KEYS[resource.type], "aws:kms/key:Key")
    if not keys:
        return "S3's own"
    aliases = stack.referring(the_only(keys, f"key of {resource.name}"), "aws:kms/alias:Alias", "targetKeyId")
    return str(the_only(aliases, f"alias of the key of {resource.name}").get("name")).rpartition("/")[2]


def _bucket_terms(declared: Declared, bucket: Resource) -> tuple[str, str]:
    """Its lock, and how long an object stays."""
    stack = declared.stack
    locks = stack.referring(bucket, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "bucket")
    lock, locked = "none", ""
    if locks:
        retention: Mapping[str, Any] = locks[0].get("rule.defaultRetention")
        locked = f"{retention['years']} years" if retention.get("years") else f"{retention['days']} days"
        lock = f"{retention['mode']}, {locked}"
    type_ = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    rules = [rule for each in stack.referring(bucket, type_, "bucket") for rule in each.items("rules")]
    ends = [rule["expiration"]["days"] for rule in rules if rule.get("expiration")]
    return lock, f"{min(ends)} days" if ends else f"{locked} at least; nothing deletes it then"


def _vault_terms(declared: Declared, vault: Resource) -> tuple[str, str]:
    """Its lock, and how long the plan's backups stay."""
    locks = declared.stack.referring(
        vault, "aws:backup/vaultLockConfiguration:VaultLockConfiguration", "backupVaultName"
    )
    lock = the_only(locks, f"lock of {vault.name}")
    permanent = lock.get("changeableForDays") is not None
    rules = declared.the("aws:backup/plan:Plan").items("rules")
    kept = ", ".join(f"{rule['ruleName']} {rule['lifecycle']['deleteAfter']} days" for rule in rules)
    return f"{'COMPLIANCE' if permanent else 'GOVERNANCE'}, {lock.get('minRetentionDays')} days at least", kept


def _topics_kept(declared: Declared) -> str:
    topics = declared.stack.of_type("aws:msk/topic:Topic")
    forever = all('"retention.ms": "-1"' in str(each.get("configs")) for each in topics)
    return "for ever" if forever else "by topic: infra/topics.toml"


def _rest(declared: Declared) -> Iterator[Store]:
    """What keeps something too, and is on the page only; groups of one kind are one row."""
    groups = declared.stack.of_type(GROUP)
    days = {int(each.get("retentionInDays", 0)) for each in groups}
    if 0 in days:
        raise UnexpectedPlanError("a log group never ends")
    keys = {_key(declared, each) for each in groups}
    kept = f"{min(days)} days" if len(days) == 1 else f"{min(days)} to {max(days)} days"
    yield Store(GROUPS, declared.place(groups[0]), f"CloudWatch, {len(groups)}", ", ".join(sorted(keys)), "none", kept)
    for type_, label, kind, kept in (
        ("aws:eks/cluster:Cluster", "objects of Kubernetes", "etcd (EKS)", "while it runs"),
        ("aws:ec2/launchTemplate:LaunchTemplate", "disks of nodes", "EBS", "as long as the node"),
        ("aws:ecr/repository:Repository", "images", "ECR", "released ones: until somebody deletes them"),
        ("aws:secretsmanager/secret:Secret", "secrets", "Secrets Manager", "until rotated or deleted"),
        ("aws:amp/workspace:Workspace", "metrics", "Prometheus", "150 days, AWS's default"),
        ("aws:sns/topic:Topic", "alarms on their way", "SNS", "until delivered"),
    ):
        found = declared.stack.of_type(type_)
        key = ", ".join(sorted({_key(declared, each) for each in found}))
        yield Store(label, declared.place(found[0]), kind, key, "none", kept)


def _flows(declared: Declared, labels: Mapping[str, str]) -> Iterator[Flow]:
    """Deliveries, replications and copies, each between two labels."""
    yield from _deliveries(declared, labels)
    stack = declared.stack
    for bucket in stack.of_type(BUCKET):
        for target in _replicated(declared, bucket):
            yield Flow(labels[bucket.urn], labels[target.urn], f"replicated, within {_minutes(declared, bucket)}")
        for logging in stack.referring(bucket, "aws:s3/bucketLogging:BucketLogging", "bucket"):
            target = the_only(stack.referred(logging, "targetBucket"), "bucket of logs")
            yield Flow(f"requests to the {labels[bucket.urn]}", labels[target.urn], "written down by S3")
    ledger, plan = declared.the("aws:rds/instance:Instance"), declared.the("aws:backup/plan:Plan")
    for selection in stack.referring(plan, "aws:backup/selection:Selection", "planId"):
        if stack.refers_to(selection, "resources", ledger.type):
            yield Flow(labels[ledger.urn], BACKUPS, "snapshots, by the backup plan")
    by_arn = {_vault_arn(declared, each): labels[each.urn] for each in stack.of_type(VAULT)}
    targets = {str(each["destinationVaultArn"]) for rule in plan.items("rules") for each in rule["copyActions"]}
    yield from (Flow(BACKUPS, by_arn[arn], "each backup is copied") for arn in sorted(targets))
    copy = "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication"
    for each in stack.referring(ledger, copy, "sourceDbInstanceArn"):
        yield Flow(labels[ledger.urn], labels[each.urn], "snapshots and write-ahead log, by RDS")


def _deliveries(declared: Declared, labels: Mapping[str, str]) -> Iterator[Flow]:
    """What AWS's services write, and where."""
    stack = declared.stack
    for type_, name, source in (
        ("aws:cloudtrail/trail:Trail", "s3BucketName", "CloudTrail"),
        ("aws:cfg/deliveryChannel:DeliveryChannel", "s3BucketName", "AWS Config"),
        ("aws:msk/cluster:Cluster", "loggingInfo", "logs of Kafka brokers"),
        ("aws:lb/loadBalancer:LoadBalancer", "accessLogs", "requests to the load balancer"),
    ):
        for each in stack.of_type(type_):
            for bucket in stack.referred(each, name, BUCKET):
                yield Flow(source, labels[bucket.urn], "delivered by AWS")
    for each in stack.of_type("aws:guardduty/publishingDestination:PublishingDestination"):
        arn = str(each.get("destinationArn"))
        for bucket in stack.of_type(BUCKET):
            if arn.startswith(f"arn:aws:s3:::{bucket.get('bucket')}/"):
                yield Flow("findings of GuardDuty", labels[bucket.urn], "delivered by AWS")


def _minutes(declared: Declared, bucket: Resource) -> str:
    type_ = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
    rules = [rule for each in declared.stack.referring(bucket, type_, "bucket") for rule in each.items("rules")]
    return f"{max(int(rule['destination']['replicationTime']['time']['minutes']) for rule in rules)} minutes"


def _vault_arn(declared: Declared, vault: Resource) -> str:
    place = declared.place(vault)
    return f"arn:aws:backup:{place.region}:{place.account}:backup-vault:{vault.get('name')}"
