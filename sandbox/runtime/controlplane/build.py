"""Building the control plane with Go.

A build that was cut short goes on where it stopped: a finished program is kept, and Go keeps every package that it
compiled.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.runtime.controlplane.pins import PROGRAMS, TOOLS, Programs, kubernetes_version, pinned
from sandbox.runtime.controlplane.toolchain import find_go

Progress = Callable[[str, int], None]
"""Called while a program is built: its name, and how many packages were compiled for it."""

_VERSION = "k8s.io/component-base/version"


class BuildError(SandboxError):
    """Go could not build the control plane."""


def build(progress: Progress) -> Programs:
    """Builds what is missing and returns the programs. Where another process builds them, waits for it.

    Raises:
        GoMissingError: There is no Go to build with.
        BuildError: Go refused; with the end of its words.
    """
    programs = pinned()
    if programs.complete:
        return programs
    go = find_go()
    programs.folder.mkdir(parents=True, exist_ok=True)
    with _only_builder(programs):
        programs.failure.unlink(missing_ok=True)
        try:
            for name in PROGRAMS:
                if not programs[name].exists():
                    _build_one(go, name, programs, progress)
        except BuildError as error:
            write_atomically(programs.failure, f"{error}: {' '.join(error.details[-1:])}\n")
            raise
    return programs


def _build_one(go: Path, name: str, programs: Programs, progress: Progress) -> None:
    """Builds aside and moves into place, so that a crash leaves nothing half made."""
    release = kubernetes_version()
    major, minor, _ = release.split(".")
    stamps = {"gitVersion": f"v{release}", "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s", "-w", *(f"-X {_VERSION}.{key}={value}" for key, value in stamps.items())])
    with programs.log.open("a") as log, tempfile.TemporaryDirectory(dir=programs.folder) as scratch:
        made = Path(scratch) / name
        command = [str(go), "build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false", f"-ldflags={flags}"]
        status = _run([*command, "-o", str(made), PROGRAMS[name]], log, lambda count: progress(name, count))
        if status != 0:
            said = programs.log.read_text(errors="replace").strip().splitlines()[-5:]
            raise BuildError(
                f"{name} could not be built (go build ended with {status})",
                details=[line[:300] for line in said],
                hint=f"see {programs.log}",
            )
        made.replace(programs[name])


def _run(command: list[str], log: TextIO, progress: Callable[[int], None]) -> int:
    """Runs Go, which says a line for each package that it compiles; returns its exit status."""
    environment = {key: value for key, value in os.environ.items() if key != "GOFLAGS"} | {"CGO_ENABLED": "0"}
    with subprocess.Popen(
        command, cwd=TOOLS, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for count, line in enumerate(process.stdout or (), start=1):
            log.write(line)
            log.flush()
            progress(count)
        return process.wait()


@contextmanager
def _only_builder(programs: Programs) -> Iterator[None]:
    """Holds the folder for this process and names it there; the kernel lets go of it however the process ends."""
    handle = os.open(programs.lock, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)
