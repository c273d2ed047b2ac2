"""What every format is made of: the document, joined with the wording of the catalogue."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from policies import controls as families
from policies.catalogue import catalogue, digest
from policies.frameworks import Framework, FrameworkClause, frameworks
from policies.model import Clause, Control, Outcome, Severity
from policies.reports.document import Answer, Document, Finding


@dataclass(frozen=True, slots=True)
class Judged:
    """One control, and what the run says of it."""

    control: Control
    family: str
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome | None:
        """The heaviest of its findings; None where the run says nothing of it."""
        return heaviest(finding.outcome for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """The material of a report."""

    document: Document
    judged: tuple[Judged, ...]
    """Every control that was asked about, in the order of the catalogue."""
    frameworks: Mapping[tuple[str, str], Framework]
    answers: Mapping[str, Answer]
    """The raw answers by their SHA-256. Of equal ones the first stands for all: a finding cannot tell them apart."""
    same_catalogue: bool
    """Is the wording that stands beside the findings the one by which they were made?"""

    def clause(self, reference: Clause) -> tuple[Framework, FrameworkClause] | None:
        """The clause that a control refers to, and its framework; None where the catalogue does not hold it."""
        framework = self.frameworks.get((reference.framework, reference.version))
        clause = framework.find(reference.clause) if framework else None
        return (framework, clause) if framework and clause else None

    def of(self, *outcomes: Outcome) -> tuple[tuple[Judged, Finding], ...]:
        """The findings with one of these outcomes, each beside its control."""
        return tuple(
            (judged, finding) for judged in self.judged for finding in judged.findings if finding.outcome in outcomes
        )


def report_of(document: Document) -> Report:
    """Join a document with the catalogue of this clone. No finding is lost: see `_unknown`."""
    asked = dict.fromkeys((*document.controls, *(finding.control for finding in document.findings)))
    known = {control.id: control for control in catalogue()}
    ordered = [*(control for control in known if control in asked), *(each for each in asked if each not in known)]
    found: dict[str, list[Finding]] = {each: [] for each in ordered}
    for finding in document.findings:
        found[finding.control].append(finding)
    judged = tuple(Judged(known.get(each) or _unknown(each), family_of(each), tuple(found[each])) for each in ordered)
    answers: dict[str, Answer] = {}
    for answer in document.answers:
        answers.setdefault(answer.sha256, answer)
    return Report(document, judged, frameworks(), answers, document.catalogue_sha256 == digest())


def heaviest(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The outcome that speaks for several; None where there is none."""
    return max(outcomes, key=lambda outcome: outcome.weight, default=None)


def family_of(control_id: str) -> str:
    """The family of a control, which is the folder that its file lies in; its letters where there is no such file."""
    return _folders().get(control_id, control_id.partition("-")[0])


@cache
def _folders() -> dict[str, str]:
    return {
        file.name.upper().replace("_", "-"): family.name
        for family in pkgutil.iter_modules(families.__path__)
        for file in pkgutil.iter_modules([f"{families.__path__[0]}/{family.name}"])
    }


def _unknown(control_id: str) -> Control:
    """In place of a control that the run knew and this catalogue does not: its findings are told all the same."""
    return Control(
        id=control_id,
        title="Not in this catalogue",
        statement="The run judged by a control that the catalogue of this report does not hold.",
        rationale="Nothing is known of it here; make the report from the commit that collected the evidence.",
        clauses=(),
        severity=Severity.CRITICAL,  # what nobody knows gets the strictest reading
        owner="Unknown",
        evidence="The catalogue of the commit that the run names.",
    )
