"""The words of the catalogue: what a control is, what demands it, and what a judgement of it may say.

A control is one file under `policies/controls/<family>/`. It brings its statement, the clauses that ask for it, the
rules that prevent a breach and the checks that prove the state of a live account. Everything else (the policy pack,
the evidence run, the matrix) is derived from these files; nothing is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.checks import Check
    from policies.rules import Rule


class Severity(StrEnum):
    """How bad a breach of the control is for a player, a regulator or the licence."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Outcome(StrEnum):
    """What an evidence run says of one control on one resource. Unknown is never PASS."""

    PASS = "PASS"  # noqa: S105  (an outcome, not a credential)
    FAIL = "FAIL"
    ERROR = "ERROR"
    """The account refused or failed to answer: nothing is known, and somebody has to look."""
    MANUAL = "MANUAL"
    """A person has to attest it."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    NOT_OBSERVABLE = "NOT_OBSERVABLE"
    """The account is a twin that does not hold this part of AWS, or the caller left it out."""
    NOT_IMPLEMENTED = "NOT_IMPLEMENTED"
    """The control's enforcement is planned, not built: it blocks a release."""
    WAIVED = "WAIVED"

    @property
    def weight(self) -> int:
        """Which outcome speaks for a resource when several checks judged it: the heaviest."""
        return _WEIGHTS.index(self)


_WEIGHTS = (
    Outcome.NOT_APPLICABLE,
    Outcome.PASS,
    Outcome.WAIVED,
    Outcome.MANUAL,
    Outcome.NOT_IMPLEMENTED,
    Outcome.NOT_OBSERVABLE,
    Outcome.ERROR,
    Outcome.FAIL,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A reference to one clause. The clause is text: "1.10" is not 1.1, and a new edition renumbers."""

    framework: str
    version: str
    clause: str
    note: str = ""
    """How this control answers the clause, where that is not plain."""

    def __str__(self) -> str:
        return f"{self.framework} {self.version} {self.clause}"


@dataclass(frozen=True, slots=True)
class Planned:
    """Enforcement that is still to be built. Reported as NOT_IMPLEMENTED; it blocks a release."""

    where: str
    """The service or the part that will hold it, such as `services/auditlog`."""
    what: str = ""
    """What it will do, in one sentence."""


PLANNED = Planned


@dataclass(frozen=True, slots=True)
class Enforced:
    """How the exchange or its delivery enforces a control. No account shows it: an auditor asks for samples."""

    where: str
    """The file or folder that does it, such as `services/matching`."""
    how: str
    """What it does, in one sentence."""
    test: str
    """The test that fails when it no longer does, as `tests/core/test_x.py::test_y`."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: what is demanded, what prevents a breach, and what proves the state."""

    id: str
    title: str
    statement: str
    rationale: str
    clauses: tuple[Clause, ...]
    severity: Severity
    owner: str
    """The role that answers for it."""
    evidence: str
    """What an auditor asks for, in their words."""
    preventive: tuple[Rule | Planned, ...] = ()
    """Rules on the plan: they refuse the resource before it is made."""
    admission: tuple[str | Planned, ...] = ()
    """Names of the Kubernetes admission policies: folders under `policies/admission/`."""
    detective: tuple[Check | Planned, ...] = ()
    """Checks of the live account."""
    application: tuple[Enforced | Planned, ...] = ()
    """How the exchange itself enforces it, and the tests that prove it."""
    attestation: str = ""
    """What a person attests, for the part that no machine can see."""

    @property
    def planned(self) -> tuple[Planned, ...]:
        """The parts of the enforcement that are still to be built."""
        parts = (*self.preventive, *self.admission, *self.detective, *self.application)
        return tuple(part for part in parts if isinstance(part, Planned))

    @property
    def enforced(self) -> bool:
        """Is anything at all built, or planned, or attested, that holds this control up?"""
        return bool(self.preventive or self.admission or self.detective or self.application or self.attestation)


class CatalogueError(Exception):
    """The catalogue contradicts itself, in each of the ways that `faults` tells."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the catalogue of controls is not sound:\n" + "\n".join(f"  - {fault}" for fault in faults))
        self.faults = faults
