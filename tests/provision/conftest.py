"""A fresh account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.provision.account import Account
from tests.twin.account_server import AccountServer


@pytest.fixture(scope="session")
def account_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountServer]:
    """An account server that lives as long as the session."""
    server = AccountServer(tmp_path_factory.mktemp("provision") / "account")
    yield server
    server.stop()


@pytest.fixture
def server(account_server: AccountServer) -> AccountServer:
    """The server, with a fresh account."""
    Account(account_server.url).reset()
    return account_server


@pytest.fixture
def account(server: AccountServer) -> Account:
    """The fresh account as provisioning sees it."""
    return Account(server.url)
