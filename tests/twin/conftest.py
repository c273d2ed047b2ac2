"""Accounts for the tests of the twin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.twin.twin import Twin
from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made, provision


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., AccountServer]]:
    """Starts an account server of the test's own."""
    started: list[AccountServer] = []

    def begin(folder: str = "account", *arguments: str) -> AccountServer:
        started.append(AccountServer(tmp_path / folder, *arguments))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccountServer]:
    """One account for all tests that leave alone what they did not make."""
    server = AccountServer(tmp_path_factory.mktemp("twin") / "account")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def twin(account: AccountServer) -> Twin:
    """The provider on that account."""
    return account.twin


@pytest.fixture(scope="session")
def provisioned(twin: Twin) -> dict[str, Made]:
    """What the real program of the stack `local` makes on that account: one resource of every type, by its type.

    Of the account's own region where there is one, for that is where the tests look.
    """
    made: dict[str, Made] = {}
    for one in sorted(provision(twin), key=lambda each: "region" in each.inputs):
        made.setdefault(one.type, one)
    return made
