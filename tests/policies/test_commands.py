"""`valletta evidence` and `valletta policy`: how they end, what they write, and what a wrong argument is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policies.catalogue import catalogue
from policies.evidence import AccountTarget
from policies.model import Outcome
from sandbox import evidence as sandbox_evidence
from sandbox.errors import SandboxError
from sandbox.plan import record
from tests.policies.account.whole import TWIN, TestAccount, target_of
from tests.policies.plans import Edit, Resources, broken, put
from tests.policies.reports.conftest import written
from valletta.commands import evidence, policy

Run = Callable[..., Result]
TWIN_AT = ("--endpoint", "http://127.0.0.1:1")
"""An address that is never asked: the target behind it is the account of the test."""


@pytest.fixture
def collect(account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`valletta evidence collect` on the test's account."""

    def target(endpoint: str, region: str) -> AccountTarget:
        return target_of(account)

    monkeypatch.setattr(sandbox_evidence, "twin_target", target)
    return lambda *arguments: CliRunner().invoke(evidence.app, ["collect", *TWIN_AT, *arguments])


def _status(result: Result) -> int:
    """How the command ends, as `valletta` itself turns errors into a status."""
    if isinstance(result.exception, SandboxError):
        return result.exception.exit_code
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


def test_a_clean_account_ends_with_0_and_a_file_that_verifies(collect: Run, tmp_path: Path) -> None:
    """The table is shown, the run is written whole, and `verify` finds it sound."""
    file = tmp_path / "evidence.json"
    result = collect("--json", str(file))
    assert _status(result) == 0, result.output
    assert f"{len(catalogue())} controls:" in result.output
    assert json.loads(file.read_text())["summary"]["PASS"] > 0
    assert _status(CliRunner().invoke(evidence.app, ["verify", str(file)])) == 0


def test_a_finding_ends_with_3(collect: Run, account: TestAccount) -> None:
    """One control fails on one resource."""
    account.force_ssl("0")
    try:
        result = collect("--control", "cry-2")
    finally:
        account.force_ssl("1")
    assert _status(result) == 3
    assert "FAIL" in result.output


