"""What all OSCAL documents of a run share: ids, metadata, properties, and how outcomes are put."""

from __future__ import annotations

from typing import Final

from pydantic import AnyUrl
from trestle.oscal import OSCAL_VERSION
from trestle.oscal.common import (
    ControlSelections,
    FindingTargetTypeValidValues,
    Metadata,
    ObjectiveStatusStateValidValues,
    Property,
    ReviewedControls,
    SelectControlById,
)

from policies.model import Clause, Outcome
from policies.reports.identity import identity
from policies.reports.material import Report

NAMESPACE: Final = AnyUrl("https://valletta.example/ns/oscal")
"""Of the properties that OSCAL does not know: a name, not an address that anybody asks."""

OPEN: Final = (Outcome.FAIL, Outcome.NOT_IMPLEMENTED, Outcome.WAIVED)
"""What somebody has to put right; what is waived, by the day on which the waiver ends."""

OBJECTIVE: Final = FindingTargetTypeValidValues.objective_id
SATISFIED: Final = ObjectiveStatusStateValidValues.satisfied
NOT_SATISFIED: Final = ObjectiveStatusStateValidValues.not_satisfied


def run_id(report: Report) -> str:
    """What distinguishes this run from every other."""
    document = report.document
    places = [part for place in document.places for part in (place.account, place.region, place.caller)]
    return identity("run", document.started_at.isoformat(), document.catalogue_sha256, *places)


def metadata(report: Report, title: str) -> Metadata:
    """The head of a document; its time is the run's, so that the same run gives the same file."""
    document = report.document
    return Metadata(
        title=title,
        last_modified=document.ended_at,
        version=document.commit,
        oscal_version=OSCAL_VERSION,
        props=[prop("catalogue-sha-256", document.catalogue_sha256)],
    )


def prop(name: str, value: str, remarks: str | None = None) -> Property:
    """A property of ours. A value holds no line breaks and no blanks at its ends."""
    return Property(name=name, ns=NAMESPACE, value=" ".join(value.split()), remarks=remarks)


def oscal_id(control_id: str) -> str:
    """A control's id, as OSCAL writes them."""
    return control_id.lower()


def objective_id(control_id: str) -> str:
    """The id of what is assessed of a control."""
    return f"{oscal_id(control_id)}_obj"


def clause_prop(report: Report, clause: Clause) -> Property:
    """A mapping to a clause, with the status of its source and who has to confirm it."""
    found = report.clause(clause)
    if found is None:
        return prop("maps-to", str(clause), "not in this catalogue")
    framework, known = found
    remarks = f"Source {known.source.value}. To be confirmed by {framework.confirmed_by}. It asks: {known.asks}"
    return Property(
        name="maps-to",
        ns=NAMESPACE,
        value=" ".join(str(clause).split()),
        class_=f"source-{known.source.value}",
        remarks=f"{remarks} {clause.note}".strip(),
    )


def reviewed(report: Report) -> ReviewedControls:
    """The controls that the run was asked about."""
    chosen = [SelectControlById(control_id=oscal_id(judged.control.id)) for judged in report.judged]
    return ReviewedControls(control_selections=[ControlSelections(include_controls=chosen)])
