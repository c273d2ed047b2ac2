"""Waivers: what is let pass, by whom, why, and until when. Each is a file under `policies/waivers/`.

A waiver turns FAIL or NOT_IMPLEMENTED into WAIVED, for one control on one resource of one account. It never touches
ERROR: what was not seen cannot be let pass.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from policies.catalogue import catalogue
from policies.evidence.run import Finding
from policies.model import Outcome

FOLDER: Final = Path(__file__).parent.parent / "waivers"
MOST: Final = timedelta(days=90)
_WAIVABLE: Final = frozenset({Outcome.FAIL, Outcome.NOT_IMPLEMENTED})


class WaiverError(Exception):
    """Waivers that cannot stand: `faults` has a line for each, with the file, the value and what would be right."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Waiver(BaseModel):
    """One waiver."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    control: str
    resource: str = Field(min_length=1)
    """As findings name it, whole."""
    account: str = Field(pattern=r"^\d{12}$")
    reason: str = Field(min_length=20)
    author: str = Field(min_length=1)
    approver: str = Field(min_length=1)
    ticket: str = Field(min_length=1)
    begins: date = Field(alias="from")
    expires: date
    """The last day."""
    file: str = ""
    """Where it is written, for those who read about it."""

    @model_validator(mode="after")
    def _stands(self) -> Waiver:
        faults = list(self._faults())
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        known = {control.id for control in catalogue()}
        if self.control not in known:
            yield f"control is {self.control!r}, which is not in the catalogue"
        if any(sign in self.resource for sign in "*?"):
            yield f"resource is {self.resource!r}; name one resource whole, without wildcards"
        if self.author.casefold() == self.approver.casefold():
            yield f"approver is {self.approver!r}, who is the author; somebody else must approve"
        if self.expires < self.begins:
            yield f"expires is {self.expires}, before from, which is {self.begins}"
        elif self.expires - self.begins > MOST:
            yield f"expires is {self.expires}; at most {MOST.days} days after {self.begins} is {self.begins + MOST}"

    def fits(self, finding: Finding) -> bool:
        """Is the finding on this waiver's control and resource?"""
        return (self.control, self.resource, self.account) == (finding.control, finding.resource, finding.account)

    def in_force(self, today: date) -> bool:
        """Does it count on this day?"""
        return self.begins <= today <= self.expires

    def told(self, today: date, outcome: str) -> dict[str, Any]:
        """It as plain data, with what became of it."""
        state = "in force" if self.in_force(today) else "expired" if today > self.expires else "not begun"
        return {**self.model_dump(mode="json", by_alias=True), "state": state, "outcome": outcome}


def load_waivers(folder: Path = FOLDER) -> tuple[Waiver, ...]:
    """Every waiver of a folder, by file name.

    Raises:
        WaiverError: a file is no waiver, or two waive the same.
    """
    found: list[Waiver] = []
    faults: list[str] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            found.append(Waiver.model_validate({**tomllib.loads(file.read_text(encoding="utf-8")), "file": file.name}))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            faults.append(f"{file.name} is no TOML: {error}")
        except ValidationError as error:
            faults += [f"{file.name}: {_told(fault)}" for fault in error.errors()]
    faults += _twice(found)
    if faults:
        raise WaiverError(faults)
    return tuple(found)


NOTHING: Final = "nothing was found on that resource"
"""What becomes of a waiver whose control, resource and account are those of no finding."""


def apply_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], today: date
) -> tuple[list[Finding], tuple[dict[str, Any], ...]]:
    """The findings as the waivers leave them, and every waiver with what became of it."""
    judged = list(findings)
    told: list[dict[str, Any]] = []
    for waiver in waivers:
        places = [at for at, finding in enumerate(judged) if waiver.fits(finding)]
        outcomes = {judged[at].outcome.value for at in places}
        for at in places:
            judged[at] = _waived(judged[at], waiver, today)
        told.append(waiver.told(today, ", ".join(sorted(outcomes)) or NOTHING))
    return judged, tuple(told)


def _waived(finding: Finding, waiver: Waiver, today: date) -> Finding:
    if finding.outcome not in _WAIVABLE:
        return finding
    if not waiver.in_force(today):
        when = f"expired on {waiver.expires}" if today > waiver.expires else f"begins on {waiver.begins}"
        return replace(finding, reason=f"{finding.reason} (the waiver {waiver.file} {when}, so it fails)")
    why = f"waived until {waiver.expires} by {waiver.approver}, {waiver.ticket}: {waiver.reason.rstrip('.')}"
    return replace(finding, outcome=Outcome.WAIVED, reason=f"{finding.reason} ({why})")


def _twice(found: Sequence[Waiver]) -> Iterator[str]:
    """Two waivers of the same thing may follow each other, and never overlap."""
    for at, one in enumerate(found):
        for other in found[:at]:
            same = (one.control, one.resource, one.account) == (other.control, other.resource, other.account)
            if same and one.begins <= other.expires and other.begins <= one.expires:
                yield f"{one.file} waives what {other.file} waives, on the same days"


def _told(fault: Any) -> str:  # noqa: ANN401  (pydantic's own shape)
    place = ".".join(str(step) for step in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "missing":
        return f"{place} is not set"
    return f"{place} is {fault['input']!r}: {message}" if place else message
