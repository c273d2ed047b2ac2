"""The figures of a run: how many controls of each family, and clauses of each framework, have which outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.frameworks import Framework, FrameworkClause
from policies.model import Outcome
from policies.reports.material import Report, heaviest

ORDER: tuple[Outcome | None, ...] = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.NOT_IMPLEMENTED,
    Outcome.NOT_OBSERVABLE,
    Outcome.MANUAL,
    Outcome.WAIVED,
    Outcome.PASS,
    Outcome.NOT_APPLICABLE,
    None,
)
"""How outcomes follow each other wherever they are shown: what needs somebody first. None: the run says nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures of one family or framework."""

    name: str
    detail: str
    counts: Mapping[Outcome | None, int]
    """In `ORDER`; what does not occur is left out."""

    @property
    def total(self) -> int:
        """How many controls or clauses there are."""
        return sum(self.counts.values())


def findings_counted(report: Report) -> Mapping[Outcome | None, int]:
    """How many findings have each outcome."""
    return _counted(finding.outcome for judged in report.judged for finding in judged.findings)


def controls_counted(report: Report) -> Mapping[Outcome | None, int]:
    """How many controls have each outcome: the heaviest of their findings."""
    return _counted(judged.outcome for judged in report.judged)


def by_family(report: Report) -> Iterator[Standing]:
    """The controls of each family, by their outcome."""
    for family in sorted({judged.family for judged in report.judged}, key=str.casefold):
        counts = _counted(judged.outcome for judged in report.judged if judged.family == family)
        yield Standing(family.capitalize(), "", counts)


def by_framework(report: Report) -> Iterator[Standing]:
    """The clauses of each framework, by the heaviest outcome of the controls that map to them."""
    for framework in report.frameworks.values():
        counts = _counted(clause_outcome(report, framework, clause) for clause in framework.clauses)
        yield Standing(f"{framework.id} {framework.version}", framework.title, counts)


def clause_outcome(report: Report, framework: Framework, clause: FrameworkClause) -> Outcome | None:
    """The heaviest outcome of the controls of this run that map to a clause; None where none does, or says anything."""
    wanted = (framework.id, framework.version, clause.clause)
    return heaviest(
        judged.outcome
        for judged in report.judged
        if judged.outcome is not None
        and any((each.framework, each.version, each.clause) == wanted for each in judged.control.clauses)
    )


def _counted(outcomes: Iterable[Outcome | None]) -> Mapping[Outcome | None, int]:
    counted = Counter(outcomes)
    return {outcome: counted[outcome] for outcome in ORDER if counted[outcome]}
