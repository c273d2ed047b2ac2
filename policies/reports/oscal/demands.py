"""What is demanded and how it is kept: the catalogue, the profile of this run, and the definition of the components."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from trestle.oscal.catalog import Catalog, Control, Group1, Group2
from trestle.oscal.common import Part, Property
from trestle.oscal.component import (
    ComponentDefinition,
    ControlImplementation,
    DefinedComponent,
    DefinedComponentTypeValidValues,
    ImplementedRequirement,
)
from trestle.oscal.profile import BooleanDatatype, Import2, Merge2, Profile, SelectControl

from policies import model
from policies.checks import Check
from policies.reports.identity import identity
from policies.reports.material import Judged, Report
from policies.reports.oscal.vocabulary import clause_prop, metadata, objective_id, oscal_id, prop, run_id
from policies.rules import Rule

CATALOG: Final = "catalog.json"
PROFILE: Final = "profile.json"


def catalog(report: Report) -> Catalog:
    """The controls of the run by family, each with what it demands, why, and the clauses that it maps to."""
    by_family = sorted(report.judged, key=lambda judged: judged.family.casefold())
    groups: list[Group1 | Group2] = [
        Group2(id=family.casefold(), title=family.capitalize(), controls=[_control(report, each) for each in judged])
        for family, judged in groupby(by_family, key=lambda judged: judged.family)
    ]
    return Catalog(
        uuid=identity("catalog", run_id(report)),
        metadata=metadata(report, "Controls of a betting exchange"),
        groups=groups or None,
    )


def profile(report: Report) -> Profile:
    """The selection of the controls that this run was asked about."""
    chosen = SelectControl(with_ids=[oscal_id(judged.control.id) for judged in report.judged])
    return Profile(
        uuid=identity("profile", run_id(report)),
        metadata=metadata(report, "Controls that an evidence run was asked about"),
        imports=[Import2(href=CATALOG, include_controls=[chosen])],
        merge=Merge2(as_is=BooleanDatatype(True)),
    )


def components(report: Report) -> ComponentDefinition:
    """How each control is kept: by rules, admission policies, checks, the exchange itself, or a person."""
    kept = [_requirement(report, judged) for judged in report.judged]
    exchange = DefinedComponent(
        uuid=identity("component", "exchange"),
        type=DefinedComponentTypeValidValues.software,
        title="Betting exchange",
        description="The exchange, the cloud account in which it runs, and the program that builds both.",
        control_implementations=[
            ControlImplementation(
                uuid=identity("control implementation", run_id(report)),
                source=PROFILE,
                description="What enforces each control and what proves it, as the catalogue of this commit has it.",
                implemented_requirements=kept,
            )
        ],
    )
    return ComponentDefinition(
        uuid=identity("component definition", run_id(report)),
        metadata=metadata(report, "How a betting exchange keeps its controls"),
        components=[exchange],
    )


def _control(report: Report, judged: Judged) -> Control:
    control = judged.control
    name = oscal_id(control.id)
    objective = f"Determine if this is so: {control.statement} An auditor asks for: {control.evidence}"
    return Control(
        id=name,
        title=control.title,
        props=[
            Property(name="label", value=control.id),
            prop("severity", control.severity.value),
            prop("owner", control.owner),
            *(clause_prop(report, clause) for clause in control.clauses),
        ],
        parts=[
            Part(id=f"{name}_smt", name="statement", prose=control.statement),
            Part(id=f"{name}_gdn", name="guidance", prose=control.rationale),
            Part(id=objective_id(control.id), name="assessment-objective", prose=objective),
        ],
    )


def _requirement(report: Report, judged: Judged) -> ImplementedRequirement:
    control = judged.control
    parts = (*control.preventive, *control.admission, *control.detective, *control.application)
    described = (
        f"{len(parts) - len(control.planned)} parts of its enforcement are built, {len(control.planned)} planned."
    )
    return ImplementedRequirement(
        uuid=identity("implemented requirement", run_id(report), control.id),
        control_id=oscal_id(control.id),
        description=f"{described} {control.attestation}".strip(),
        props=[Property(name="implementation-status", value=_status(control)), *_enforcers(control)],
    )


def _status(control: model.Control) -> str:
    """In OSCAL's words."""
    parts = (*control.preventive, *control.admission, *control.detective, *control.application)
    if not control.planned:
        return "implemented" if control.enforced else "planned"
    return "planned" if len(control.planned) == len(parts) else "partial"


def _enforcers(control: model.Control) -> Iterator[Property]:
    for part in (*control.preventive, *control.admission, *control.detective, *control.application):
        match part:
            case Rule():
                yield prop("rule", part.name, part.summary)
            case Check():
                yield prop("check", part.name, part.summary)
            case model.Enforced():
                yield prop("enforced-in", part.where, f"{part.how} Proven by {part.test}.")
            case model.Planned():
                yield prop("planned-in", part.where, part.what or None)
            case _:
                yield prop("admission-policy", part)
    if control.attestation:
        yield prop("attested-by", control.owner, control.attestation)
