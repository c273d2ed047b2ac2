"""LOG-2: audit records end in an archive that nobody can shorten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import archive, tokens
from policies.environment import Environment
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

SAMPLE = 20
"""How many objects of the archive are looked at: spread over its folders, the newest of each included."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""S3 counts from the moment at which it wrote the object, which is not the moment that its listing shows."""


@dataclass(frozen=True, slots=True)
class Lock:
    """What is demanded of the archive's lock: one of these modes, for so many days or years."""

    modes: frozenset[str]
    days: int
    years: int

    @property
    def least(self) -> timedelta:
        """The shortest time for which an object may be locked, whichever way the retention is given."""
        return timedelta(days=min(self.days, self.years * 365))

    def suffices(self, days: int, years: int) -> bool:
        """Is a default retention, of days or of years, long enough?"""
        return days >= self.days or years >= self.years

    def faults(self, mode: str | None, days: int, years: int) -> Iterator[str]:
        """What is wrong with a default retention."""
        if mode not in self.modes:
            yield f"locks in mode {mode or 'none'}, where {' or '.join(sorted(self.modes))} is demanded"
        if not self.suffices(days, years):
            kept = f"{years} years" if years else f"{days} days"
            yield f"keeps objects for {kept}, where {self.days} days are demanded"


_ANY_MODE = frozenset({"COMPLIANCE", "GOVERNANCE"})

DEMANDED = {
    Environment.PRODUCTION: Lock(frozenset({"COMPLIANCE"}), days=1827, years=5),  # five years hold up to two leap days
    Environment.STAGING: Lock(_ANY_MODE, days=1, years=1),
    Environment.LOCAL: Lock(_ANY_MODE, days=1, years=1),
}


@rule(
    "log-2-trail-ends-in-archive",
    tokens.TRAIL,
    joins=True,
    remedy=(
        "Deliver the trail into a bucket that has an Object Lock configuration, or replicate the whole of that "
        "bucket into one."
    ),
)
def ends_in_a_locked_archive(trail: Resource, stack: Stack) -> Iterator[str]:
    """What the trail writes ends in a bucket with an Object Lock."""
    landings = stack.referred(trail, "s3BucketName", tokens.BUCKET)
    if not landings:
        yield "delivers into a bucket that this stack does not declare, so nobody can see whether it is locked"
    for bucket in landings:
        ends = (bucket, *archive.planned_destinations(bucket, stack))
        if not any(archive.planned_lock(end, stack) for end in ends):
            yield f"delivers into {bucket.name}, which is neither locked nor replicated as a whole into a locked bucket"


@rule(
    "log-2-archive-lock",
    tokens.BUCKET_LOCK,
    joins=True,
    demanded_by=(tokens.TRAIL,),
    remedy=(
        "In production set the default retention to COMPLIANCE and five years. A lock cannot be undone: the program"
        " asks for the date in the stack's settings first."
    ),
)
def locks_long_enough(lock: Resource, stack: Stack) -> Iterator[str]:
    """The lock's mode and retention are those that the environment demands, but on exports for a regulator."""
    if archive.planned_exports(lock, stack):
        return
    retention = "rule.defaultRetention"
    mode, days, years = (lock.get(f"{retention}.{name}") for name in ("mode", "days", "years"))
    yield from DEMANDED[stack.environment].faults(mode, int(days or 0), int(years or 0))


@rule(
    "log-2-archive-kept",
    tokens.BUCKET,
    joins=True,
    remedy="Leave force_destroy at its default, false, on a locked bucket.",
)
def is_not_emptied_on_destroy(bucket: Resource, stack: Stack) -> Iterator[str]:
    """Where records are kept, a locked bucket is not emptied when the stack is destroyed."""
    if stack.environment is Environment.LOCAL or not archive.planned_lock(bucket, stack):
        return
    if bucket.get("forceDestroy", default=False) is not False:
        yield "is locked, and would be emptied on destroy (forceDestroy is true)"


@check("log-2-archive-lock", archive.archives, proves="mode and default retention are as demanded")
def archive_is_locked(bucket: Subject, account: Account) -> Iterator[str]:
    """The archive's lock has the mode and the retention that its environment demands."""
    account.observe(tokens.BUCKET_LOCK, "rule")
    lock = archive.lock_of(bucket, account)
    if lock is None:
        yield "has no Object Lock"
        return
    configured = Subject(bucket.id, tokens.BUCKET_LOCK, lock)
    mode, days, years = (configured.get(f"Rule.DefaultRetention.{name}") for name in ("Mode", "Days", "Years"))
    yield from DEMANDED[account.environment(bucket)].faults(mode, int(days or 0), int(years or 0))


@check("log-2-archive-objects", archive.archives, proves="no object of the sample is without that lock")
def objects_are_locked(bucket: Subject, account: Account) -> Iterator[str]:
    """A sample of the archive's objects is locked as its environment demands.

    The default retention binds only what was written after it.
    """
    if archive.lock_of(bucket, account) is None:
        yield "has no Object Lock, so none of its objects is locked"
        return
    name = bucket.data["Name"]
    for key in archive.sample(name, SAMPLE, account):
        yield from _object_faults(name, key, DEMANDED[account.environment(bucket)], account)


def _object_faults(bucket: str, key: str, demanded: Lock, account: Account) -> Iterator[str]:
    head = account.ask("s3", "head_object", Bucket=bucket, Key=key)
    mode = head.get("ObjectLockMode")
    if mode not in demanded.modes:
        yield f"object {key} is locked in mode {mode or 'none'}"
    written, until = _moment(head["LastModified"]), head.get("ObjectLockRetainUntilDate")
    if until is None or _moment(until) - written + CLOCK_TOLERANCE < demanded.least:
        yield f"object {key} is locked until {until or 'no day at all'}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


CONTROL = Control(
    id="LOG-2",
    title="Locked audit archive",
    statement=(
        "Audit records end in an archive with an Object Lock. In production the mode is COMPLIANCE and the "
        "retention at least five years; elsewhere, where no player's money is held, any mode and at least one day. "
        "What carries no environment is judged as production. Exports for a regulator are no records but copies of"
        " some, and may hold personal data: their lock can be lifted."
    ),
    rationale=(
        "A log that an administrator can delete proves nothing about administrators. A lock in COMPLIANCE mode "
        "binds everybody, the account's owner and AWS included."
    ),
    clauses=(
        Clause("GLI-19", "3.0", "2.8.1"),
        Clause("GLI-19", "3.0", "A.4.4"),
        Clause("US-WV", "179-9", "179-9-6.4"),
        Clause("ISO 27001", "2022", "5.33"),
        Clause("PCI DSS", "4.0.1", "10.5.1"),
        Clause("MGA", "2018", "Technical infrastructure guidelines: integrity"),
        Clause("MGA", "2018", "AML record retention"),
    ),
    severity=Severity.CRITICAL,
    owner="Compliance officer",
    evidence=(
        f"The archive's lock configuration; the retention of {SAMPLE} objects, spread over its folders, the "
        "newest of each included; and that of objects that the auditor picks."
    ),
    preventive=(ends_in_a_locked_archive, locks_long_enough, is_not_emptied_on_destroy),
    detective=(archive_is_locked, objects_are_locked),
)
