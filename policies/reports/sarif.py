"""The findings as SARIF 2.1.0, for the tools that gather what analysers find. Controls are its rules."""

from __future__ import annotations

import json
from typing import Any, Final

from sarif_pydantic import (
    Invocation,
    Level,
    Location,
    LogicalLocation,
    Message,
    ReportingConfiguration,
    ReportingDescriptor,
    Result,
    Run,
    Sarif,
    Tool,
    ToolDriver,
)

from policies.model import Control, Outcome, Severity
from policies.reports.document import Finding
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.remedies import remedies

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

KINDS: Final = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.ERROR: "open",
    Outcome.MANUAL: "review",
    Outcome.NOT_APPLICABLE: "notApplicable",
    Outcome.NOT_OBSERVABLE: "open",
    Outcome.NOT_IMPLEMENTED: "fail",
    Outcome.WAIVED: "fail",
}
"""`open`: the analysis could not decide; `review`: a person has to. A waived finding fails, and is suppressed."""

_LEVELS: Final = {
    Severity.LOW: Level.NOTE,
    Severity.MEDIUM: Level.WARNING,
    Severity.HIGH: Level.ERROR,
    Severity.CRITICAL: Level.ERROR,
}


def render(report: Report) -> str:
    """The log, with one result a finding."""
    log = Sarif(schema_uri=SCHEMA, runs=[_run(report)])
    content = log.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _run(report: Report) -> Run:
    document = report.document
    driver = ToolDriver(
        name="valletta evidence",
        version=document.commit,
        rules=[_rule(judged) for judged in report.judged],
        properties={"catalogueSha256": document.catalogue_sha256},
    )
    invocation = Invocation(
        start_time_utc=document.started_at,
        end_time_utc=document.ended_at,
        execution_successful=document.complete,
        properties={"places": [_place(place.account, place.region, place.caller) for place in document.places]},
    )
    results = [
        _result(judged.control, index, finding)
        for index, judged in enumerate(report.judged)
        for finding in judged.findings
    ]
    return Run(tool=Tool(driver=driver), invocations=[invocation], results=results)


def _place(account: str, region: str, caller: str) -> dict[str, str]:
    return {"account": account, "region": region, "caller": caller}


def _rule(judged: Judged) -> ReportingDescriptor:
    control = judged.control
    return ReportingDescriptor(
        id=control.id,
        name=control.title.title().replace(" ", ""),
        short_description=Message(text=control.title),
        full_description=Message(text=control.statement),
        help=Message(text=f"{control.rationale} An auditor asks for: {control.evidence}"),
        default_configuration=ReportingConfiguration(level=_LEVELS[control.severity].value),
        properties={
            "tags": [judged.family, *(str(clause) for clause in control.clauses)],
            "severity": control.severity.value,
            "owner": control.owner,
        },
    )


def _result(control: Control, index: int, finding: Finding) -> Result:
    kind = KINDS[finding.outcome]
    where = LogicalLocation(name=finding.resource, fully_qualified_name=finding.resource, kind="resource")
    waived: dict[str, Any] = (
        {"suppressions": [{"kind": "external", "status": "accepted"}]} if finding.outcome is Outcome.WAIVED else {}
    )  # the library knows one suppression, where the standard has a list
    return Result(
        rule_id=control.id,
        rule_index=index,
        kind=kind,
        level=_LEVELS[control.severity] if kind == "fail" else Level.NONE,
        message=Message(text=finding.reason or finding.outcome.value),
        locations=[Location(logical_locations=[where])],
        guid=identity("finding", *finding.name),
        partial_fingerprints={"controlOnResource/v1": _fingerprint(finding)},
        properties={
            "outcome": finding.outcome.value,
            "account": finding.place.account,
            "region": finding.region,
            "checks": list(finding.checks),
            "evidenceSha256": list(finding.answers),
            "whatToDo": list(remedies(control, finding)),
        },
        **waived,
    )


def _fingerprint(finding: Finding) -> str:
    """The same from run to run, however the reason is worded."""
    return identity("control on resource", finding.place.account, finding.region, finding.control, finding.resource)
