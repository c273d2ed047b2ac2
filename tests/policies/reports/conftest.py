"""Runs to be told: one of the good account, and one that was written by hand and has every outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from policies.catalogue import catalogue, digest
from policies.evidence import EvidenceRun
from policies.evidence.run import SCHEMA, answer_digest
from policies.evidence.store import text_of
from policies.model import Outcome
from policies.reports.document import document_of
from policies.reports.material import Report, report_of

HOSTILE = '</td><script>alert("1")</script><img src=http://evil.example/x onerror=alert(2)>'
FORMULA = '=HYPERLINK("http://evil.example","click")'

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def make() -> Make:
    """Writes an evidence file by hand, from (control, resource, outcome, reason)."""
    return written


@pytest.fixture
def mixed() -> Report:
    """A run with every outcome, a control that is gone, and resources with names that nobody should trust."""
    found = every_outcome()
    return report_of(document_of(written(*found, waivers=waivers_of(found))))


@pytest.fixture(scope="module")
def real(good: EvidenceRun) -> Report:
    """The run of the good account, through its file."""
    return report_of(document_of(json.loads(text_of(good))))


def every_outcome() -> list[tuple[str, str, Outcome, str]]:
    """Two findings of each outcome, over the first controls of the catalogue."""
    controls = [control.id for control in catalogue()]
    found = [
        (control, f"arn:aws:x:eu-west-1:1:{outcome.value}/{number}", outcome, f"reason {number}")
        for control, outcome in zip(controls, Outcome, strict=False)
        for number in range(2)
    ]
    return [
        *found,
        ("LOG-1", HOSTILE, Outcome.FAIL, f"{HOSTILE}\nover two lines"),
        ("LOG-1", FORMULA, Outcome.PASS, "@SUM(1)"),
        ("LOG-2", "x" * 150, Outcome.ERROR, "y" * 150),
        ("OLD-9", "bucket/x", Outcome.FAIL, "a control that the catalogue does not hold"),
    ]


def waivers_of(found: list[tuple[str, str, Outcome, str]]) -> list[dict[str, Any]]:
    """A waiver in force of each waived finding, one that expired, and one of a control that was not asked about."""
    waived = [(control, resource, "in force") for control, resource, outcome, _ in found if outcome is Outcome.WAIVED]
    return [
        {"control": control, "resource": resource, "account": "123456789012", "reason": f"{HOSTILE} until it is mended",
         "author": "j.borg", "approver": "m.vella", "ticket": "SEC-1", "from": "2026-11-01", "expires": "2026-12-15",
         "file": f"{number}.toml", "state": state, "outcome": "FAIL"}
        for number, (control, resource, state) in enumerate(
            [*waived, ("LOG-1", HOSTILE, "expired"), ("CMP-1", "complaints", "not begun")]
        )
    ]  # fmt: skip


def written(*found: tuple[str, str, Outcome, str], **changed: object) -> dict[str, Any]:
    """The content of a file with these findings; each rests on an answer of its own."""
    answers, findings = [], []
    for number, (control, resource, outcome, reason) in enumerate(found):
        body = {"number": number}
        sha256 = answer_digest(body)
        answers.append(
            {"service": "s3", "operation": "ListBuckets", "region": "eu-west-1", "parameters": {"n": HOSTILE},
             "at": "2026-11-23T06:00:01+00:00", "body": body, "sha256": sha256, "account": "123456789012"}
        )  # fmt: skip
        findings.append(
            {"control": control, "resource": resource, "outcome": outcome.value, "reason": reason,
             "checks": [f"{control.lower()}-check"], "answers": [sha256],
             "account": "123456789012"}
        )  # fmt: skip
    return {
        "schema": SCHEMA, "started_at": "2026-11-23T06:00:00+00:00", "ended_at": "2026-11-23T06:00:09+00:00",
        "scopes": [
            {"account": "123456789012", "caller": "arn:aws:sts::123456789012:assumed-role/auditor/me",
             "regions": ["eu-west-1"], "endpoint": None, "clock_offset_s": 0.4}
        ],
        "commit": "unknown", "catalogue_sha256": digest(),
        "controls": list(dict.fromkeys(control for control, *_ in found)), "findings": findings, "answers": answers,
        **changed,
    }  # fmt: skip
