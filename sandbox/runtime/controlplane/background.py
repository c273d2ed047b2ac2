"""The build of the control plane beside whatever else is done: started, told of, and ended."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress

import psutil

from sandbox.paths import CLONE
from sandbox.runtime.controlplane.pins import MODULE, pinned
from sandbox.runtime.controlplane.toolchain import GoMissingError, find_go

BACKGROUND = "--background"
_INSTEAD = "objects are validated and kept as declared state"


def start() -> None:
    """Starts a build that outlives this process; without effect where there is nothing to build, or one at work.

    Raises:
        GoMissingError: There is no Go to build with.
    """
    if pinned().complete or builder() is not None:
        return
    find_go()
    subprocess.Popen(
        [sys.executable, "-m", MODULE, BACKGROUND],
        cwd=CLONE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # the terminal's ctrl-C and hang-up do not reach it
    )


def builder() -> psutil.Process | None:
    """The process that builds the programs of the present pin, whoever started it."""
    try:
        process = psutil.Process(int(pinned().lock.read_text()))
        return process if MODULE in process.cmdline() else None
    except (OSError, ValueError, psutil.Error):
        return None


def stop() -> bool:
    """Ends the build, if one is at work; returns whether one was. What was compiled is kept."""
    process = builder()
    if process is None:
        return False
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            each.terminate()
    return True


def standing() -> str:
    """One line on why there is no control plane, and what that means; empty when it is built."""
    programs = pinned()
    if programs.complete:
        return ""
    if (process := builder()) is not None:
        with suppress(psutil.NoSuchProcess):
            minutes = int(time.time() - process.create_time()) // 60
            return (
                f"Kubernetes: the control plane is being built in the background ({minutes} min so far, about 10 the "
                f"first time); until the make up after that, {_INSTEAD}"
            )
    try:
        find_go()
    except GoMissingError as missing:
        return f"Kubernetes: {missing}, so {_INSTEAD}"
    if programs.failure.exists():
        return f"Kubernetes: {programs.failure.read_text().strip()[:200]}; see {programs.log}; {_INSTEAD}"
    return f"Kubernetes: the control plane is not built, so {_INSTEAD}; build it: python -m {MODULE}"
