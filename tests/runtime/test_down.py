"""Deleting what the stack keeps, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.down import stop, wipe_data
from sandbox.lock import BusyError, alone


def test_wiping_deletes_what_is_ours_and_leaves_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "kafka" / "data").mkdir(parents=True)
    (tmp_path / "state.json").write_text("{}")
    (tmp_path / "thesis.tex").write_text("years of work")
    wipe_data(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_folder_that_held_only_ours_is_gone_and_wiping_again_is_safe(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "account").mkdir(parents=True)
    wipe_data(home)
    assert not home.exists()
    wipe_data(home)


def test_stopping_where_nothing_was_started_says_so(tmp_path: Path) -> None:
    assert not stop(tmp_path)
    assert not stop(tmp_path / "absent")


def test_up_and_down_exclude_each_other_in_one_clone(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(BusyError, match="another valletta up or down is at work"):
        stop(tmp_path)
    assert not stop(tmp_path)
