"""Evidence: what a live account says of each control, asked read only and kept with the raw answers."""

from policies.evidence.clock import ClockError
from policies.evidence.collect import collect
from policies.evidence.run import Answer, EvidenceRun, Finding, Scope
from policies.evidence.target import AccountTarget

__all__ = ["AccountTarget", "Answer", "ClockError", "EvidenceRun", "Finding", "Scope", "collect"]
