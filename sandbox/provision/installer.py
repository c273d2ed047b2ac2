"""The Pulumi CLI on this machine: on the PATH, installed before by us, or installed now by Pulumi's own installer.

The installer is the Automation API's (`PulumiCommand.install`). It runs in a process of its own which is ended when the
network does not answer within a few seconds, for then it would hang for as long as the system's resolver does.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
from pulumi.automation import InvalidVersionError, PulumiCommand

from sandbox.paths import CLONE

INSTALLER = "https://get.pulumi.com/install.sh"
REACH_SECONDS = 5.0
"""How long the installer's host may take to answer before there counts as being no network."""
INSTALL_SECONDS = 120.0
"""How long fetching and unpacking the CLI (about 100 MB) may take."""
NO_INSTALL = "VALLETTA_NO_INSTALL"
_REACHED = "reached"


class NoCliError(Exception):
    """There is no usable CLI; the message says why, as the second half of a sentence."""


def on_path() -> PulumiCommand | None:
    """The CLI on the PATH, or None. Raises NoCliError when the one there is older than the SDK needs."""
    if shutil.which("pulumi") is None:
        return None
    try:
        return PulumiCommand()
    except (InvalidVersionError, OSError, subprocess.CalledProcessError) as error:
        raise NoCliError(f"the Pulumi CLI on the PATH is not usable ({error})") from error


def installed(folder: Path) -> PulumiCommand | None:
    """The CLI that was installed into `folder` before, or None."""
    try:
        return PulumiCommand(root=str(_root(folder)))
    except (InvalidVersionError, OSError, subprocess.CalledProcessError):
        return None


def install(folder: Path) -> PulumiCommand:
    """Install the CLI into `folder`, in the SDK's version.

    Raises NoCliError when that is switched off (VALLETTA_NO_INSTALL=1), the network does not answer, or it fails.
    """
    if os.environ.get(NO_INSTALL, "") not in {"", "0"}:
        raise NoCliError(f"no Pulumi CLI on the PATH, and {NO_INSTALL} forbids installing one")
    _run_installer(_root(folder))
    command = installed(folder)
    if command is None:
        raise NoCliError("no Pulumi CLI on the PATH, and the one that its installer left does not run")
    return command


def _root(folder: Path) -> Path:
    return folder / f"pulumi-{importlib.metadata.version('pulumi')}"


def _run_installer(root: Path) -> None:
    command = [sys.executable, "-m", "sandbox.provision.installer", str(root)]
    child = subprocess.Popen(
        command, cwd=CLONE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    reached = threading.Event()

    def listen() -> None:
        for line in child.stdout or ():
            if line.strip() == _REACHED:
                reached.set()
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        listener.join(REACH_SECONDS)
        if not reached.is_set():
            raise NoCliError("no Pulumi CLI on the PATH, and its installer cannot be reached")
        if child.wait(INSTALL_SECONDS) != 0:
            raise NoCliError("no Pulumi CLI on the PATH, and its installer failed")
    except subprocess.TimeoutExpired:
        raise NoCliError(f"no Pulumi CLI on the PATH, and its installer took over {INSTALL_SECONDS:.0f} s") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)  # the installer's own children with it
        child.wait()


def main() -> None:
    """Say when the network answers, then install into the folder named by the first argument."""
    httpx.head(INSTALLER, timeout=REACH_SECONDS, follow_redirects=True).raise_for_status()
    sys.stdout.write(f"{_REACHED}\n")
    sys.stdout.flush()
    PulumiCommand.install(root=sys.argv[1])


if __name__ == "__main__":
    main()
