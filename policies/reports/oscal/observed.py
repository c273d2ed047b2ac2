"""What a single finding is in OSCAL: an observation of an item of the inventory and, where it is open, a risk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Final

from trestle.oscal.common import (
    InventoryItem,
    Observation,
    Property,
    RelatedObservation,
    RelevantEvidence,
    Response,
    Risk,
    RiskStatus,
    RiskStatusValidValues,
    SubjectReference,
    SubjectReferenceValidValues,
)

from policies.model import Outcome
from policies.reports.document import Finding, Waiver
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.oscal.vocabulary import prop, run_id
from policies.reports.remedies import remedies

EVIDENCE: Final = "evidence.json"
"""The file of raw answers that lies beside these, by convention; a fragment is the SHA-256 of one of them."""

_METHODS: Final = {Outcome.MANUAL: "INTERVIEW", Outcome.NOT_IMPLEMENTED: "EXAMINE"}
"""How OSCAL calls what is done to see; all else was tested on the account."""


def observation_id(report: Report, finding: Finding) -> str:
    """The observation that a finding is."""
    return identity("observation", run_id(report), *finding.name)


def risk_id(report: Report, finding: Finding) -> str:
    """The risk that an open finding is."""
    return identity("risk", run_id(report), *finding.name)


def inventory(report: Report) -> list[InventoryItem]:
    """Every resource that has a finding, once."""
    found = dict.fromkeys(_item(each) for judged in report.judged for each in judged.findings)
    return [
        InventoryItem(
            uuid=identity("inventory item", *item),
            description=item[2],
            props=[prop("account", item[0]), prop("region", item[1])],
        )
        for item in found
    ]


def observation(report: Report, judged: Judged, finding: Finding) -> Observation:
    """What was seen of one control on one resource, and by which raw answers."""
    subject = SubjectReference(
        subject_uuid=identity("inventory item", *_item(finding)), type=SubjectReferenceValidValues.inventory_item
    )
    read = [report.answers[sha256].at for sha256 in finding.answers if sha256 in report.answers]
    return Observation(
        uuid=observation_id(report, finding),
        title=f"{judged.control.id} {judged.control.title}",
        description=finding.reason,
        props=[prop("outcome", finding.outcome.value), *(prop("check", name) for name in finding.checks)],
        methods=[_METHODS.get(finding.outcome, "TEST")],
        types=["finding"],
        subjects=[subject],
        relevant_evidence=list(_evidence(report, finding)) or None,
        collected=max(read, default=report.document.ended_at),
    )


def risk(report: Report, judged: Judged, finding: Finding) -> Risk:
    """What an open finding means, and what is to be done about it; of a waived one, also who accepted it until when."""
    control = judged.control
    waiver = report.document.waiver_of(finding) if finding.outcome is Outcome.WAIVED else None
    todo = [
        Response(
            uuid=identity("response", risk_id(report, finding), text),
            lifecycle="recommendation",
            title="What to do",
            description=text,
        )
        for text in remedies(control, finding)
    ]
    return Risk(
        uuid=risk_id(report, finding),
        title=f"{control.id} {control.title}",
        description=finding.reason,
        statement=control.rationale,
        props=[
            prop("outcome", finding.outcome.value),
            prop("severity", control.severity.value),
            *(_accepted(waiver) if waiver else ()),
        ],
        status=RiskStatus(RiskStatusValidValues.deviation_approved if waiver else RiskStatusValidValues.open),
        deadline=datetime.combine(waiver.expires, time.max, UTC) if waiver else None,
        remediations=todo or None,
        related_observations=[RelatedObservation(observation_uuid=observation_id(report, finding))],
    )


def _accepted(waiver: Waiver) -> Iterator[Property]:
    yield prop("waiver", waiver.file, waiver.reason)
    yield prop("waiver-author", waiver.author)
    yield prop("waiver-approver", waiver.approver)
    yield prop("waiver-ticket", waiver.ticket)


def _item(finding: Finding) -> tuple[str, str, str]:
    return finding.place.account, finding.region, finding.resource


def _evidence(report: Report, finding: Finding) -> Iterator[RelevantEvidence]:
    for sha256 in finding.answers:
        answer = report.answers.get(sha256)
        asked = f"{answer.service}:{answer.operation}" if answer else "a question that the file does not hold"
        yield RelevantEvidence(
            href=f"{EVIDENCE}#{sha256}",
            description=f"The raw answer to {asked}.",
            props=[prop("sha-256", sha256)],
        )
