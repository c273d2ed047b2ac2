"""Where the plugins find the account."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.plugins.endpoint import VARIABLE, account_endpoint, endpoint_file
from sandbox.plugins.provenance import Provenance


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("VALLETTA_HOME", str(tmp_path))
    endpoint_file().parent.mkdir()
    return tmp_path


@pytest.fixture
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_environment_goes_before_the_state_file(listening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint_file().write_text("http://127.0.0.1:1\n")
    monkeypatch.setenv(VARIABLE, listening)
    assert account_endpoint() == listening


def test_the_state_file_is_read_where_the_environment_says_nothing(listening: str) -> None:
    endpoint_file().write_text(f"{listening}\n")
    assert account_endpoint() == listening


def test_without_either_the_account_is_not_running() -> None:
    with pytest.raises(SandboxError, match="the account twin is not running: make up"):
        account_endpoint()


def test_an_address_where_nobody_answers_is_named() -> None:
    endpoint_file().write_text("http://127.0.0.1:1")
    with pytest.raises(SandboxError, match=r"nothing answers at http://127\.0\.0\.1:1 .*: make up"):
        account_endpoint()


@pytest.mark.parametrize("address", ["https://kms.eu-west-1.amazonaws.com", "http://10.0.0.1:80", "127.0.0.1:80"])
def test_only_an_address_on_loopback_is_ever_spoken_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, address)
    with pytest.raises(SandboxError, match="expected http://127"):
        account_endpoint()


def test_an_account_made_in_process_is_not_handed_to_the_engine(listening: str) -> None:
    endpoint_file().write_text(listening)
    Provenance("in-process", "1", complete=True).keep(endpoint_file().parent)
    with pytest.raises(SandboxError, match="in process"):
        account_endpoint()
    Provenance("engine", "1", complete=True).keep(endpoint_file().parent)
    assert account_endpoint() == listening
