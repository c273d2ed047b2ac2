"""The evidence document as the reports see it. Nothing else in this package knows how the file is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from policies.evidence.run import SCHEMA
from policies.model import Outcome

ControlId = Annotated[str, Field(pattern=r"^[A-Z]{2,3}-[0-9]+$")]
"""As the catalogue has them. Other formats make ids of them, which may hold no more than this."""

_TOLD: Final = 5
"""Of the faults of a file, how many are told: a wrong file has hundreds, and the first few say what it is."""


class DocumentError(ValueError):
    """The file is no evidence document of a version that is known here; the message says where it is not."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked: one account, where, and by whom."""

    account: str
    regions: tuple[str, ...]
    caller: str
    """ARN of whoever asked."""
    endpoint: str | None
    """The twin's address; None for AWS."""
    clock_offset_s: float | None = None
    """Seconds by which the account's clock was ahead of the collector's."""
    environment: str | None = None
    """What the asker said that the account is for; None where each resource's own tag said so."""

    @property
    def region(self) -> str:
        """Every region that was looked at."""
        return ", ".join(self.regions)


@dataclass(frozen=True, slots=True)
class Waiver:
    """What was let pass, by whom, and until when."""

    control: str
    resource: str
    account: str
    reason: str
    author: str
    approver: str
    ticket: str
    expires: date
    file: str
    state: str
    """In force, expired, or not begun when the run was made."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One raw answer, without its body: what was asked, when, and the SHA-256 by which it is found in the file."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]
    at: AwareDatetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What the run says of one control on one resource of one place."""

    control: str
    resource: str
    outcome: Outcome
    reason: str
    checks: tuple[str, ...]
    answers: tuple[str, ...]
    place: Place

    @property
    def region(self) -> str:
        """Where the resource is, as its ARN says; where that says nothing, where the account was looked at."""
        parts = self.resource.split(":", 4)
        return parts[3] if len(parts) == 5 and parts[3] else self.place.region

    @property
    def name(self) -> tuple[str, ...]:
        """What distinguishes it from every other finding of a run: its id in other formats is made of this."""
        return (self.place.account, self.control, self.resource, self.outcome.value, self.reason)


@dataclass(frozen=True, slots=True)
class Document:
    """An evidence run as it was written down."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    places: tuple[Place, ...]
    commit: str
    catalogue_sha256: str
    controls: tuple[str, ...]
    """Ids of the controls that were asked about."""
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    waivers: tuple[Waiver, ...]

    def waiver_of(self, finding: Finding) -> Waiver | None:
        """The waiver by which a finding was let pass."""
        place = (finding.control, finding.resource, finding.place.account)
        alike = (each for each in self.waivers if (each.control, each.resource, each.account) == place)
        return next((each for each in alike if each.state == "in force"), None)

    @property
    def complete(self) -> bool:
        """Did the account answer every question?"""
        return not any(finding.outcome is Outcome.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class _FileFinding:
    control: ControlId
    resource: str
    outcome: Outcome
    reason: str
    account: str
    checks: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    """The file of schema 2."""

    started_at: AwareDatetime
    ended_at: AwareDatetime
    scopes: tuple[Place, ...]
    commit: str
    catalogue_sha256: str
    controls: tuple[ControlId, ...]
    findings: tuple[_FileFinding, ...]
    answers: tuple[Answer, ...]
    waivers: tuple[Waiver, ...] = ()


_FILE: Final = TypeAdapter(_File)


def document_of(content: Mapping[str, Any]) -> Document:
    """Read the content of an evidence file. What is not known to the reports is left aside.

    Raises:
        DocumentError: it is none, or of another version, or something in it has the wrong shape.
    """
    if content.get("schema") != SCHEMA:
        raise DocumentError(f"the schema is {content.get('schema')!r}, where {SCHEMA!r} is known")
    try:
        file = _FILE.validate_python(content)
    except ValidationError as error:
        raise DocumentError("; ".join(_told(error))) from error
    places = {place.account: place for place in file.scopes}
    return Document(
        started_at=file.started_at,
        ended_at=file.ended_at,
        places=file.scopes,
        commit=file.commit,
        catalogue_sha256=file.catalogue_sha256,
        controls=file.controls,
        findings=tuple(
            Finding(
                each.control,
                each.resource,
                each.outcome,
                each.reason,
                each.checks,
                each.answers,
                _place(each, places),
            )
            for each in file.findings
        ),
        answers=file.answers,
        waivers=file.waivers,
    )


def _place(finding: _FileFinding, places: Mapping[str, Place]) -> Place:
    try:
        return places[finding.account]
    except KeyError:
        told = f"a finding of {finding.control} is on the account {finding.account!r}, which is not among the scopes"
        raise DocumentError(told) from None


def _told(error: ValidationError) -> Iterator[str]:
    faults = error.errors(include_url=False, include_context=False)
    for fault in faults[:_TOLD]:
        yield f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
    if len(faults) > _TOLD:
        yield f"and {len(faults) - _TOLD} faults more"
