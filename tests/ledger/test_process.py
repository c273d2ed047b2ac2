"""The projector as a process: what it cannot work with, it says in one line and ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.ledger.reading import LedgerReader
from tests.ledger.recording import Recording
from tests.matching.betting import funded
from tests.matching.exchange import Processes, eventually


@pytest.fixture
def processes(tmp_path: Path, database_url: str) -> Processes:
    named = {"JOURNAL": "file", "JOURNAL_FOLDER": str(tmp_path / "journal"), "METRICS_ADDRESS": "127.0.0.1:0"}
    return Processes(
        tmp_path, {f"VALLETTA_{key}": value for key, value in (named | {"DATABASE_URL": database_url}).items()}
    )


def test_a_database_that_was_not_migrated_is_refused_with_what_to_run(processes: Processes) -> None:
    assert processes.start("services.ledger").wait(60) == 1
    assert "run `python -m services.ledger migrate`" in processes.logs()
    assert processes.start("services.ledger", "migrate").wait(60) == 0


def test_it_projects_until_it_is_stopped_and_halts_where_the_events_do_not_continue(
    processes: Processes, recording: Recording, database: Engine
) -> None:
    recording.submit(*funded(2))
    running = processes.start("services.ledger")
    eventually(lambda: LedgerReader(database).position().get(0, (0, b""))[0] == 1, "the events are projected")
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 0
    recording.publish(recording.records[0].__class__(offset=7, previous_offset=6, previous=b"elsewhere"))
    assert processes.start("services.ledger").wait(60) == 1
    assert "events are missing, or the log was changed" in processes.logs()


def test_an_environment_that_is_not_complete_is_named_variable_by_variable_and_no_secret_is_told() -> None:
    for module, expected in (
        ("services.ledger", ["VALLETTA_DATABASE_URL: Field required", "VALLETTA_METRICS_ADDRESS: Field required"]),
        ("services.matching", ["VALLETTA_SHARD: Field required", "VALLETTA_METRICS_ADDRESS: String should match"]),
    ):
        environment = {"VALLETTA_METRICS_ADDRESS": "hunter2"} if module == "services.matching" else {}
        done = subprocess.run(
            [sys.executable, "-m", module], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert [line for line in expected if line not in done.stderr] == []
        assert "hunter2" not in done.stderr
