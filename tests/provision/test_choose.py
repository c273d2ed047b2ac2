"""One line says which way was taken, and what differs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.plan.record import Plan
from sandbox.provision import choose
from sandbox.provision.choose import provision
from sandbox.provision.installer import NoCliError
from sandbox.provision.outcome import Outcome

PLAN = Plan("valletta-local", "local", (), {})
OUTCOME = Outcome(created=1, unchanged=2, resources=3, outputs={"vpc": "vpc-1"})
CLI = SimpleNamespace(version="3.999.0")


@pytest.fixture(autouse=True)
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which way was taken; neither makes anything here."""
    taken: list[str] = []

    def way(name: str) -> Any:  # noqa: ANN401  any callable will do
        def take(*_: object, **__: object) -> Outcome:
            taken.append(name)
            return OUTCOME

        return take

    monkeypatch.setattr(choose, "provision_in_process", way("in-process"))
    monkeypatch.setattr(choose, "provision_by_engine", way("engine"))
    monkeypatch.setattr(choose, "on_path", lambda: None)
    monkeypatch.setattr(choose, "installed", lambda _: None)
    return taken


def taken_way(tmp_path: Path) -> tuple[str, str]:
    done = provision("http://127.0.0.1:1", progress=lambda *_: None, state=tmp_path, plan=PLAN)
    assert (done.created, done.unchanged, done.resources, done.outputs) == (1, 2, 3, {"vpc": "vpc-1"})
    assert "\n" not in done.line
    assert (tmp_path / "account" / "endpoint").read_text() == "http://127.0.0.1:1\n", "a pulumi typed by hand finds it"
    return done.way, done.line


def test_a_cli_on_the_path_is_used(tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "on_path", lambda: CLI)
    monkeypatch.setattr(choose, "install", lambda _: pytest.fail("an installer was run"))
    way, line = taken_way(tmp_path)
    assert (way, ways) == ("cli", ["engine"])
    assert "3.999.0 on the PATH" in line


def test_one_installed_before_is_used_without_installing_again(
    tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choose, "installed", lambda _: CLI)
    monkeypatch.setattr(choose, "install", lambda _: pytest.fail("an installer was run"))
    way, line = taken_way(tmp_path)
    assert (way, ways) == ("installed-cli", ["engine"])
    assert "installed in the clone" in line


def test_one_is_installed_where_there_is_none(tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "install", lambda _: CLI)
    assert taken_way(tmp_path)[0] == "installed-cli"
    assert ways == ["engine"]


def test_without_any_the_program_runs_in_process_and_the_line_says_why_and_what_differs(
    tmp_path: Path, ways: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_: Path) -> object:
        raise NoCliError("no Pulumi CLI on the PATH, and its installer cannot be reached")

    monkeypatch.setattr(choose, "install", refuses)
    way, line = taken_way(tmp_path)
    assert (way, ways) == ("in-process", ["in-process"])
    assert line.startswith("no Pulumi CLI on the PATH, and its installer cannot be reached: provisioned in process")
    assert "only creates" in line
