"""What `make up` ends with, as data: `--json` prints it, the terminal shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel

from policies.evidence import EvidenceRun
from policies.model import Outcome
from policies.pack.analysis import Analysis
from sandbox.runtime.supervise import ProgramStatus
from sandbox.state import State


class PolicySummary(BaseModel):
    """What the policy pack said of the plan; it refused nothing, or there would be no report."""

    rules: int
    judged: int
    not_evaluated: int

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        """The summary of an analysis."""
        judged = sum(analysis.evaluated.values())
        return cls(rules=len(analysis.evaluated), judged=judged, not_evaluated=len(analysis.not_evaluated))

    def line(self) -> str:
        """The summary in a line."""
        unknown = (
            f", {self.not_evaluated} not evaluated (values unknown before deployment)" if self.not_evaluated else ""
        )
        return f"{self.rules} rules kept in {self.judged} judgements{unknown}"


class EvidenceSummary(BaseModel):
    """What the evidence run said.

    Attributes:
        controls: How many were asked about.
        outcomes: How many findings have each outcome.
        complete: Whether the account answered every question.
        attention: A line for each finding that somebody has to look at.
    """

    controls: int
    outcomes: Mapping[str, int]
    complete: bool
    attention: list[str]

    @classmethod
    def of(cls, run: EvidenceRun) -> Self:
        """The summary of a run."""
        outcomes = {outcome.value: count for outcome, count in run.count().items()}
        attention = [
            f"{finding.outcome.value} {finding.control} {finding.resource}: {finding.reason}"
            for finding in run.findings
            if finding.outcome in {Outcome.FAIL, Outcome.ERROR}
        ]
        return cls(controls=len(run.controls), outcomes=outcomes, complete=run.complete, attention=attention)

    def line(self) -> str:
        """The summary in a line."""
        found = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        return f"{self.controls} controls: {found or 'no findings'}"


class ServiceLine(BaseModel):
    """A supervised program."""

    name: str
    state: str
    pid: int
    address: str

    @classmethod
    def of(cls, status: ProgramStatus, address: str) -> Self:
        """The line of a program that listens on `address`."""
        return cls(name=status.name, state=status.state, pid=status.pid, address=address)


class Report(BaseModel):
    """What stands, and how long it took."""

    seconds: float
    steps: Mapping[str, float]
    remarks: list[str]
    way: str
    provisioning: str
    created: int
    unchanged: int
    resources: int
    policy: PolicySummary
    evidence: EvidenceSummary
    services: list[ServiceLine]
    state: State
