"""A fresh account for each test, and the plugins in front of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from sandbox.paths import CLONE
from sandbox.plugins.__main__ import serve
from sandbox.plugins.endpoint import VARIABLE
from tests.twin.plugin.harness import Client, Conversation, client


@pytest.fixture(scope="session")
def account_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an account server that lives as long as the session."""
    state = tmp_path_factory.mktemp("account")
    command = [sys.executable, "-m", "sandbox.twin", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, cwd=CLONE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


@pytest.fixture
def account(account_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a fresh account, which the plugins of this test find in their environment."""
    httpx.post(f"{account_server}/valletta/reset", trust_env=False).raise_for_status()
    monkeypatch.setenv(VARIABLE, account_server)
    return account_server


@pytest.fixture
def kms(account: str) -> Client:
    """AWS's own client on the account: what is there, whoever says otherwise."""
    return client("kms", account)


@contextmanager
def conversing(package: str) -> Iterator[Conversation]:
    """A configured conversation with a provider."""
    server, port = serve(package)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        conversation = Conversation(channel, package)
        conversation.configure()
        yield conversation
    server.stop(0).wait()


@pytest.fixture
def aws(account: str) -> Iterator[Conversation]:
    """A configured conversation with the provider `aws`."""
    with conversing("aws") as conversation:
        yield conversation


@pytest.fixture
def kubernetes(account: str) -> Iterator[Conversation]:
    """A configured conversation with the provider `kubernetes`."""
    with conversing("kubernetes") as conversation:
        yield conversation


@pytest.fixture
def launcher() -> Path:
    """The executable that the engine starts for the provider `aws`."""
    path = CLONE / "sandbox" / "plugins" / "aws" / "pulumi-resource-aws"
    assert os.access(path, os.X_OK)
    return path
