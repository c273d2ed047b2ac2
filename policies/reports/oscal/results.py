"""How the account was asked and what was found: the assessment plan and the assessment results."""

from __future__ import annotations

from typing import Final

from trestle.oscal.assessment_plan import AssessmentPlan
from trestle.oscal.assessment_results import AssessmentResults, ImportAp, LocalDefinitions1, Result
from trestle.oscal.common import (
    AssessmentSubjectAll,
    AssociatedRisk,
    BackMatter,
    Finding,
    FindingTarget,
    ImportSsp,
    IncludeAll,
    ObjectiveStatus,
    RelatedObservation,
    Resource,
    Task,
    TaskValidValues,
)

from policies.model import Outcome
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.oscal.observed import inventory, observation, observation_id, risk, risk_id
from policies.reports.oscal.vocabulary import (
    NOT_SATISFIED,
    OBJECTIVE,
    OPEN,
    SATISFIED,
    metadata,
    objective_id,
    prop,
    reviewed,
    run_id,
)
from policies.reports.wording import verdict

PLAN: Final = "assessment-plan.json"

_GOOD: Final = (Outcome.PASS, Outcome.NOT_APPLICABLE)


def plan(report: Report) -> AssessmentPlan:
    """Which controls are assessed, and how: every check, read only, on the account."""
    system = identity("no system security plan")
    missing = Resource(
        uuid=system,
        title="System security plan",
        description="Not part of this report: whoever runs the exchange writes it.",
    )
    asking = Task(
        uuid=identity("task", run_id(report)),
        type=TaskValidValues.action,
        title="Collect evidence",
        description="valletta evidence collect: every check of the controls, by operations that only read.",
    )
    return AssessmentPlan(
        uuid=identity("assessment plan", run_id(report)),
        metadata=metadata(report, "Plan of an evidence run"),
        import_ssp=ImportSsp(href=f"#{system}"),
        reviewed_controls=reviewed(report),
        assessment_subjects=[AssessmentSubjectAll(type="inventory-item", include_all=IncludeAll())],
        tasks=[asking],
        back_matter=BackMatter(resources=[missing]),
    )


def results(report: Report) -> AssessmentResults:
    """One observation for each finding of the run, and one finding, in OSCAL's sense, for each control."""
    document = report.document
    observed = [observation(report, judged, each) for judged in report.judged for each in judged.findings]
    result = Result(
        uuid=identity("result", run_id(report)),
        title="Evidence run",
        description=verdict(report),
        start=document.started_at,
        end=document.ended_at,
        props=[
            prop("complete", "yes" if document.complete else "no"),
            *(prop("account", f"{place.account} {place.region}", f"as {place.caller}") for place in document.places),
        ],
        local_definitions=LocalDefinitions1(inventory_items=inventory(report)) if observed else None,
        reviewed_controls=reviewed(report),
        observations=observed or None,
        risks=[risk(report, judged, each) for judged, each in report.of(*OPEN)] or None,
        findings=[_finding(report, judged) for judged in report.judged if judged.findings] or None,
    )
    return AssessmentResults(
        uuid=identity("assessment results", run_id(report)),
        metadata=metadata(report, "Results of an evidence run"),
        import_ap=ImportAp(href=PLAN),
        results=[result],
    )


def _finding(report: Report, judged: Judged) -> Finding:
    """Satisfied only where all that was found is good: what is unknown, waived or to be attested is not."""
    control = judged.control
    good = all(each.outcome in _GOOD for each in judged.findings)
    outcome = judged.outcome or Outcome.NOT_APPLICABLE
    reason = "pass" if good else "fail" if outcome is Outcome.FAIL else "other"
    risks = [AssociatedRisk(risk_uuid=risk_id(report, each)) for each in judged.findings if each.outcome in OPEN]
    return Finding(
        uuid=identity("control finding", run_id(report), control.id),
        title=f"{control.id} {control.title}",
        description=control.statement,
        props=[prop("outcome", outcome.value)],
        target=FindingTarget(
            type=OBJECTIVE,
            target_id=objective_id(control.id),
            status=ObjectiveStatus(state=SATISFIED if good else NOT_SATISFIED, reason=reason),
        ),
        related_observations=[
            RelatedObservation(observation_uuid=observation_id(report, each)) for each in judged.findings
        ],
        related_risks=risks or None,
    )
