"""What holds of every format: it is the same for the same run, each finding is in it once, its own library reads it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from sarif_pydantic import Level, Sarif

from policies.model import Outcome
from policies.reports.csv import COLUMNS, harmless
from policies.reports.document import document_of
from policies.reports.formats import FORMATS, Format, MissingGroupError, rendered
from policies.reports.material import Report, report_of
from tests.policies.reports.conftest import FORMULA, every_outcome, written

ROOT = Path(__file__).parents[3]


def test_the_same_run_gives_the_same_bytes() -> None:
    """In processes whose sets and hashes are ordered otherwise: reports of one file can be compared."""
    program = (
        "import hashlib; from tests.policies.reports.conftest import *; from policies.reports.formats import *;"
        "report = report_of(document_of(written(*every_outcome())));"
        "told = [rendered(each, report) for each in FORMATS.values()];"
        "print(hashlib.sha256(repr(told).encode()).hexdigest())"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] != b""


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_the_good_account_is_told_in_every_format(format_: Format, real: Report) -> None:
    """A run as it was collected, not one made up."""
    assert any(rendered(format_, real).values())


@pytest.mark.parametrize(
    ("name", "package"),
    [("html", "jinja2"), ("sarif", "sarif_pydantic"), ("ocsf", "py_ocsf_models"), ("oscal", "trestle")],
)
def test_a_package_that_is_missing_is_told_with_the_way_to_get_it(
    name: str, package: str, mixed: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line: the package, and what to type."""
    for module in [each for each in sys.modules if each.startswith(f"policies.reports.{name}")]:
        monkeypatch.delitem(sys.modules, module)
    for module in [each for each in sys.modules if each.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingGroupError, match=f"needs the package {package}.*uv sync --group {FORMATS[name].group}"):
        rendered(FORMATS[name], mixed)


def test_the_table_has_a_line_for_each_finding(mixed: Report) -> None:
    """Read back by the standard's own rules, line breaks and commas included."""
    heading, *lines = csv.reader(StringIO(rendered(FORMATS["csv"], mixed)[""] or "", newline=""))
    assert tuple(heading) == COLUMNS
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
    found = [(row["control"], row["resource"].removeprefix("'"), row["outcome"]) for row in rows]
    assert Counter(found) == _expected(mixed)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1", FORMULA])
def test_no_cell_is_a_formula(cell: str) -> None:
    """Whoever may name a bucket must not run anything on an auditor's laptop."""
    assert harmless(cell) == f"'{cell}"


def test_a_plain_cell_stays_as_it_is() -> None:
    """An ARN, a sentence, an empty cell."""
    for cell in ("arn:aws:s3:::a-b", "has no lock (mode = none)", "", "1.10"):
        assert harmless(cell) == cell


def test_sarif_has_a_result_for_each_finding_and_a_rule_for_each_control(mixed: Report) -> None:
    """Through the library's own model; only what fails has a level, as the standard wants it."""
    log = Sarif.model_validate_json(rendered(FORMATS["sarif"], mixed)[""] or "")
    (run,) = log.runs
    assert log.version == "2.1.0"
    assert [rule.id for rule in run.tool.driver.rules] == [judged.control.id for judged in mixed.judged]
    assert not run.invocations[0].execution_successful
    found: Counter[tuple[str, str, str]] = Counter()
    for result in run.results:
        assert run.tool.driver.rules[result.rule_index].id == result.rule_id
        assert (result.kind == "fail") == (result.level is not Level.NONE)
        suppressed = bool((result.model_extra or {}).get("suppressions"))
        assert suppressed == (result.properties["outcome"] == Outcome.WAIVED)
        found[result.rule_id, result.locations[0].logical_locations[0].name, result.properties["outcome"]] += 1
    assert found == _expected(mixed)
    assert len({result.guid for result in run.results}) == len(run.results)


def test_sarif_remembers_a_finding_from_run_to_run() -> None:
    """The reason may change; the fingerprint must not, or an old finding counts as new."""
    prints = []
    for reason in ("keeps objects for 1 day", "keeps objects for 2 days"):
        report = report_of(document_of(written(("LOG-2", "bucket", Outcome.FAIL, reason))))
        content = json.loads(rendered(FORMATS["sarif"], report)[""] or "")
        prints.append(content["runs"][0]["results"][0]["partialFingerprints"])
    assert prints[0] == prints[1]


def test_ocsf_has_an_event_for_each_finding(mixed: Report) -> None:
    """Each is a Compliance Finding by the library's model, with the hashes of what it rests on."""
    events = [ComplianceFinding.model_validate(each) for each in json.loads(rendered(FORMATS["ocsf"], mixed)[""] or "")]
    found = Counter((event.metadata.event_code, event.resources[0].uid, event.status_code) for event in events)
    assert found == _expected(mixed)
    assert len({event.finding_info.uid for event in events}) == len(events)
    assert all(event.time == 1795413609000 for event in events)
    hashes = {answer.sha256 for answer in mixed.document.answers}
    assert {evidence.data["sha256"] for event in events for evidence in event.evidences} == hashes


def test_an_unknown_is_never_told_as_good() -> None:
    """In no format: neither what was not answered, nor what a twin lacks, nor what is planned."""
    unknown = [each for each in every_outcome() if each[2] not in (Outcome.PASS, Outcome.NOT_APPLICABLE)]
    report = report_of(document_of(written(*unknown)))
    sarif = json.loads(rendered(FORMATS["sarif"], report)[""] or "")
    assert "pass" not in {result["kind"] for result in sarif["runs"][0]["results"]}
    ocsf = json.loads(rendered(FORMATS["ocsf"], report)[""] or "")
    assert 1 not in {event["compliance"]["status_id"] for event in ocsf}
    oscal = json.loads(rendered(FORMATS["oscal"], report)["assessment-results.json"] or "")
    states = {each["target"]["status"]["state"] for each in oscal["assessment-results"]["results"][0]["findings"]}
    assert states == {"not-satisfied"}


def _expected(report: Report) -> Counter[tuple[str, str, str]]:
    return Counter((each.control, each.resource, each.outcome.value) for each in report.document.findings)
