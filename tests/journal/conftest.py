from __future__ import annotations

from pathlib import Path

import pytest

from services.journal.file import FileJournal
from services.journal.kafka import KafkaJournal
from services.journal.log import COMMANDS, LARGEST_COMMANDS, Journal


@pytest.fixture(params=["file", "kafka"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    """A prepared journal of either kind, with one empty log of commands."""
    made: Journal
    if request.param == "file":
        made = FileJournal(tmp_path / "journal")
    else:
        made = KafkaJournal(request.getfixturevalue("kafka_broker"), prefix=request.getfixturevalue("topic_prefix"))
    made.prepare(COMMANDS, 1, LARGEST_COMMANDS)
    return made
