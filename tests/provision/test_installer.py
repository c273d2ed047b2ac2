"""Finding or installing the CLI: what is said when there is none, and that waiting for a dead network is short."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.provision import installer
from sandbox.provision.installer import NoCliError

PROXIES = ("HTTPS_PROXY", "https_proxy")


@pytest.fixture
def silent_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A network that accepts a connection and then never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for name in PROXIES:
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield


def fake_cli(folder: Path, version: str) -> Path:
    """An executable `pulumi` that knows its version and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "pulumi"
    command.write_text(f"#!/bin/sh\necho v{version}\n")
    command.chmod(0o755)
    return command


def test_a_cli_on_the_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cli(tmp_path, "3.999.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = installer.on_path()
    assert found is not None
    assert str(found.version) == "3.999.0"


def test_a_cli_that_is_too_old_is_named_as_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_cli(tmp_path, "2.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoCliError, match=r"on the PATH is not usable"):
        installer.on_path()


def test_no_cli_on_the_path_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert installer.on_path() is None


def test_one_that_was_installed_before_is_used_without_a_network(tmp_path: Path) -> None:
    assert installer.installed(tmp_path) is None
    fake_cli(installer._root(tmp_path) / "bin", "3.999.0")
    assert installer.installed(tmp_path) is not None


def test_installing_can_be_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installer.NO_INSTALL, "1")
    monkeypatch.setattr(installer, "_run_installer", lambda _: pytest.fail("the installer was run"))
    with pytest.raises(NoCliError, match="VALLETTA_NO_INSTALL forbids"):
        installer.install(tmp_path)


@pytest.mark.usefixtures("silent_network")
def test_a_silent_network_is_given_up_and_no_installer_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(installer.NO_INSTALL, raising=False)
    monkeypatch.setattr(installer, "REACH_SECONDS", 0.5)
    ended: list[int] = []
    end_group = os.killpg

    def end_and_note(group: int, signal_number: int) -> None:
        end_group(group, signal_number)
        ended.append(group)

    monkeypatch.setattr(os, "killpg", end_and_note)
    with pytest.raises(NoCliError, match="installer cannot be reached"):
        installer.install(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(ended[0], 0)
