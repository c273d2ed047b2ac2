"""`make down`: stops what was started here, and deletes it only when asked to."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.layout import ACCOUNT, KAFKA, KUBERNETES, POSTGRES
from sandbox.lock import alone
from sandbox.runtime.controlplane import background
from sandbox.runtime.supervise import Supervisor

# By name, so that a VALLETTA_HOME that points at something else loses nothing of it.
_OURS = (ACCOUNT, POSTGRES, KAFKA, KUBERNETES, "journal", "logs", "pulumi", "pulumi-home")
_OUR_FILES = (
    "state.json",
    "operator-password",
    "evidence.json",
    "supervisord.conf",
    "supervisord.pid",
    "supervisor.sock",
)


def stop(home: Path) -> bool:
    """Stops every program of the stack in order, and a build in the background; returns whether any was running."""
    if not home.is_dir():
        return False
    with alone(home):
        background.stop()
        return Supervisor(home).shut_down()


def wipe_data(home: Path) -> None:
    """Deletes everything that the stack keeps in its state folder, and the folder if nothing else is in it."""
    if not home.is_dir():
        return
    with alone(home):
        for name in _OURS:
            shutil.rmtree(home / name, ignore_errors=True)
        for name in (*_OUR_FILES, "up.lock"):
            (home / name).unlink(missing_ok=True)
    if not any(home.iterdir()):
        home.rmdir()
