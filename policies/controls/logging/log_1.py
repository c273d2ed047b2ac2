"""LOG-1: every call to the cloud is recorded, everywhere, in a trail that shows when it was touched."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from policies.account import Account, Content, Subject, Unanswered
from policies.checks import account_wide, check
from policies.cloud import digests, inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

_STAMP = re.compile(r"_([0-9]{8}T[0-9]{6}Z)\.json\.gz$")
"""How the key of a digest ends: with the time at which its hour ended."""

DIGEST_WINDOW = timedelta(hours=24)
"""How far back digests are verified in each run; an auditor who wants a longer time runs AWS's own validate-logs."""


@rule(
    "log-1-trail-multi-region",
    tokens.TRAIL,
    joins=True,
    demanded_by=(tokens.CLUSTER, tokens.DATABASE, tokens.BROKERS),
    one_an_account=True,
    remedy="Declare one trail with is_multi_region_trail=True, and leave include_global_service_events on.",
)
def records_every_region(trail: Resource, _: Stack) -> Iterator[str]:
    """The stack has a trail, and it records every region and the global services."""
    if trail.get("isMultiRegionTrail", default=False) is not True:
        yield "records its own region only (isMultiRegionTrail is not true)"
    if trail.get("includeGlobalServiceEvents", default=True) is not True:
        yield "leaves out the global services, IAM among them (includeGlobalServiceEvents is false)"


@rule("log-1-trail-digests", tokens.TRAIL, remedy="Set enable_log_file_validation=True.")
def signs_digests(trail: Resource, _: Stack) -> Iterator[str]:
    """The trail writes signed digests, so that a changed or missing log file is noticed."""
    if trail.get("enableLogFileValidation", default=False) is not True:
        yield "writes no digests, so a changed log file would not be noticed (enableLogFileValidation is not true)"


@rule("log-1-trail-on", tokens.TRAIL, remedy="Leave enable_logging at its default, true.")
def is_recording(trail: Resource, _: Stack) -> Iterator[str]:
    """The trail is switched on."""
    if trail.get("enableLogging", default=True) is not True:
        yield "is switched off (enableLogging is false)"


@check("log-1-account-has-trail", account_wide, proves="a trail records every region and the global services")
def account_has_a_trail(_: Subject, account: Account) -> Iterator[str]:
    """The account has a trail that records every region and the global services."""
    account.observe(tokens.TRAIL, "isMultiRegionTrail", "includeGlobalServiceEvents")
    if not any(_records_everything(trail) for trail in inventory.trails(account)):
        yield "no trail records every region and the global services"


def _multi_region_trails(account: Account) -> Iterator[Subject]:
    return (trail for trail in inventory.trails(account) if _records_everything(trail))


def _records_everything(trail: Subject) -> bool:
    return trail.get("IsMultiRegionTrail") is True and trail.get("IncludeGlobalServiceEvents", True) is True


@check("log-1-trail-digests", _multi_region_trails, proves="digests are on")
def trail_has_digests(trail: Subject, account: Account) -> Iterator[str]:
    """The trail writes signed digests."""
    account.observe(tokens.TRAIL, "enableLogFileValidation")
    if trail.get("LogFileValidationEnabled", False) is not True:
        yield "writes no digests (LogFileValidationEnabled is not true)"


@check("log-1-trail-on", _multi_region_trails, proves="it is recording")
def trail_is_recording(trail: Subject, account: Account) -> Iterator[str]:
    """The trail is switched on."""
    account.observe(tokens.TRAIL, "enableLogging")
    if _status(trail, account).get("IsLogging") is not True:
        yield "is switched off"


@check("log-1-trail-delivers", _multi_region_trails, proves="its last files and digests arrived")
def trail_delivers(trail: Subject, account: Account) -> Iterator[str]:
    """What the trail records, and its digests, arrive in its bucket."""
    account.observe_field("cloudtrail:GetTrailStatus.LatestDeliveryError")
    status = _status(trail, account)
    for field in ("LatestDeliveryError", "LatestDigestDeliveryError"):
        if status.get(field):
            yield f"could not deliver to its bucket: {field} is {status[field]}"


@dataclass(frozen=True, slots=True)
class _Day:
    """Where the digests of one trail and region lie, and of which hours they are."""

    trail: Subject
    folder: str
    """The key's beginning, up to the year."""
    since: datetime
    until: datetime

    @property
    def folders(self) -> Iterator[str]:
        """One folder a day."""
        for days in range((self.until.date() - self.since.date()).days + 1):
            yield f"{self.folder}{self.since + timedelta(days=days):%Y/%m/%d}/"


