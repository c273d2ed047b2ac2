"""LOC-1: regulated data and the machines that work on it stay in the allowed regions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.cloud.documents import listed, parsed, statements
from policies.cloud.regions import ALLOWED, region_of_zone
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import is_mapping

NAMES_REGION = "us-east-1"
"""Route 53's only home: it takes its signing key and the log of its queries there and nowhere else."""

LOOKED_FOR = "network interfaces, volumes, snapshots, tables, repositories, recovery points"
"""Of what is asked in a region that is not allowed. What else may lie there the service control policy forbids."""

PLACED = (
    tokens.PROVIDER,
    tokens.SUBNET,
    tokens.BUCKET,
    tokens.BACKUP_VAULT,
    tokens.DATABASE,
    tokens.BROKERS,
    tokens.SERVERLESS_BROKERS,
    tokens.CLUSTER,
    tokens.KEY,
    tokens.LOG_GROUP,
    tokens.REPOSITORY,
    tokens.TRAIL,
)
"""What holds data, works on it, or says where everything else goes."""


@rule(
    "loc-1-allowed-regions",
    *PLACED,
    tokens.ORGANIZATION_POLICY,
    joins=True,
    remedy=f"Name one of {', '.join(sorted(ALLOWED))}, on the provider and wherever a region is given.",
)
def lies_in_an_allowed_region(resource: Resource, stack: Stack) -> Iterator[str]:
    """What has a region lies in an allowed one, and a service control policy that names regions names no other.

    A resource that names none lies in its provider's.
    """
    if resource.type == tokens.ORGANIZATION_POLICY:
        yield from _policy_faults(resource)
        return
    region, zone = resource.get("region"), resource.get("availabilityZone")
    if resource.type == tokens.PROVIDER and region is None:
        yield "names no region, so the shell that runs Pulumi decides where everything lies"
    for place in filter(None, (region, zone and region_of_zone(zone))):
        if place not in ALLOWED and not _serves_names(resource, place, stack):
            yield f"lies in {place}, which is not among the allowed regions"


def _serves_names(resource: Resource, region: str, stack: Stack) -> bool:
    """Is it what Route 53 takes in one place of the world only: the log of its queries, its key, or its signing key?"""
    if region != NAMES_REGION:
        return False
    if resource.type == tokens.LOG_GROUP:
        return str(resource.get("name", "")).startswith("/aws/route53/")
    logs = stack.referring(resource, tokens.LOG_GROUP, "kmsKeyId")
    signs = resource.get("keyUsage", default="ENCRYPT_DECRYPT") == "SIGN_VERIFY"
    encrypts_names = bool(logs) and all(_serves_names(each, region, stack) for each in logs)
    return resource.type == tokens.KEY and (signs or encrypts_names)


def _policy_faults(policy: Resource) -> Iterator[str]:
    for statement in statements(parsed(policy.get("content"))):
        for tests in (statement.get("Condition") or {}).values():
            named = set(listed(tests.get("aws:RequestedRegion"))) if is_mapping(tests) else set()
            if named - ALLOWED:
                yield f"lets work go on in {', '.join(sorted(named - ALLOWED))}, which is not among the allowed regions"


def _other_regions(account: Account) -> Iterator[Subject]:
    """Every region that is switched on in the account and not allowed."""
    for region in account.all("ec2", "describe_regions", "Regions"):
        if region["RegionName"] not in ALLOWED and region.get("OptInStatus") != "not-opted-in":
            yield Subject(region["RegionName"], "aws:index/region:Region", region)


def _holdings(region: str, account: Account) -> Iterator[tuple[int, str]]:
    """How many there are of what is looked for. Whatever runs in a network has an interface there."""
    own = [{"Name": "owner-id", "Values": [account.id]}]
    interfaces = account.ask("ec2", "describe_network_interfaces", in_region=region)
    yield len(interfaces.get("NetworkInterfaces", ())), "network interfaces"
    yield len(account.ask("ec2", "describe_volumes", in_region=region).get("Volumes", ())), "volumes"
    snapshots = account.ask("ec2", "describe_snapshots", in_region=region, Filters=own)
    yield len(snapshots.get("Snapshots", ())), "snapshots of volumes"
    databases = account.ask("rds", "describe_db_snapshots", in_region=region)
    clusters = account.ask("rds", "describe_db_cluster_snapshots", in_region=region)
    kept = len(databases.get("DBSnapshots", ())) + len(clusters.get("DBClusterSnapshots", ()))
    yield kept, "snapshots of databases"
    yield len(account.ask("dynamodb", "list_tables", in_region=region).get("TableNames", ())), "tables"
    yield len(account.ask("ecr", "describe_repositories", in_region=region).get("repositories", ())), "repositories"
    vaults = account.ask("backup", "list_backup_vaults", in_region=region).get("BackupVaultList", ())
    yield sum(vault.get("NumberOfRecoveryPoints") or 0 for vault in vaults), "recovery points"


@check("loc-1-nothing-elsewhere", _other_regions, proves=f"none is there of what is asked for: {LOOKED_FOR}")
def nothing_lies_elsewhere(region: Subject, account: Account) -> Iterator[str]:
    """In a region that is not allowed nothing runs in a network, and none of what commonly keeps data is there."""
    for found, word in _holdings(region.id, account):
        if found:
            yield f"holds {found} {word}, though it is not among the allowed regions"


@check("loc-1-bucket-region", inventory.buckets, proves="it lies in an allowed region")
def bucket_lies_in_an_allowed_region(bucket: Subject, account: Account) -> Iterator[str]:
    """Every bucket of the account lies in an allowed region."""
    answer = account.ask("s3", "get_bucket_location", Bucket=bucket.data["Name"])
    place = answer.get("LocationConstraint") or "us-east-1"  # S3's way of saying so
    region = "eu-west-1" if place == "EU" else place
    if region not in ALLOWED:
        yield f"lies in {region}, which is not among the allowed regions"


CONTROL = Control(
    id="LOC-1",
    title="Allowed regions only",
    statement=(
        "Regulated data, and the machines that work on it, lie in regions of the EU, the EEA and Zurich, in every "
        f"environment. The one exception is what Route 53 takes in {NAMES_REGION} only: its signing key, and the log "
        "of the names that were asked for, which hold no player's data."
    ),
    rationale=(
        "The licence and the law on personal data follow the place where data lies. A region is one word in a "
        "setting, so it is checked before anything is made, forbidden to everybody in the account, and looked for "
        "afterwards."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: hosting"),
        Clause("GDPR", "2016/679", "44", note="Data that stays needs no transfer."),
        Clause("ISO 27001", "2022", "5.23"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence=(
        "The service control policy on the accounts, which is the licensee's to show; the region of every bucket; and "
        f"that in each region that is not allowed there are none of these: {LOOKED_FOR}."
    ),
    preventive=(lies_in_an_allowed_region,),
    detective=(nothing_lies_elsewhere, bucket_lies_in_an_allowed_region),
)