def test_an_unanswered_question_ends_with_4_even_beside_findings(
    collect: Run, account: TestAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not seen may be worse than what was found."""

    def unlisted(endpoint: str, region: str) -> AccountTarget:
        return replace(target_of(account), unobservable=type(TWIN)())  # moto's lack is then a plain error

    monkeypatch.setattr(sandbox_evidence, "twin_target", unlisted)
    account.rebuild_database(MultiAZ=False)
    try:
        result = collect("--control", "BCP-1")
    finally:
        account.rebuild_database()
    assert "FAIL" in result.output
    assert _status(result) == 4


def test_a_changed_file_ends_with_5(collect: Run, tmp_path: Path) -> None:
    """One letter of one raw answer is enough, and the error says which."""
    file = tmp_path / "evidence.json"
    assert _status(collect("--control", "NET-3", "--json", str(file))) == 0
    file.write_text(file.read_text().replace('"endpointPublicAccess": false', '"endpointPublicAccess": true'))
    result = CliRunner().invoke(evidence.app, ["verify", str(file)])
    assert _status(result) == 5
    assert isinstance(result.exception, SandboxError)
    assert "eks:DescribeCluster" in result.exception.details[0]


def test_json_on_the_output_is_nothing_but_json(collect: Run) -> None:
    """The table goes to standard error then, so that the output can be piped."""
    assert json.loads(collect("--control", "NET-3", "--json", "-").stdout)["controls"] == ["NET-3"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--control", "LOG-99"), "there is no control LOG-99; there are AML-1"),
        (("--profile", "production"), "give one of the two"),
        (("--json", "/nowhere/evidence.json", "--control", "NET-3"), "cannot be written"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(collect: Run, arguments: tuple[str, ...], message: str) -> None:
    """Nothing is collected on a misunderstanding."""
    result = collect(*arguments)
    assert _status(result) == 2
    assert message in str(result.exception)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "valletta.evidence/2"}'])
def test_a_file_that_is_no_evidence_ends_with_2(tmp_path: Path, content: str) -> None:
    """It is neither sound nor changed: it is something else."""
    file = tmp_path / "something.json"
    file.write_text(content)
    assert _status(CliRunner().invoke(evidence.app, ["verify", str(file)])) == 2


def test_a_report_is_written_in_every_format_asked_for(collect: Run, tmp_path: Path) -> None:
    """Beside the file, or in the folder given; and the page where no format is named."""
    file = tmp_path / "evidence.json"
    assert _status(collect("--control", "NET-3", "--json", str(file))) == 0
    assert _status(_report(str(file))) == 0
    assert (tmp_path / "evidence.html").read_text().startswith("<!DOCTYPE html>")
    formats = [part for name in ("csv", "sarif", "ocsf", "oscal") for part in ("--format", name)]
    assert _status(_report(str(file), *formats, "--out", str(tmp_path / "all"))) == 0
    assert {each.name for each in (tmp_path / "all").iterdir()} == {
        "evidence.csv", "evidence.sarif", "evidence.ocsf.json", "evidence.oscal",
    }  # fmt: skip
    assert (tmp_path / "all" / "evidence.csv").read_bytes().count(b"\r\n") == 2


def test_a_report_of_a_clean_run_leaves_no_old_plan_of_action(collect: Run, tmp_path: Path) -> None:
    """What an earlier run left to be done must not lie beside what a later one found."""
    file, old = tmp_path / "evidence.json", tmp_path / "oscal" / "plan-of-action-and-milestones.json"
    assert _status(collect("--control", "NET-3", "--json", str(file))) == 0
    old.parent.mkdir()
    old.write_text("{}")
    assert _status(_report(str(file), "--format", "oscal", "--out", str(old.parent))) == 0
    assert not old.exists()
    assert len(list(old.parent.iterdir())) == 5


def test_no_report_is_made_of_a_changed_file(collect: Run, tmp_path: Path) -> None:
    """It would make a forgery look like a finding."""
    file = tmp_path / "evidence.json"
    assert _status(collect("--control", "NET-3", "--json", str(file))) == 0
    file.write_text(file.read_text().replace('"endpointPublicAccess": false', '"endpointPublicAccess": true'))
    assert _status(_report(str(file))) == 5
    assert not file.with_suffix(".html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "pdf"), "there is no format pdf; there are html, csv, sarif, ocsf, oscal"),
        (("--format", "csv", "--out", "/proc/nowhere/report.csv"), "the report cannot be written"),
        (("--format", "csv", "--out", "{file}"), "is the evidence itself"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(
    collect: Run, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """And touches nothing: the evidence least of all."""
    file = tmp_path / "evidence.json"
    assert _status(collect("--control", "NET-3", "--json", str(file))) == 0
    before = file.read_bytes()
    result = _report(str(file), *(part.format(file=file) for part in arguments))
    assert _status(result) == 2
    assert message in str(result.exception)
    assert file.read_bytes() == before


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "valletta.evidence/1"}'])
def test_no_report_is_made_of_something_else(tmp_path: Path, content: str) -> None:
    """A file that is no evidence is a wrong argument."""
    file = tmp_path / "something.json"
    file.write_text(content)
    assert _status(_report(str(file))) == 2


def _report(*arguments: str) -> Result:
    return CliRunner().invoke(evidence.app, ["report", *arguments])


@pytest.mark.parametrize(
    ("edit", "status"), [(None, 0), (put("aws:rds/instance:Instance", "multiAz", False), 3)], ids=["good", "broken"]
)
def test_check_ends_with_3_on_a_violation(
    production: Resources, monkeypatch: pytest.MonkeyPatch, edit: Edit | None, status: int
) -> None:
    """`valletta policy check` on a plan that is as recorded, and on one that is broken."""
    resources = broken(production, edit) if edit else production
    data = {"project": "valletta", "stack": "production", "resources": resources, "outputs": {}}
    monkeypatch.setattr(record, "record_plan", lambda stack: record.Plan.from_json(data))
    result = CliRunner().invoke(policy.app, ["check", "--stack", "production", "--json"])
    assert _status(result) == status
    assert json.loads(result.stdout)["refused"] == bool(status)


def test_every_control_can_be_explained() -> None:
    """What an auditor types first; a name that is not one is told those that are."""
    for control in catalogue():
        result = CliRunner().invoke(policy.app, ["explain", control.id.lower()])
        assert _status(result) == 0
        assert control.title in result.output
    assert "BCP-1" in str(CliRunner().invoke(policy.app, ["explain", "LOG-99"]).exception)
    assert all(control.id in CliRunner().invoke(policy.app, ["list"]).output for control in catalogue())


def test_a_cluster_is_left_out_on_request_and_says_so(collect: Run, account: TestAccount, tmp_path: Path) -> None:
    """Nothing is asked of it, and what only it shows is no pass."""
    file, asked = tmp_path / "evidence.json", len(account.kubernetes.asked)
    result = collect("--without-cluster", "--control", "iam-5", "--json", str(file))
    assert _status(result) == 0, result.output
    assert json.loads(file.read_text())["summary"] == {"NOT_OBSERVABLE": 1}
    assert len(account.kubernetes.asked) == asked


def test_a_cluster_is_reached_by_the_kubeconfig_that_is_given(collect: Run, tmp_path: Path) -> None:
    """It stands before the one that the target has; here nobody answers at it."""
    file = tmp_path / "kubeconfig"
    clusters = [{"name": "k", "cluster": {"server": "https://127.0.0.1:1"}}]
    contexts = [{"name": "c", "context": {"cluster": "k", "user": "u"}}]
    users = [{"name": "u", "user": {}}]
    document = {"current-context": "c", "contexts": contexts, "clusters": clusters, "users": users}
    file.write_text(json.dumps(document))
    result = collect("--kubeconfig", str(file), "--control", "iam-5")
    assert _status(result) == 4
    assert "ClusterUnreachable" in result.output


@pytest.mark.parametrize("more", [(), ("--without-cluster",)])
def test_a_kubeconfig_that_cannot_be_used_ends_with_2(collect: Run, tmp_path: Path, more: tuple[str, ...]) -> None:
    """It is not there, or is said to be left out as well."""
    assert _status(collect("--kubeconfig", str(tmp_path / "missing"), *more)) == 2


def test_pods_that_pass_are_counted_in_a_comparison_and_what_fails_is_named(tmp_path: Path) -> None:
    """With every deployment they come and go; what is gone otherwise is named, and a pod that fails too."""
    pod, gone, bad = (f"namespaces/exchange/pods/{name}" for name in ("a-1", "a-2", "a-3"))
    old = [("CHG-1", gone, Outcome.PASS, "fine"), ("LOG-1", "trail", Outcome.PASS, "fine")]
    new = [("CHG-1", pod, Outcome.PASS, "fine"), ("CHG-1", bad, Outcome.FAIL, "bad")]
    for name, found in (("old", old), ("new", new)):
        (tmp_path / name).write_text(json.dumps(written(*found)))
    arguments = ["diff", str(tmp_path / "old"), str(tmp_path / "new")]
    said = CliRunner().invoke(evidence.app, arguments, env={"COLUMNS": "160"}).stdout
    assert "of pods that came or went: 2" in said
    assert ("a-3" in said, "trail" in said, "a-1" in said, "a-2" in said) == (True, True, False, False)
    assert len(json.loads(CliRunner().invoke(evidence.app, [*arguments, "--json"]).stdout)["changes"]) == 4


def test_a_name_from_the_account_is_printed_as_it_is(tmp_path: Path) -> None:
    """Whoever may name a resource must not style, or end, what a terminal shows: brackets are no markup."""
    for name, outcome in (("old", Outcome.PASS), ("new", Outcome.FAIL)):
        found = ("LOG-1", "bucket [/bold] [red]x", outcome, "because [/]")
        (tmp_path / name).write_text(json.dumps(written(found)))
    said = CliRunner().invoke(evidence.app, ["diff", str(tmp_path / "old"), str(tmp_path / "new")])
    assert _status(said) == 3
    assert all(part in said.stdout for part in ("[/bold]", "[red]x", "[/]"))