def _digest_days(account: Account) -> Iterator[Subject]:
    """The digests of the last day of each trail, in this region."""
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for trail in _multi_region_trails(account):
        prefix = f"{trail.get('S3KeyPrefix')}/" if trail.get("S3KeyPrefix") else ""
        organisation = f"{_organisation(account)}/" if trail.get("IsOrganizationTrail") is True else ""
        folder = f"{prefix}AWSLogs/{organisation}{account.id}/CloudTrail-Digest/{account.region}/"
        day = _Day(trail, folder, until - DIGEST_WINDOW, until)
        yield Subject(f"arn:aws:s3:::{trail.data['S3BucketName']}/{folder}", tokens.TRAIL, {"day": day})


def _organisation(account: Account) -> str:
    return str(account.ask("organizations", "describe_organization")["Organization"]["Id"])


@check(
    "log-1-digests-verified",
    _digest_days,
    proves="every digest of the last day, and every log file that it names, is as CloudTrail wrote it",
)
def digests_are_verified(digests_of: Subject, account: Account) -> Iterator[str]:
    """Every digest of the last day, and every log file that it names, is as CloudTrail wrote it."""
    day: _Day = digests_of.data["day"]
    bucket = day.trail.data["S3BucketName"]
    published = account.all("cloudtrail", "list_public_keys", "PublicKeyList", **_between(day))
    keys = {each["Fingerprint"]: base64.b64encode(bytes.fromhex(each["Value"])).decode() for each in published}
    named = f"_CloudTrail-Digest_{account.region}_{day.trail.data['Name']}_"
    found = [key for key in _listed(bucket, day, account) if named in key]
    read = [digests.read_digest(bucket, key, account.content(bucket, key)) for key in found]
    yield from (fault for fault in read if isinstance(fault, str))
    whole = [digest for digest in read if isinstance(digest, digests.Digest)]
    yield from _gap_faults(whole, day, account)
    yield from digests.chain_faults(whole, keys, lambda where, key: _log_file(where, key, account))


def _listed(bucket: str, day: _Day, account: Account) -> Iterator[str]:
    """The keys of the digests, oldest first: each key ends with its hour."""
    for folder in day.folders:
        for entry in account.all("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=folder):
            ended = _STAMP.search(entry["Key"])
            if ended and datetime.strptime(ended[1], "%Y%m%dT%H%M%S%z") > day.since:
                yield entry["Key"]


def _log_file(bucket: str, key: str, account: Account) -> Content | None:
    try:
        return account.content(bucket, key)
    except Unanswered as refusal:
        if refusal.code == "NoSuchKey":
            return None
        raise


def _between(day: _Day) -> dict[str, str]:
    return {"StartTime": day.since.isoformat(), "EndTime": day.until.isoformat()}


def _gap_faults(whole: Sequence[digests.Digest], day: _Day, account: Account) -> Iterator[str]:
    """The digests reach over the whole day, or over the time since the trail began; it was never off in between."""
    status = _status(day.trail, account)
    started, stopped = (_moment(status.get(name)) for name in ("StartLoggingTime", "StopLoggingTime"))
    if stopped is not None and stopped > day.since:
        yield f"the trail was switched off at {stopped.isoformat()}"
        return
    since = max(filter(None, (day.since, started)))
    if since < day.until - timedelta(hours=2):
        yield from digests.gap_faults(whole, since, day.until)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _status(trail: Subject, account: Account) -> Mapping[str, Any]:
    return account.ask("cloudtrail", "get_trail_status", Name=trail.id)


CONTROL = Control(
    id="LOG-1",
    title="Multi-region trail with digests",
    statement=(
        "Every call to the cloud's APIs, in every region and in the global services, is recorded by a trail that is"
        " switched on and writes signed digests."
    ),
    rationale=(
        "Whoever rewrites history does it through an API. A trail of one region misses what happens in another; "
        "without digests a removed log file leaves no gap that anybody could see."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "3.1"),
        Clause("CIS AWS", "5.0", "3.2"),
        Clause("PCI DSS", "4.0.1", "10.2"),
        Clause("PCI DSS", "4.0.1", "10.3.4", note="The digests are the change detection."),
        Clause("ISO 27001", "2022", "8.15"),
        Clause("GLI-19", "3.0", "B.6.5"),
        Clause("UKGC RTS", "2026", "Section 4", note="The yearly audit follows ISO 27001, to which this control maps."),
        Clause("MGA", "2018", "Technical infrastructure guidelines: integrity"),
    ),
    severity=Severity.CRITICAL,
    owner="Security officer",
    evidence=(
        "The trail's configuration and status; the digests of the last day, which every run verifies; and for a longer "
        "time the output of `aws cloudtrail validate-logs`, run by the auditor's own hands."
    ),
    preventive=(records_every_region, signs_digests, is_recording),
    detective=(account_has_a_trail, trail_has_digests, trail_is_recording, trail_delivers, digests_are_verified),
)
