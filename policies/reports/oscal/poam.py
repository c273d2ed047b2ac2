"""What is to be done: a plan of action, an item for each finding that fails, is waived or is not built."""

from __future__ import annotations

from trestle.oscal.common import AssociatedRisk, RelatedObservation, SystemId
from trestle.oscal.poam import LocalDefinitions, PlanOfActionAndMilestones, PoamItem

from policies.reports.document import Finding
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.oscal.observed import inventory, observation, observation_id, risk, risk_id
from policies.reports.oscal.vocabulary import OPEN, metadata, prop, run_id


def plan_of_action(report: Report) -> PlanOfActionAndMilestones | None:
    """The plan; None where nothing is open, since OSCAL knows no plan without an item.

    What is waived has a date, on which the waiver ends. The rest has none yet: whoever answers for a control sets it.
    """
    todo = report.of(*OPEN)
    if not todo:
        return None
    return PlanOfActionAndMilestones(
        uuid=identity("plan of action", run_id(report)),
        metadata=metadata(report, "What an evidence run leaves to be done"),
        system_id=SystemId(id=", ".join(dict.fromkeys(place.account for place in report.document.places))),
        local_definitions=LocalDefinitions(inventory_items=inventory(report)),
        observations=[observation(report, judged, finding) for judged, finding in todo],
        risks=[risk(report, judged, finding) for judged, finding in todo],
        poam_items=[_item(report, judged, finding) for judged, finding in todo],
    )


def _item(report: Report, judged: Judged, finding: Finding) -> PoamItem:
    control = judged.control
    return PoamItem(
        uuid=identity("plan of action item", run_id(report), *finding.name),
        title=f"{control.id} {control.title}",
        description=f"{finding.resource}: {finding.reason}",
        props=[
            prop("outcome", finding.outcome.value),
            prop("severity", control.severity.value),
            prop("owner", control.owner),
        ],
        related_observations=[RelatedObservation(observation_uuid=observation_id(report, finding))],
        related_risks=[AssociatedRisk(risk_uuid=risk_id(report, finding))],
    )
