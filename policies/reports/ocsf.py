"""The findings as OCSF Compliance Findings (class 2003), for the lakes and monitors that gather events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from py_ocsf_models.events.findings.activity_id import ActivityID
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from py_ocsf_models.events.findings.compliance_finding_type_id import ComplianceFindingTypeID
from py_ocsf_models.events.findings.severity_id import SeverityID
from py_ocsf_models.events.findings.status_id import StatusID
from py_ocsf_models.objects.check import Check
from py_ocsf_models.objects.compliance import Compliance
from py_ocsf_models.objects.compliance_status import StatusID as ComplianceStatusID
from py_ocsf_models.objects.evidence_artifacts import EvidenceArtifacts
from py_ocsf_models.objects.finding_info import FindingInformation
from py_ocsf_models.objects.metadata import Metadata
from py_ocsf_models.objects.product import Product
from py_ocsf_models.objects.remediation import Remediation
from py_ocsf_models.objects.resource_details import ResourceDetails

from policies.model import Outcome, Severity
from policies.reports.document import Answer, Document, Finding
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.remedies import remedies

STATUSES: Final = {
    Outcome.PASS: ComplianceStatusID.Pass,
    Outcome.FAIL: ComplianceStatusID.Fail,
    Outcome.ERROR: ComplianceStatusID.Warning,
    Outcome.MANUAL: ComplianceStatusID.Warning,
    Outcome.NOT_APPLICABLE: ComplianceStatusID.Other,
    Outcome.NOT_OBSERVABLE: ComplianceStatusID.Warning,
    Outcome.NOT_IMPLEMENTED: ComplianceStatusID.Fail,
    Outcome.WAIVED: ComplianceStatusID.Other,
}
"""Warning, in the standard's words: the check did not yield a result due to missing information."""

_SEVERITIES: Final = {
    Severity.LOW: SeverityID.Low,
    Severity.MEDIUM: SeverityID.Medium,
    Severity.HIGH: SeverityID.High,
    Severity.CRITICAL: SeverityID.Critical,
}


def render(report: Report) -> str:
    """An array with one event a finding."""
    events = [
        _event(report.document, judged, finding, report.answers)
        for judged in report.judged
        for finding in judged.findings
    ]
    content = [event.model_dump(mode="json", exclude_none=True) for event in events]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _event(document: Document, judged: Judged, finding: Finding, answers: Mapping[str, Answer]) -> ComplianceFinding:
    control = judged.control
    severity = SeverityID.Informational
    if finding.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        severity = _SEVERITIES[control.severity]
    status = StatusID.Suppressed if finding.outcome is Outcome.WAIVED else StatusID.New
    todo = remedies(control, finding)
    product = Product(name="valletta evidence", vendor_name="Valletta", version=document.commit)
    resource = ResourceDetails(uid=finding.resource, name=finding.resource, region=finding.region)
    return ComplianceFinding(
        activity_id=ActivityID.Create,
        activity_name=ActivityID.Create.name,
        type_uid=ComplianceFindingTypeID.Create,
        type_name="Compliance Finding: Create",
        metadata=Metadata(product=product, event_code=control.id, profiles=[]),
        time=int(document.ended_at.timestamp() * 1000),
        time_dt=document.ended_at,
        message=finding.reason,
        severity_id=severity,
        severity=severity.name,
        status_id=status,
        status=status.name,
        status_code=finding.outcome.value,
        status_detail=finding.reason,
        finding_info=FindingInformation(
            uid=identity("finding", *finding.name), title=f"{control.id} {control.title}", desc=control.statement
        ),
        compliance=_compliance(judged, finding),
        resources=[resource],
        evidences=[_evidence(answers.get(each), each) for each in finding.answers] or None,
        remediation=Remediation(desc=" ".join(todo)) if todo else None,
        unmapped={
            "account": finding.place.account,
            "caller": finding.place.caller,
            "catalogue_sha256": document.catalogue_sha256,
        },
    )


def _compliance(judged: Judged, finding: Finding) -> Compliance:
    control = judged.control
    return Compliance(
        category=judged.family,
        checks=[Check(uid=name, name=name) for name in finding.checks] or None,
        control=f"{control.id} {control.title}",
        desc=control.statement,
        requirements=[str(clause) for clause in control.clauses],
        standards=list(dict.fromkeys(f"{clause.framework} {clause.version}" for clause in control.clauses)),
        status_id=STATUSES[finding.outcome],
    )


def _evidence(answer: Answer | None, sha256: str) -> EvidenceArtifacts:
    """An answer that the file lacks is named all the same; `valletta evidence verify` refuses such a file."""
    data: dict[str, Any] = {"sha256": sha256}
    if answer is not None:
        data |= {"region": answer.region, "parameters": dict(answer.parameters), "at": answer.at.isoformat()}
    return EvidenceArtifacts(name=f"{answer.service}:{answer.operation}" if answer else None, data=data)
