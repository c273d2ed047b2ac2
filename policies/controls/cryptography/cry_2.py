"""CRY-2: nothing travels in the clear."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import documents, inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

FORCE_SSL = "rds.force_ssl"
"""PostgreSQL's parameter on RDS: 1 refuses a connection without TLS."""


@rule(
    "cry-2-brokers-tls",
    tokens.BROKERS,
    remedy="Set encryption_info.encryption_in_transit to client_broker=TLS, in_cluster=True.",
)
def brokers_speak_tls(cluster: Resource, _: Stack) -> Iterator[str]:
    """Brokers speak TLS only, with clients and among themselves; both are MSK's defaults."""
    transit = "encryptionInfo.encryptionInTransit"
    clients = cluster.get(f"{transit}.clientBroker", default="TLS")
    if clients != "TLS":
        yield f"speaks {clients} with its clients, where TLS is demanded"
    if cluster.get(f"{transit}.inCluster", default=True) is not True:
        yield "speaks plain text among its brokers (inCluster is false)"


@rule(
    "cry-2-database-tls",
    tokens.DATABASE,
    joins=True,
    remedy=f"Give the database a parameter group of this stack with {FORCE_SSL}=1.",
)
def database_demands_tls(database: Resource, stack: Stack) -> Iterator[str]:
    """A database refuses connections without TLS, by a parameter that the stack declares."""
    groups = stack.referred(database, "parameterGroupName", tokens.DATABASE_PARAMETERS)
    if not groups:
        yield f"has no parameter group of this stack, so {FORCE_SSL} is left to chance"
    for group in groups:
        values = {entry.get("name"): entry.get("value") for entry in group.items("parameters")}
        value = values.get(FORCE_SSL, "not set")
        if str(value) != "1":
            yield f"lets clients connect without TLS ({FORCE_SSL} of {group.name} is {value})"


@rule(
    "cry-2-bucket-tls",
    tokens.BUCKET,
    joins=True,
    remedy=(
        "Declare a bucket policy that denies s3:* to everybody, on the bucket and its objects, where "
        "aws:SecureTransport is false."
    ),
)
def bucket_demands_tls(bucket: Resource, stack: Stack) -> Iterator[str]:
    """A bucket's policy denies every request over plain HTTP."""
    declared = stack.referring(bucket, tokens.BUCKET_POLICY, "bucket")
    if not any(
        documents.denies_plain_http(documents.parsed(policy.get("policy")), bucket.get("bucket")) for policy in declared
    ):
        yield "has no policy that denies every request over plain HTTP"


@check("cry-2-brokers-tls", inventory.broker_clusters, proves="they speak TLS only")
def brokers_demand_tls(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers speak TLS only, with clients and among themselves."""
    account.observe(tokens.BROKERS, "encryptionInfo")
    transit = "Provisioned.EncryptionInfo.EncryptionInTransit"
    clients = cluster.get(f"{transit}.ClientBroker", default="TLS")
    if clients != "TLS":
        yield f"speak {clients} with their clients"
    if cluster.get(f"{transit}.InCluster", default=True) is not True:
        yield "speak plain text among themselves"


@check("cry-2-database-tls", inventory.databases, proves="it refuses connections without TLS")
def database_refuses_plain_text(database: Subject, account: Account) -> Iterator[str]:
    """A database refuses connections without TLS, by a parameter that takes effect at once."""
    account.observe(tokens.DATABASE_PARAMETERS, "parameters")
    groups = database.get("DBParameterGroups", default=[])
    for group in groups:
        name = group["DBParameterGroupName"]
        parameters = account.all("rds", "describe_db_parameters", "Parameters", DBParameterGroupName=name)
        values = {entry["ParameterName"]: entry.get("ParameterValue") for entry in parameters}
        if values.get(FORCE_SSL) != "1":
            yield f"lets clients connect without TLS ({FORCE_SSL} of {name} is {values.get(FORCE_SSL, 'not set')})"
    if not groups:
        yield "has no parameter group"


@check("cry-2-bucket-tls", inventory.buckets, proves="it denies every request over plain HTTP")
def bucket_refuses_plain_http(bucket: Subject, account: Account) -> Iterator[str]:
    """A bucket's policy denies every request over plain HTTP."""
    account.observe(tokens.BUCKET_POLICY, "policy")
    name = bucket.data["Name"]
    answer = account.find("s3", "get_bucket_policy", ("NoSuchBucketPolicy",), Bucket=name) or {}
    if not documents.denies_plain_http(documents.parsed(answer.get("Policy")), name):
        yield "has no policy that denies every request over plain HTTP"


CONTROL = Control(
    id="CRY-2",
    title="TLS on every way",
    statement="Brokers and databases refuse connections without TLS, and buckets deny every request over plain HTTP.",
    rationale=(
        "A network that is private today is peered tomorrow. What refuses plain text needs nobody to remember it."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "2.1.1"),
        Clause("PCI DSS", "4.0.1", "4.2"),
        Clause("ISO 27001", "2022", "8.24"),
        Clause("GDPR", "2016/679", "32(1)(a)"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The configuration of brokers, databases and buckets, and a refused connection without TLS.",
    preventive=(brokers_speak_tls, database_demands_tls, bucket_demands_tls),
    detective=(brokers_demand_tls, database_refuses_plain_text, bucket_refuses_plain_http),
)
