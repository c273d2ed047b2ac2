"""The PostgreSQL of the local stack, run for real, as whatever user the tests run as."""

from __future__ import annotations

import os
import signal
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.runtime import database, unprivileged
from tests.conftest import running


@pytest.fixture
def locked_folder() -> Iterator[Path]:
    """A folder that nobody but its owner may enter, as root's home is."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        yield Path(folder)


def test_a_database_of_a_test_is_empty_and_its_own(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_a_wrong_password_is_refused_and_the_right_one_lies_in_a_file_for_its_owner_only(
    postgres: database.Database,
) -> None:
    wrong = postgres.url().replace("valletta@", "valletta:wrong@")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    assert stat.S_IMODE(postgres.password_file.stat().st_mode) == 0o600
    assert postgres.password_file.read_text() not in postgres.url()
    assert not (postgres.folder / "password.initdb").exists()


def test_pages_carry_checksums_and_the_server_is_no_superuser_of_the_machine(postgres: database.Database) -> None:
    with psycopg.connect(postgres.url(password=True)) as connection:
        assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
    pid = int((postgres.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert Path(f"/proc/{pid}").stat().st_uid != 0


def test_what_was_committed_survives_a_kill_below_a_folder_that_others_may_not_enter(
    locked_folder: Path, free_port: Callable[[], int]
) -> None:
    server = database.Database(locked_folder / "postgres", free_port())
    server.prepare()
    with running(server.command(), locked_folder / "log", signal.SIGKILL):
        database.wait_ready(server.url(password=True))
        with psycopg.connect(server.url(password=True)) as connection:
            connection.execute("CREATE TABLE bet AS SELECT 42 AS stake")
    _wait_for_orphans(server.folder / "data")
    again = database.Database(server.folder, free_port())
    again.prepare()
    with running(again.command(), locked_folder / "log", signal.SIGINT):
        database.wait_ready(again.url(password=True))
        with psycopg.connect(again.url(password=True)) as connection:
            assert connection.execute("SELECT stake FROM bet").fetchone() == (42,)


def _wait_for_orphans(data: Path) -> None:
    """A killed server's own processes end once they notice, and hold its shared memory until then."""
    give_up = time.monotonic() + 60
    while any(_is_in(process, data) for process in Path("/proc").glob("[0-9]*")):
        assert time.monotonic() < give_up, "the killed server's processes are still there"
        time.sleep(0.05)


def _is_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:  # it has ended
        return False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_without_setpriv_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(unprivileged.PrivilegeError, match="no setpriv"):
        database.Database(tmp_path / "postgres", 5432).prepare()
