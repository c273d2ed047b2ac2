from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.ledger.database import engine_from
from services.ledger.migrate import migrate
from tests.ledger.recording import Recording


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    """A ledger of this build's schema, with nothing in it."""
    engine = engine_from(database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """An exchange before its first command, with both its logs in files."""
    return Recording(tmp_path / "journal")
