"""The `valletta` command, as typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).with_name("valletta")


def typed(*arguments: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VALLETTA_HOME": str(home), "COLUMNS": "200"} | more
    return subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, env=environment, check=False, timeout=120
    )


def test_the_help_names_every_command(tmp_path: Path) -> None:
    shown = typed("--help", home=tmp_path)
    assert shown.returncode == 0
    for command in ("up", "demo", "status", "logs", "down", "plan", "policy", "evidence"):
        assert f" {command} " in shown.stdout


def test_help_does_not_import_what_only_the_work_needs() -> None:
    heavy = "pulumi moto sqlalchemy grpc confluent_kafka boto3 fastapi"
    show = f"import sys, valletta.cli; print(sorted(set('{heavy}'.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_where_nothing_runs_there_is_one_line_the_way_out_and_no_traceback(tmp_path: Path) -> None:
    shown = typed("status", home=tmp_path)
    assert shown.returncode == 2
    assert shown.stderr == "error: nothing is running here\nstart it: make up\n"
    assert shown.stdout == ""


def test_an_unknown_journal_and_an_unknown_log_are_usage_errors_that_name_the_known(tmp_path: Path) -> None:
    journal = typed("up", "--journal", "paper", home=tmp_path)
    assert journal.returncode == 2
    assert "'kafka', 'file'" in journal.stderr
    log = typed("logs", "nobody", home=tmp_path)
    assert log.returncode == 2
    assert "there is no log of 'nobody'" in log.stderr


def test_a_damaged_state_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("not json")
    shown = typed("status", home=tmp_path)
    assert shown.returncode == 1
    assert "state.json is not a state that this version understands" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_wiping_asks_first_and_a_no_deletes_nothing(tmp_path: Path) -> None:
    (tmp_path / "kafka").mkdir()
    assert typed("down", "--wipe", home=tmp_path).returncode == 1
    assert (tmp_path / "kafka").is_dir()
    assert typed("down", "--wipe", "--yes", home=tmp_path).returncode == 0
    assert not tmp_path.exists()
