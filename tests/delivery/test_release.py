"""A stack's images are changed by one command, which touches nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import StackSettings
from sandbox.plan.program import read_stack
from tools import release
from tools.base_images import ROOT
from tools.release import ReleaseError, set_digests

STACK = "staging-workloads"
DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / f"Pulumi.{STACK}.yaml").write_text((ROOT / f"Pulumi.{STACK}.yaml").read_text())
    return tmp_path


def test_only_the_digest_that_is_given_changes(folder: Path) -> None:
    file = folder / f"Pulumi.{STACK}.yaml"
    before = file.read_text().splitlines()
    assert set_digests(STACK, {"ledger": DIGEST}, folder)
    after = file.read_text().splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        (next(line for line in before if line.startswith("    ledger: ")), f"    ledger: {DIGEST}")
    ]
    assert not set_digests(STACK, {"ledger": DIGEST}, folder), "again, it has nothing to do"


def test_a_line_of_the_same_name_elsewhere_is_let_be(folder: Path) -> None:
    file = folder / f"Pulumi.{STACK}.yaml"
    file.write_text("config:\n  other:\n    ledger: kept\n" + file.read_text().removeprefix("config:\n"))
    set_digests(STACK, {"ledger": DIGEST}, folder)
    assert "    ledger: kept\n" in file.read_text()


@pytest.mark.parametrize(
    ("stack", "digests", "says"),
    [
        ("nowhere", {"ledger": DIGEST}, "there is no stack 'nowhere'"),
        (STACK, {"ledger": "latest"}, "'latest' is no digest: .* sha256:"),
        (STACK, {"ledger": DIGEST, "cashier": DIGEST}, "no line for cashier under valletta:image_digests"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    stack: str, digests: dict[str, str], says: str, folder: Path
) -> None:
    before = (folder / f"Pulumi.{STACK}.yaml").read_text()
    with pytest.raises(ReleaseError, match=says):
        set_digests(stack, digests, folder)
    assert (folder / f"Pulumi.{STACK}.yaml").read_text() == before


@pytest.mark.parametrize("stack", ["staging-workloads", "production-workloads"])
def test_the_images_that_are_verified_are_those_that_the_program_runs(
    stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = StackSettings.from_config(read_stack(stack).config)
    assert release.main(["images", stack]) == 0
    told = capsys.readouterr().out.split()
    assert told == [settings.image(name, f"valletta/{name}") for name in sorted(settings.image_digests)]


def test_the_facts_of_a_stack_are_those_of_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["facts", "production-workloads"]) == 0
    told = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    settings = StackSettings.from_config(read_stack("production-workloads").config)
    assert told == {
        "account": settings.account_id,
        "region": settings.region,
        "name": "production",
        "environment": "production",
        "layer": "workloads",
        "registry": settings.image_registry,
    }


def test_a_stack_that_is_not_there_is_refused_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["facts", "nowhere"]) == 2
    assert "staging-workloads" in capsys.readouterr().err
