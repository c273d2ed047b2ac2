"""The core as it is built, beside the model: the short run of what `valletta core diff` does for long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.core.differ.cores import ModelCore, built_core
from tests.core.differ.run import from_fixture, long_run, replay
from tests.core.differ.test_differ import Forgetful
from valletta.cli import app

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_core_and_the_model_agree_on_every_outcome_event_and_image(seed: int) -> None:
    report = long_run(seed, 15_000, 3_000, lambda _: None)
    assert report.difference is None, str(report.difference)
    assert report.compared == 15_000


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_what_once_differed_does_so_no_more(fixture: Path) -> None:
    limits, log = from_fixture(fixture)
    assert replay(limits, log, built_core, images=True) is None


def test_a_long_run_stops_at_the_first_difference() -> None:
    report = long_run(1, 100_000, 1_000, lambda _: None, Forgetful)
    assert report.difference
    assert report.compared < 100_000
    assert long_run(1, 500, 200, lambda _: None, ModelCore).worlds == 3


def test_the_command_says_how_many_commands_agree() -> None:
    pretty = CliRunner().invoke(app, ["core", "diff", "--seed", "9", "--commands", "300", "--world", "200"])
    assert pretty.exit_code == 0, pretty.output
    assert "300 commands in 2 worlds agree" in pretty.stdout
    exact = CliRunner().invoke(app, ["core", "diff", "--seed", "9", "--commands", "300", "--json"])
    assert json.loads(exact.stdout)["compared"] == 300
