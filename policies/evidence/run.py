"""An evidence run: one finding for each control and resource, and the raw answers that it rests on, as data."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from policies.model import Outcome

SCHEMA: Final = "valletta.evidence/2"


@dataclass(frozen=True, slots=True)
class Answer:
    """One raw answer of an account: what was asked, when, and what it said."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]
    at: str
    """UTC, ISO 8601."""
    body: Mapping[str, Any]
    """What it said; of a refusal AWS's `Error` with its `Code` and `Message`."""
    sha256: str
    account: str = ""

    @property
    def refusal(self) -> tuple[str, str] | None:
        """Code and message, where the account refused."""
        if set(self.body) != {"Error"}:
            return None
        return str(self.body["Error"]["Code"]), str(self.body["Error"]["Message"])


def answer_digest(body: Mapping[str, Any]) -> str:
    """SHA-256 of an answer: over its JSON with sorted keys, no spaces, in ASCII."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Finding:
    """What the run says of one control on one resource."""

    control: str
    resource: str
    outcome: Outcome
    reason: str
    checks: tuple[str, ...] = ()
    """Names of the checks that judged it."""
    answers: tuple[str, ...] = ()
    """SHA-256 of the raw answers on which it rests."""
    account: str = ""
    faults: tuple[str, ...] = ()
    """Each thing that is wrong, where it fails: by these two runs are compared."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One account that was asked, and where."""

    account: str
    caller: str
    """ARN of whoever asked."""
    regions: tuple[str, ...]
    endpoint: str | None
    """The twin's address; None for AWS."""
    clock_offset_s: float | None
    """Seconds by which the account's clock was ahead of this machine's, to the second; None where it did not say."""
    environment: str | None = None
    """What the asker said that the account is for; None where each resource's own tag said so."""


@dataclass(frozen=True, slots=True)
class EvidenceRun:
    """One run over an account or several, whole."""

    started_at: str
    ended_at: str
    """By this machine's clock; `Scope.clock_offset_s` says how far that is from the account's."""
    scopes: tuple[Scope, ...]
    commit: str
    """Of the catalogue, as git names it; "unknown" outside a clone."""
    catalogue_sha256: str
    controls: tuple[str, ...]
    """The controls that were asked about."""
    findings: tuple[Finding, ...]
    answers: tuple[Answer, ...]
    waivers: tuple[Mapping[str, Any], ...] = ()
    """Every waiver that was read, as plain data, with what became of it."""

    def count(self) -> Mapping[Outcome, int]:
        """How many findings have each outcome; those that none has are left out."""
        counted = Counter(finding.outcome for finding in self.findings)
        return {outcome: counted[outcome] for outcome in Outcome if counted[outcome]}

    @property
    def complete(self) -> bool:
        """Did the account answer every question? Where not, what was found is not all that there is."""
        return not any(finding.outcome is Outcome.ERROR for finding in self.findings)

    @property
    def clean(self) -> bool:
        """Was nothing found that fails, and nothing left unanswered?"""
        return self.complete and not any(finding.outcome is Outcome.FAIL for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The run as plain data."""
        return {
            "schema": SCHEMA,
            **asdict(self),
            "summary": {outcome.value: count for outcome, count in self.count().items()},
            "complete": self.complete,
        }
