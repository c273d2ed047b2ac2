"""Reading the file: what is lacking or wrong is named, what is more than is known is left aside, nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policies.evidence import EvidenceRun
from policies.evidence.store import text_of
from policies.model import Outcome
from policies.reports.document import DocumentError, document_of
from policies.reports.material import Report, report_of
from policies.reports.wording import verdict
from tests.policies.reports.conftest import Make


def test_a_run_is_read_as_it_was_written(good: EvidenceRun) -> None:
    """Every finding and every answer, in order."""
    read = document_of(json.loads(text_of(good)))
    for before, after in zip(good.findings, read.findings, strict=True):
        assert (after.control, after.resource, after.outcome) == (before.control, before.resource, before.outcome)
        assert (after.reason, after.checks, after.answers) == (before.reason, before.checks, before.answers)
    assert [each.sha256 for each in read.answers] == [each.sha256 for each in good.answers]
    assert (read.complete, read.commit, read.controls) == (good.complete, good.commit, good.controls)


def test_what_is_more_than_is_known_is_left_aside(make: Make) -> None:
    """A later version may add to the file."""
    content = make(("LOG-1", "r", Outcome.PASS, "fine"), signature="later")
    content["findings"][0]["waiver"] = {"until": "2027-01-01"}
    assert len(document_of(content).findings) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "valletta.evidence/9"}, "schema is 'valletta.evidence/9', where"),
        ({"started_at": "yesterday"}, "started_at: "),
        ({"started_at": "2026-11-23T06:00:00"}, "timezone"),
        ({"findings": [{"control": "LOG-1"}]}, "findings.0.resource: Field required"),
        ({"findings": "none"}, "findings: "),
        ({"controls": ["LOG 1"]}, "controls.0: String should match"),
        ({"answers": [{}]}, "and 1 faults more"),
    ],
)
def test_a_wrong_file_is_told_where_it_is_wrong(make: Make, change: dict[str, Any], message: str) -> None:
    """A place in the file and what is wrong there, and not a hundred of them."""
    with pytest.raises(DocumentError, match=message):
        document_of(make(("LOG-1", "r", Outcome.PASS, "fine"), **change))


def test_an_outcome_that_is_not_known_is_refused(make: Make) -> None:
    """It must not fall under anything else."""
    content = make(("LOG-1", "r", Outcome.PASS, "fine"))
    content["findings"][0]["outcome"] = "GOOD"
    with pytest.raises(DocumentError, match=r"findings\.0\.outcome"):
        document_of(content)


def test_a_control_that_the_catalogue_lost_keeps_its_findings(mixed: Report) -> None:
    """And comes last, under a title that says so."""
    assert mixed.judged[-1].control.title == "Not in this catalogue"
    assert [finding.resource for finding in mixed.judged[-1].findings] == ["bucket/x"]


def test_a_finding_of_a_control_that_was_not_asked_about_is_told_too(make: Make) -> None:
    """The list of controls may be wrong; what was found is not left out for that."""
    content = make(("LOG-1", "r", Outcome.FAIL, "why"), controls=["NET-3"])
    told = report_of(document_of(content)).judged
    assert [(each.control.id, each.outcome) for each in told] == [("LOG-1", Outcome.FAIL), ("NET-3", None)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([("LOG-1", Outcome.PASS)], "Nothing that was judged by the 1 control fails."),
        ([("LOG-1", Outcome.FAIL), ("LOG-2", Outcome.PASS)], "1 of 2 controls fails, on 1 resource."),
        ([("LOG-1", Outcome.ERROR)], "Nothing that was judged by the 1 control fails; the account left questions of 1 "
         "control unanswered, so the picture is not whole."),
        ([("LOG-1", Outcome.NOT_IMPLEMENTED), ("LOG-2", Outcome.NOT_IMPLEMENTED)], "Nothing that was judged by the 2 "
         "controls fails; 2 are not built in full, which blocks a release."),
    ],
)  # fmt: skip
def test_the_verdict_says_what_was_found_and_no_more(
    make: Make, found: list[tuple[str, Outcome]], expected: str
) -> None:
    """One sentence; nothing of being compliant."""
    content = make(*((control, f"r{number}", outcome, "why") for number, (control, outcome) in enumerate(found)))
    assert verdict(report_of(document_of(content))) == expected
