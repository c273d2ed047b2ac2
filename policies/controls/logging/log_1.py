"""LOG-1: every call to the cloud is recorded, everywhere, in a trail that shows when it was touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies import inventory, tokens
from policies.account import Account, Subject
from policies.checks import account_wide, check
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule


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
        "The trail's configuration and status, and the output of `aws cloudtrail validate-logs` over the period in "
        "question, run by the auditor's own hands: it checks every digest's signature and every file's hash."
    ),
    preventive=(records_every_region, signs_digests, is_recording),
    detective=(account_has_a_trail, trail_has_digests, trail_is_recording, trail_delivers),
)
