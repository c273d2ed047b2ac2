"""The state file and its secrets."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sandbox.files import make_secret, write_atomically
from sandbox.state import NothingRunningError, State, StateError, load_state, save_state, saved_state, state_file

STATE = State(
    journal="kafka",
    gateway_url="http://127.0.0.1:8080",
    matching_address="127.0.0.1:7001",
    kafka_bootstrap="127.0.0.1:9092",
    database_url="postgresql://valletta@127.0.0.1:5432/exchange",
    database_secret=Path("database-password"),
    account_endpoint="http://127.0.0.1:4566",
    operator_secret=Path("operator-password"),
    ports={"gateway.http": 8080},
)


def test_a_saved_state_is_read_back_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    save_state(STATE, tmp_path)
    assert saved_state(tmp_path) == STATE
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_write_that_fails_leaves_the_old_content_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_atomically(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(target, "new \udc80")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_where_nothing_was_started_or_it_was_stopped_the_way_out_is_named(tmp_path: Path) -> None:
    with pytest.raises(NothingRunningError, match="nothing is running here") as never:
        load_state(tmp_path)
    assert "make up" in never.value.hint
    save_state(STATE, tmp_path)
    with pytest.raises(NothingRunningError):
        load_state(tmp_path)


def test_a_state_of_another_shape_is_refused_by_the_name_of_what_is_wrong(tmp_path: Path) -> None:
    state_file(tmp_path).write_text('{"journal": "paper"}')
    with pytest.raises(StateError, match="journal: Input should be 'kafka' or 'file'"):
        saved_state(tmp_path)


def test_a_secret_is_random_for_its_owner_only_and_made_once(tmp_path: Path) -> None:
    make_secret(tmp_path / "one")
    make_secret(tmp_path / "two")
    first = (tmp_path / "one").read_text()
    assert len(first) >= 24
    assert first != (tmp_path / "two").read_text()
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    make_secret(tmp_path / "one")
    assert (tmp_path / "one").read_text() == first
