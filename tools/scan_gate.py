"""Whether an image may run, by what the registry's scan found in it (control VUL-1).

Reads the answer of `aws ecr describe-image-scan-findings` and images/accepted-findings.toml; basic and enhanced scans
alike. Exit status: 0 may run, 2 the answer or the file cannot be read, 3 it may not.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tools.base_images import ROOT

BLOCKING: Final = frozenset({"CRITICAL", "HIGH"})
LONGEST: Final = timedelta(days=90)
DONE: Final = frozenset({"COMPLETE", "ACTIVE"})
"""A basic scan is complete; an enhanced one goes on for as long as the image is there."""

Text = Annotated[str, StringConstraints(min_length=1)]


class Accepted(BaseModel):
    """One finding that is let be, by whom, and until when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    finding: Text
    package: Text
    reason: Annotated[str, StringConstraints(min_length=20)]
    author: Text
    approver: Text
    since: Annotated[date, Field(alias="from")]
    until: date

    @model_validator(mode="after")
    def _by_two_for_a_while(self) -> Self:
        if self.author == self.approver:
            raise ValueError(f"{self.finding}: {self.author} cannot approve what they accepted")
        if not timedelta() < self.until - self.since <= LONGEST:
            raise ValueError(f"{self.finding}: from {self.since} until {self.until} is not between 1 and 90 days")
        return self


class AcceptedFindings(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: tuple[Accepted, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A weakness of one package in the image."""

    name: str
    severity: str
    package: str


class ScanError(Exception):
    """There is no finished scan to judge by."""


def findings(answer: Mapping[str, Any]) -> Iterator[Finding]:
    """What a scan found. Raises `ScanError` where it is not finished: an image that was not looked at does not run."""
    status = answer.get("imageScanStatus", {}).get("status")
    if status not in DONE:
        raise ScanError(f"the scan's status is {status!r}; it must be one of {', '.join(sorted(DONE))}")
    found = answer.get("imageScanFindings", {})
    for each in found.get("findings", ()):
        attributes = {pair["key"]: pair.get("value", "") for pair in each.get("attributes", ())}
        yield Finding(each["name"], each["severity"], attributes.get("package_name", ""))
    for each in found.get("enhancedFindings", ()):
        details = each.get("packageVulnerabilityDetails", {})
        packages = [package["name"] for package in details.get("vulnerablePackages", ())] or [""]
        for package in packages:
            yield Finding(details.get("vulnerabilityId", each["title"]), each["severity"], package)


def blocking(found: Iterable[Finding], accepted: Iterable[Accepted], today: date) -> list[Finding]:
    """The grave findings that nobody has accepted, or no longer."""
    let_be = {(each.finding, each.package) for each in accepted if each.since <= today <= each.until}
    grave = {each for each in found if each.severity in BLOCKING}
    return sorted((each for each in grave if (each.name, each.package) not in let_be), key=lambda each: each.name)


def main() -> int:
    """Judge the answer on standard input."""
    try:
        text = (ROOT / "images/accepted-findings.toml").read_text()
        accepted = AcceptedFindings.model_validate(tomllib.loads(text)).accepted
        found = list(findings(json.load(sys.stdin)))
    except (ScanError, ValidationError, tomllib.TOMLDecodeError, json.JSONDecodeError) as error:
        sys.stderr.write(f"the scan cannot be judged: {error}\n")
        return 2
    refused = blocking(found, accepted, datetime.now(UTC).date())
    for each in refused:
        sys.stdout.write(f"{each.severity} {each.name} in {each.package or 'an unnamed package'}\n")
    sys.stdout.write(f"{len(found)} findings, {len(refused)} of them block\n")
    return 3 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
