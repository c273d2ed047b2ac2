"""What is in the account: the lists of subjects that several detective checks share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policies.account import Account, Subject, Unanswered, tags_of
from policies.cloud import tokens

DETAILS: Final = ("User", "Role", "Group", "LocalManagedPolicy")
"""What is asked of IAM's authorization details: all but AWS's own policies. One question for whoever needs a part."""


def trails(account: Account) -> Iterator[Subject]:
    """Every trail that records this region, wherever its home is."""
    for trail in account.all("cloudtrail", "describe_trails", "trailList"):
        yield Subject(trail["TrailARN"], tokens.TRAIL, trail)


def buckets(account: Account) -> Iterator[Subject]:
    """Every bucket of the account, in any region."""
    yield from account.spread(
        account.all("s3", "list_buckets", "Buckets"), lambda bucket, asked: bucket_named(asked, bucket["Name"])
    )


def bucket_named(account: Account, name: str) -> Subject:
    """One bucket with its tags. A refused look at the tags is no error: without tags it counts as production's."""
    try:
        answer = account.find("s3", "get_bucket_tagging", ("NoSuchTagSet",), Bucket=name) or {}
    except Unanswered:
        answer = {}
    return Subject(f"arn:aws:s3:::{name}", tokens.BUCKET, {"Name": name}, tags_of(answer.get("TagSet", [])))


def access_log_sources(account: Account) -> Mapping[str, str]:
    """The buckets into which S3 writes down the requests to others, each with one of those others."""
    names = [bucket["Name"] for bucket in account.all("s3", "list_buckets", "Buckets")]
    targets = account.spread(names, logs_into)
    return {target: name for name, target in zip(names, targets, strict=True) if target}


def logs_into(name: str, account: Account) -> str | None:
    """The bucket into which S3 writes down the requests to this one; None where it does not."""
    logging = account.ask("s3", "get_bucket_logging", Bucket=name).get("LoggingEnabled")
    return str(logging["TargetBucket"]) if logging else None


def vpcs(account: Account) -> Iterator[Subject]:
    """Every network of the region."""
    for vpc in account.all("ec2", "describe_vpcs", "Vpcs"):
        yield Subject(vpc["VpcId"], tokens.VPC, vpc, tags_of(vpc.get("Tags", [])))


def networks_in_use(account: Account) -> Iterator[Subject]:
    """Every network but an empty default one, which AWS puts into every region of an account."""
    used = {interface["VpcId"] for interface in account.all("ec2", "describe_network_interfaces", "NetworkInterfaces")}
    return (vpc for vpc in vpcs(account) if not vpc.get("IsDefault", default=False) or vpc.id in used)


def clusters(account: Account) -> Iterator[Subject]:
    """Every Kubernetes cluster of the region."""
    yield from account.spread(account.ask("eks", "list_clusters").get("clusters", []), _cluster)


def _cluster(name: str, account: Account) -> Subject:
    cluster = account.ask("eks", "describe_cluster", name=name)["cluster"]
    return Subject(cluster["arn"], tokens.CLUSTER, cluster, cluster.get("tags", {}))


def databases(account: Account) -> Iterator[Subject]:
    """Every database instance of the region."""
    for database in account.all("rds", "describe_db_instances", "DBInstances"):
        tags = tags_of(database.get("TagList", []))
        yield Subject(database["DBInstanceArn"], tokens.DATABASE, database, tags)


def broker_clusters(account: Account) -> Iterator[Subject]:
    """Every provisioned cluster of brokers of the region."""
    for cluster in account.all("kafka", "list_clusters_v2", "ClusterInfoList"):
        if "Provisioned" in cluster:
            yield Subject(cluster["ClusterArn"], tokens.BROKERS, cluster, cluster.get("Tags", {}))
