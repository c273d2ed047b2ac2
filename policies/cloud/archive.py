"""Where the audit records end: the buckets to which the trail delivers, and those to which they are replicated.

AWS cannot deliver every log into a locked bucket, so records land in an unlocked one and are replicated into a locked
one. A bucket is the *archive* when it is locked itself; a landing bucket is right when all of it goes to an archive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from policies.account import Account, Subject
from policies.cloud import inventory, tokens
from policies.resources import Resource, Stack, UnknownValueError
from policies.values import Value, is_mapping, read

HOLDS_TAG: Final = "valletta:holds"
EXPORTS: Final = "exports"
"""What a bucket says of itself that holds copies made for a regulator, and no records: `valletta:holds=exports`."""


def planned_exports(lock: Resource, stack: Stack) -> bool:
    """Does this lock guard exports, which may hold personal data and are records no longer?"""
    buckets = stack.referred(lock, "bucket", tokens.BUCKET)
    return bool(buckets) and all(bucket.get(f"tags.{HOLDS_TAG}") == EXPORTS for bucket in buckets)


def planned_lock(bucket: Resource, stack: Stack) -> Resource | None:
    """The lock configuration of a bucket in a plan, joined through its reference."""
    return next(iter(stack.referring(bucket, tokens.BUCKET_LOCK, "bucket")), None)


def planned_destinations(bucket: Resource, stack: Stack) -> Iterator[Resource]:
    """The buckets into which the whole of a bucket is replicated, in a plan.

    A destination is named by its ARN, which a program may compose from the name that the bucket declares.
    """
    declared = {f"arn:aws:s3:::{each.get('bucket')}": each for each in stack.of_type(tokens.BUCKET) if _is_named(each)}
    for replication in stack.referring(bucket, tokens.BUCKET_REPLICATION, "bucket"):
        for rule in replication.items("rules"):
            if carries_everything(rule):
                yield from _destination(replication, rule, declared, stack)


def _destination(
    replication: Resource, rule: Mapping[str, Any], declared: Mapping[str, Resource], stack: Stack
) -> Iterator[Resource]:
    try:
        named = declared.get(read(rule, "destination.bucket", ""))
    except UnknownValueError:
        yield from stack.referred(replication, "rules", tokens.BUCKET)
        return
    if named is not None:
        yield named


def _is_named(bucket: Resource) -> bool:
    try:
        return bucket.get("bucket") is not None
    except UnknownValueError:
        return False


def carries_everything(rule: Mapping[str, Any]) -> bool:
    """Is a rule of replication, of a plan or of an account, switched on and for every object?"""
    if rule.get("status", rule.get("Status")) != "Enabled":
        return False
    return not _narrows(rule.get("filter", rule.get("Filter")), rule.get("prefix", rule.get("Prefix")))


def _narrows(narrowed: Value, prefix: Value) -> bool:
    """Does a replication rule leave some objects out? Both services spell the parts of a filter alike but for case."""
    parts = [prefix, *(narrowed[key] for key in narrowed)] if is_mapping(narrowed) else [prefix]
    return any(bool(part) for part in parts)


def archives(account: Account) -> Iterator[Subject]:
    """Every bucket in which audit records end: behind each trail, and every other with a lock but that of exports."""
    seen: set[str] = set()
    for trail in inventory.trails(account):
        for bucket in _ends(trail.data["S3BucketName"], account):
            if bucket.id not in seen:
                seen.add(bucket.id)
                yield bucket
    others = [
        each for each in inventory.buckets(account) if each.id not in seen and each.tags.get(HOLDS_TAG) != EXPORTS
    ]
    locks = account.spread(others, lock_of)
    yield from (bucket for bucket, lock in zip(others, locks, strict=True) if lock is not None)


def _ends(name: str, account: Account) -> Iterator[Subject]:
    """Follow the replication of a landing bucket; a bucket without one is the end itself."""
    whole = [each for each in replication_rules(name, account) if carries_everything(each)]
    if not whole:
        yield inventory.bucket_named(account, name)
    for rule in whole:
        yield inventory.bucket_named(account, rule["Destination"]["Bucket"].rpartition(":")[2])


def replication_rules(name: str, account: Account) -> list[Mapping[str, Any]]:
    """The rules by which a bucket of the account is replicated; none where it is not."""
    answer = account.find("s3", "get_bucket_replication", ("ReplicationConfigurationNotFoundError",), Bucket=name)
    return list((answer or {}).get("ReplicationConfiguration", {}).get("Rules", []))


def sample(bucket: str, most: int, account: Account, folder: str = "") -> list[str]:
    """Keys of at most so many objects, spread evenly over the folders, the last of each included.

    Records lie in folders by kind, region and day, so the newest of each kind are among them. Each folder is listed by
    its own level, and never the whole bucket.
    """
    listed = account.ask("s3", "list_objects_v2", Bucket=bucket, Prefix=folder, Delimiter="/")
    within = [each["Prefix"] for each in listed.get("CommonPrefixes", [])]
    here = [each["Key"] for each in listed.get("Contents", [])]
    inner = _spread(within, most - min(len(here), 1 if within else most))
    found: list[str] = []
    for at, each in enumerate(inner):
        found += sample(bucket, (most - len(found) - bool(here)) // (len(inner) - at), account, each)
    return found + _spread(here, most - len(found))


def _spread(items: Sequence[str], most: int) -> list[str]:
    """At most so many of them, evenly: of one the last, of more the first and the last and what lies between."""
    if most >= len(items):
        return list(items)
    if most <= 1:
        return list(items[len(items) - most :])
    return [items[at * (len(items) - 1) // (most - 1)] for at in range(most)]


def lock_of(bucket: Subject, account: Account) -> Mapping[str, Any] | None:
    """The lock configuration of a bucket in the account, or None where it has no lock."""
    answer = account.find(
        "s3", "get_object_lock_configuration", ("ObjectLockConfigurationNotFoundError",), Bucket=bucket.data["Name"]
    )
    configuration = (answer or {}).get("ObjectLockConfiguration", {})
    return configuration if configuration.get("ObjectLockEnabled") == "Enabled" else None
