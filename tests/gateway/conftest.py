from __future__ import annotations

import pytest

from tests.players import Api, operator
from tests.stack import Stack


@pytest.fixture(scope="session")
def staff(exchange: Stack) -> Api:
    """An operator, logged in."""
    return operator(exchange)
