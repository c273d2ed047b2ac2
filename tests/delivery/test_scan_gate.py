"""An image with a grave finding that nobody accepted does not run."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tools import scan_gate
from tools.scan_gate import Accepted, Finding, ScanError, blocking, findings

TODAY = date(2026, 11, 22)
LET_BE = {
    "finding": "CVE-2026-1",
    "package": "zlib",
    "reason": "the function is reached by no service here",
    "author": "a",
    "approver": "b",
    "from": "2026-11-01",
    "until": "2026-12-01",
}


def answer(*severities: str, status: str = "COMPLETE") -> dict[str, Any]:
    found = [
        {"name": f"CVE-2026-{at}", "severity": each, "attributes": [{"key": "package_name", "value": "zlib"}]}
        for at, each in enumerate(severities)
    ]
    return {"imageScanStatus": {"status": status}, "imageScanFindings": {"findings": found}}


def test_grave_findings_block_and_others_do_not() -> None:
    found = list(findings(answer("LOW", "HIGH", "MEDIUM", "CRITICAL", "UNDEFINED")))
    assert [each.severity for each in blocking(found, [], TODAY)] == ["HIGH", "CRITICAL"]


def test_enhanced_findings_are_read_too() -> None:
    details = {"vulnerabilityId": "CVE-2026-9", "vulnerablePackages": [{"name": "openssl"}, {"name": "libssl3"}]}
    enhanced = [{"title": "x", "severity": "CRITICAL", "packageVulnerabilityDetails": details}]
    told = {"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": {"enhancedFindings": enhanced}}
    assert list(findings(told)) == [
        Finding("CVE-2026-9", "CRITICAL", "openssl"),
        Finding("CVE-2026-9", "CRITICAL", "libssl3"),
    ]


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED", "UNSUPPORTED_IMAGE", None])
def test_an_image_that_was_not_looked_at_does_not_pass(status: str | None) -> None:
    with pytest.raises(ScanError, match="COMPLETE"):
        list(findings({"imageScanStatus": {"status": status}}))


def test_a_finding_that_two_people_let_be_passes_until_its_day() -> None:
    found, accepted = [Finding("CVE-2026-1", "HIGH", "zlib")], [Accepted.model_validate(LET_BE)]
    assert blocking(found, accepted, date(2026, 12, 1)) == []
    assert blocking(found, accepted, date(2026, 12, 2)) == found
    assert blocking([Finding("CVE-2026-1", "HIGH", "other")], accepted, TODAY), "it was accepted for one package"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"approver": "a"}, "cannot approve"),
        ({"until": "2027-03-01"}, "between 1 and 90 days"),
        ({"until": "2026-11-01"}, "between 1 and 90 days"),
        ({"reason": "because"}, "at least 20"),
        ({"ticket": "1"}, "Extra inputs"),
    ],
)
def test_an_acceptance_needs_a_second_person_a_reason_and_an_end(change: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Accepted.model_validate({**LET_BE, **change})


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        (json.dumps(answer("LOW")), 0, "1 findings, 0 of them block"),
        (json.dumps(answer("HIGH")), 3, "HIGH CVE-2026-0 in zlib"),
        (json.dumps(answer(status="FAILED")), 2, "cannot be judged"),
        ("", 2, "cannot be judged"),
    ],
)
def test_its_exit_status_is_the_verdict(
    given: str, status: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(given))
    assert scan_gate.main() == status
    assert says in "".join(capsys.readouterr())


def test_an_acceptance_file_that_cannot_be_read_lets_nothing_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/accepted-findings.toml").write_text("[[accepted]]\nfinding = 'CVE-2026-0'\n")
    monkeypatch.setattr(scan_gate, "ROOT", tmp_path)
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(answer("HIGH"))))
    assert scan_gate.main() == 2
