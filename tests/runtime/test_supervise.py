"""The supervisor, run for real over small programs."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from sandbox.runtime.supervise import Program, ProgramStatus, Supervisor, end_orphans
from sandbox.state import supervisor_socket

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor in a folder whose name needs quoting everywhere."""
    home = tmp_path / "a 100% odd; folder"
    home.mkdir()
    supervisor = Supervisor(home)
    yield supervisor
    supervisor.shut_down()


def eventually(
    supervisor: Supervisor, name: str, holds: Callable[[ProgramStatus], bool], within_s: float = 20
) -> ProgramStatus:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = next((status for status in supervisor.status() if status.name == name), None)
        if found is not None and holds(found):
            return found
        time.sleep(0.1)
    raise AssertionError(f"{name}: {supervisor.status()}")


def test_a_killed_program_comes_back(supervisor: Supervisor) -> None:
    supervisor.apply([Program("sleeper", SLEEPER)])
    supervisor.start("sleeper")
    first = eventually(supervisor, "sleeper", lambda status: status.running)
    os.kill(first.pid, signal.SIGKILL)
    second = eventually(supervisor, "sleeper", lambda status: status.running and status.pid != first.pid)
    assert psutil.pid_exists(second.pid)


def test_a_program_gets_its_arguments_environment_and_log_whatever_they_contain(supervisor: Supervisor) -> None:
    odd = "50% of 'it'; a,b = \\ x %(here)s"
    show = [
        sys.executable,
        "-c",
        "import os, sys, time; print(sys.argv[1], os.environ['ODD'], flush=True); time.sleep(60)",
    ]
    supervisor.apply([Program("show", [*show, odd], {"ODD": "100% of it, a=b; c"})])
    supervisor.start("show")
    eventually(supervisor, "show", lambda status: status.running)
    assert supervisor.log_of("show").read_text() == f"{odd} 100% of it, a=b; c\n"


def test_applying_again_leaves_the_unchanged_running_and_replaces_the_changed(supervisor: Supervisor) -> None:
    supervisor.apply([Program("same", SLEEPER), Program("changed", SLEEPER), Program("gone", SLEEPER)])
    for name in ("same", "changed", "gone"):
        supervisor.start(name)
    same = eventually(supervisor, "same", lambda status: status.running)
    supervisor.apply([Program("same", SLEEPER), Program("changed", SLEEPER, {"NEW": "1"})])
    supervisor.start("same")
    after = {status.name: status for status in supervisor.status()}
    assert after.keys() == {"same", "changed"}
    assert after["same"].pid == same.pid
    assert after["changed"].state == "STOPPED"


def test_a_program_that_a_first_pass_leaves_out_goes_on_as_it_was_until_the_second(supervisor: Supervisor) -> None:
    supervisor.apply([Program("platform", SLEEPER), Program("service", SLEEPER)])
    supervisor.start("service")
    before = eventually(supervisor, "service", lambda status: status.running)
    newer = [Program("platform", SLEEPER, {"NEW": "1"}), Program("service", SLEEPER, {"NEW": "1"})]
    supervisor.apply(newer, only={"platform"})
    assert [status.pid for status in supervisor.status() if status.name == "service"] == [before.pid]
    supervisor.apply(newer)
    supervisor.start("service")
    after = eventually(supervisor, "service", lambda status: status.running)
    assert psutil.Process(after.pid).environ()["NEW"] == "1"


def test_shutting_down_ends_every_program_and_is_safe_twice(supervisor: Supervisor) -> None:
    supervisor.apply([Program("sleeper", SLEEPER)])
    supervisor.start("sleeper")
    pid = eventually(supervisor, "sleeper", lambda status: status.running).pid
    assert supervisor.shut_down()
    assert not psutil.pid_exists(pid)
    assert not supervisor.shut_down()


def test_the_programs_of_a_killed_supervisor_are_ended_before_a_new_one_starts_them(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    supervisor.apply([Program("sleeper", SLEEPER)])
    supervisor.start("sleeper")
    orphan = psutil.Process(eventually(supervisor, "sleeper", lambda status: status.running).pid)
    father = psutil.Process(orphan.ppid())
    father.kill()
    father.wait(10)
    assert orphan.is_running()
    supervisor.apply([Program("sleeper", SLEEPER)])
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


def test_another_folders_programs_are_not_taken_for_orphans(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.apply([Program("sleeper", SLEEPER)])
    supervisor.start("sleeper")
    pid = eventually(supervisor, "sleeper", lambda status: status.running).pid
    assert end_orphans(supervisor_socket(tmp_path / "other")) == []
    assert psutil.pid_exists(pid)
