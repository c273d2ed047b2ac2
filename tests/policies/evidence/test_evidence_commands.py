"""`valletta evidence` as an auditor types it: bundles, keys, what changed, what is let pass, and every wrong use."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from policies.evidence import AccountTarget
from sandbox import evidence as sandbox_evidence
from sandbox.errors import SandboxError
from tests.policies.account.whole import TestAccount, target_of
from tests.policies.evidence.test_waivers import write
from valletta.commands import evidence

Run = Callable[..., Result]


@pytest.fixture
def valletta(account: TestAccount, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`valletta evidence ...`, with the test's account behind the twin's address."""

    def target(endpoint: str, region: str) -> AccountTarget:
        assert (endpoint, region) == ("http://127.0.0.1:1", "eu-west-1")
        return target_of(account)

    monkeypatch.setattr(sandbox_evidence, "twin_target", target)

    def run(command: str, *arguments: str | Path) -> Result:
        there = ["--endpoint", "http://127.0.0.1:1"] if command == "collect" else []
        return CliRunner().invoke(evidence.app, [command, *there, *map(str, arguments)])

    return run


def status(result: Result) -> int:
    """How the command ends, as `valletta` itself turns errors into a status."""
    if isinstance(result.exception, SandboxError):
        return result.exception.exit_code
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


def told(result: Result) -> str:
    """All that it says."""
    error = result.exception
    details = "\n".join(error.details) if isinstance(error, SandboxError) else ""
    return f"{result.output}\n{error}\n{details}"


def test_the_auditors_way_a_key_a_signed_bundle_a_verification_and_a_comparison(
    valletta: Run, account: TestAccount, tmp_path: Path
) -> None:
    """What was broken between two audits is named, and nothing else."""
    key, before, after = tmp_path / "auditor.pem", tmp_path / "before", tmp_path / "after"
    assert status(valletta("key", key)) == 0
    chosen = ("--control", "CRY-2", "--control", "NET-3")
    assert status(valletta("collect", *chosen, "--out", before, "--sign", key)) == 0
    account.force_ssl("0")
    try:
        assert status(valletta("collect", *chosen, "--out", after, "--sign", key)) == 3
    finally:
        account.force_ssl("1")
    verified = valletta("verify", after, "--key", tmp_path / "auditor.pub")
    assert status(verified) == 0
    assert "signed by" in verified.output
    changed = valletta("diff", before, after, "--json")
    assert status(changed) == 3
    (change,) = json.loads(changed.output)["changes"]
    assert (change["kind"], change["control"], change["after"]) == ("worse", "CRY-2", "FAIL")
    assert status(valletta("diff", before, before)) == 0
    assert "worse" in valletta("diff", before, after).output


def test_a_bundle_that_was_touched_or_signed_by_another_ends_with_5(valletta: Run, tmp_path: Path) -> None:
    key, other, bundle = tmp_path / "auditor.pem", tmp_path / "other.pem", tmp_path / "bundle"
    for each in (key, other):
        valletta("key", each)
    assert status(valletta("collect", "--control", "NET-3", "--out", bundle, "--sign", key)) == 0
    assert status(valletta("verify", bundle, "--key", tmp_path / "other.pub")) == 5
    found = bundle / "evidence.json"
    honest = found.read_text()
    found.write_text(honest.replace('"PASS"', '"MANUAL"'))
    for touched in (valletta("verify", bundle), valletta("diff", bundle, bundle), valletta("report", bundle)):
        assert status(touched) == 5
        assert "evidence.json is not the file that was signed" in told(touched)
    found.write_text(honest)
    answers = bundle / "answers.jsonl"
    answers.write_text(answers.read_text().replace('"endpointPublicAccess": false', '"endpointPublicAccess": true'))
    refused = valletta("verify", bundle)
    assert status(refused) == 5
    assert "answers.jsonl is not the file that was signed" in told(refused)
    (bundle / "bundle.dsse.json").unlink()
    assert "eks:DescribeCluster" in told(valletta("verify", bundle)), (
        "without its signature it still contradicts itself"
    )
    assert status(valletta("verify", bundle, "--key", tmp_path / "auditor.pub")) == 5
    assert status(valletta("diff", bundle, bundle)) == 5


def test_what_is_not_signed_is_said_not_to_be(valletta: Run, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    valletta("collect", "--control", "NET-3", "--out", bundle)
    assert "it is not signed" in valletta("verify", bundle).output


def test_a_waiver_in_force_ends_clean_and_an_expired_one_with_3(
    valletta: Run, account: TestAccount, tmp_path: Path
) -> None:
    today = datetime.now(UTC).date()
    waivers, expired = tmp_path / "waivers", tmp_path / "expired"
    for folder, last in ((waivers, today), (expired, today - timedelta(days=1))):
        folder.mkdir()
        write(folder, {"from": str(last), "expires": str(last)})
    misnamed = tmp_path / "misnamed"
    misnamed.mkdir()
    write(misnamed, {"from": str(today), "expires": str(today), "resource": '"another"'})
    account.force_ssl("0")
    try:
        assert status(valletta("collect", "--control", "CRY-2", "--waivers", waivers)) == 0
        missed = valletta("collect", "--control", "CRY-2", "--waivers", misnamed)
        assert status(missed) == 3
        assert "lets nothing pass: no finding is on another" in told(missed)
        assert "lets nothing pass" not in told(valletta("collect", "--control", "NET-3", "--waivers", misnamed))
        failed = valletta("collect", "--control", "CRY-2", "--waivers", expired)
    finally:
        account.force_ssl("1")
    assert status(failed) == 3
    assert "expired" in failed.output
    assert status(valletta("waivers", "--folder", waivers)) == 0
    assert status(valletta("waivers", "--folder", expired)) == 3
    assert json.loads(valletta("waivers", "--folder", expired, "--json").output)[0]["state"] == "expired"


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("collect", ["--resume"], "say where with --out"),
        ("collect", ["--sign", "key.pem"], "say where with --out"),
        ("collect", ["--out", "OUT", "--sign", "/nowhere/key.pem"], "/nowhere/key.pem holds no private key in PEM"),
        ("collect", ["--region", "eu-nowhere-1"], "no region of AWS; near it: eu-north-1"),
        ("collect", ["--waivers", "/nowhere"], "there is no folder /nowhere"),
        ("verify", ["/nowhere"], "/nowhere is no evidence"),
        ("diff", ["/nowhere", "/nowhere"], "/nowhere is no evidence"),
        ("waivers", ["--folder", "/nowhere"], "there is no folder /nowhere"),
        ("key", ["/nowhere/key.pem"], "/nowhere/key.pem"),
    ],
)
def test_wrong_use_ends_with_2_and_the_way_out(
    valletta: Run, tmp_path: Path, command: str, arguments: list[str], message: str
) -> None:
    result = valletta(command, *(str(tmp_path / "bundle") if each == "OUT" else each for each in arguments))
    assert status(result) == 2, told(result)
    assert message in told(result)
    assert not (tmp_path / "bundle").exists(), "nothing is made on a misunderstanding"


def test_a_finished_bundle_is_never_written_over(valletta: Run, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    valletta("collect", "--control", "NET-3", "--out", bundle)
    before = (bundle / "evidence.json").read_bytes()
    again = valletta("collect", "--control", "NET-3", "--out", bundle)
    assert status(again) == 2
    assert "holds a finished run: give another folder" in told(again)
    assert (bundle / "evidence.json").read_bytes() == before
