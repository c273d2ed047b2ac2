from __future__ import annotations

from collections.abc import Callable

import pytest
from betfairlightweight import APIClient as Client

from tests.players import PASSWORD, Api, Bettor, bettor, open_market, operator
from tests.stack import Stack


@pytest.fixture(scope="session")
def staff(exchange: Stack) -> Api:
    """An operator, logged in over REST."""
    return operator(exchange)


@pytest.fixture
def someone(exchange: Stack, staff: Api) -> Bettor:
    """A bettor with 100.00."""
    return bettor(exchange, staff)


@pytest.fixture
def another(exchange: Stack, staff: Api) -> Bettor:
    """Another bettor with 100.00."""
    return bettor(exchange, staff)


@pytest.fixture
def market(staff: Api) -> int:
    """An open market with the runners 101 and 102."""
    return open_market(staff)


@pytest.fixture(scope="session")
def refused_one(exchange: Stack, staff: Api) -> Bettor:
    """A bettor with 100.00 of whom nothing is ever accepted; shared by the tests of refusals, which all check that."""
    return bettor(exchange, staff)


@pytest.fixture(scope="session")
def quiet_market(staff: Api) -> int:
    """An open market where nothing is ever accepted."""
    return open_market(staff)


@pytest.fixture(scope="session")
def connect(exchange: Stack) -> Callable[[Bettor], Client]:
    """betfairlightweight for a bettor, as it comes from the registry but for its host, logged in."""

    def connected(player: Bettor) -> Client:
        client = client_for(exchange, player)
        client.login_interactive()
        return client

    return connected


def client_for(exchange: Stack, player: Bettor, **options: object) -> Client:
    """betfairlightweight with the exchange for its host, not logged in."""
    client = Client(player.username, PASSWORD, app_key="tests", **options)
    client.identity_uri = client.identity_cert_uri = f"{exchange.gateway_url}/api/"
    client.api_uri = f"{exchange.gateway_url}/exchange/"
    return client
