"""Evidence: what a live account says of each control, asked read only and kept with the raw answers."""

from policies.evidence.collect import collect
from policies.evidence.run import Answer, EvidenceRun, Finding
from policies.evidence.target import AccountTarget

__all__ = ["AccountTarget", "Answer", "EvidenceRun", "Finding", "collect"]
