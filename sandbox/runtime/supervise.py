"""The supervisor of the stack: supervisord keeps every program running, and restarts one that dies.

Its configuration, logs and socket lie in the state folder. Programs are not started with it: `make up` starts each
when what it stands on is ready; from then on it comes back whenever it ends.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.paths import CLONE
from sandbox.state import supervisor_socket


class SupervisorError(SandboxError):
    """The supervisor does not start, or refuses."""


@dataclass(frozen=True)
class Program:
    """A program to keep running.

    Attributes:
        name: Unique in the stack; its log is logs/<name>.log.
        command: Program and arguments; it stays in the foreground.
        environment: Added to the supervisor's own. No secrets: they go by file.
        stop_signal: What asks it to stop in order, for instance "TERM".
        stop_within_s: Seconds until it is killed instead.
        rank: When the supervisor shuts down, programs of a higher rank are stopped before those of a lower one.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_within_s: int = 20
    rank: int = 1


@dataclass(frozen=True)
class ProgramStatus:
    """How a program is doing: supervisord's state name, its pid (0: none), seconds up, and a word on why not."""

    name: str
    state: str
    pid: int
    uptime_s: int
    detail: str

    @property
    def running(self) -> bool:
        """Whether it has a process that has stayed up."""
        return self.state == "RUNNING"


class Supervisor:
    """The supervisord of one state folder."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = supervisor_socket(home)

    @property
    def logs(self) -> Path:
        """The folder of the programs' logs."""
        return self._home / "logs"

    def log_of(self, program: str) -> Path:
        """The log of a program: both its outputs, rotated."""
        return self.logs / f"{program}.log"

    def answering(self) -> bool:
        """Whether this folder's supervisor runs."""
        try:
            self._rpc().getState()
        except (OSError, HTTPException):
            return False
        return True

    def apply(self, programs: Sequence[Program], *, only: Container[str] | None = None) -> None:
        """Makes `programs` the ones that are kept: starts the supervisor if need be, stops what is no longer wanted.

        A program whose definition did not change is left alone, running or not; one that changed is stopped. With
        `only`, programs of other names are left as they run, for a later call without it.

        Raises:
            SupervisorError: The supervisor does not start.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        write_atomically(self._config, self._configuration(programs), mode=0o600)
        if not self.answering():
            self.end_leftovers()
            self._launch()
            return
        rpc = self._rpc()
        found = rpc.reloadConfig()[0]
        added, changed, removed = ([name for name in names if only is None or name in only] for names in found)
        for name in [*changed, *removed]:
            rpc.stopProcessGroup(name)
            rpc.removeProcessGroup(name)
        for name in [*added, *changed]:
            rpc.addProcessGroup(name)

    def start(self, name: str) -> None:
        """Starts a program unless it runs; returns at once.

        Raises:
            SupervisorError: It is not one of the programs, or its command cannot be run.
        """
        try:
            self._rpc().startProcess(name, False)
        except Fault as fault:
            if fault.faultCode != Faults.ALREADY_STARTED:
                raise SupervisorError(f"the supervisor cannot start {name}: {fault.faultString}") from fault

    def status(self) -> list[ProgramStatus]:
        """How each program is doing, in the order of its name; empty when the supervisor does not run."""
        try:
            found = self._rpc().getAllProcessInfo()
        except (OSError, HTTPException):
            return []
        return [_status(info) for info in sorted(found, key=lambda info: str(info["name"]))]

    def shut_down(self, *, within_s: float = 60.0) -> bool:
        """Stops every program in order and the supervisor itself; returns whether anything was running.

        Raises:
            SupervisorError: It was still there after `within_s` seconds.
        """
        if not self.answering():
            return bool(self.end_leftovers())
        rpc = self._rpc()
        process = psutil.Process(int(rpc.getPID()))
        rpc.shutdown()
        try:
            process.wait(within_s)
        except psutil.TimeoutExpired as error:
            raise SupervisorError(f"the supervisor (pid {process.pid}) did not stop in {within_s:.0f} s") from error
        return True

    def end_leftovers(self) -> list[int]:
        """Ends the programs that a killed supervisor of this folder left behind; returns their pids."""
        return [] if self.answering() else end_orphans(self._socket)

    @property
    def _config(self) -> Path:
        return self._home / "supervisord.conf"

    def _rpc(self) -> Any:  # noqa: ANN401 (XML-RPC methods have no types)
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        return ServerProxy("http://localhost", transport=transport).supervisor

    def _launch(self) -> None:
        """In a session of its own, so that the terminal's ctrl-C and hang-up do not reach it."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("VALLETTA_")}
        command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", str(self._config)]
        output = self.logs / "supervisord.out"
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                env=environment,
                cwd=self._home,
            )
        deadline = time.monotonic() + 30
        while not self.answering():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SupervisorError(f"supervisord does not start: {_last_line(output)}", hint=f"see {output}")
            time.sleep(0.05)

    def _configuration(self, programs: Sequence[Program]) -> str:
        sections = {
            "unix_http_server": {"file": str(self._socket), "chmod": "0700"},
            "supervisord": {
                "logfile": "logs/supervisord.log",  # the supervisor runs in its folder: no path to expand and quote
                "logfile_maxbytes": "1MB",
                "logfile_backups": "1",
                "pidfile": "supervisord.pid",
                "silent": "true",
                "identifier": "valletta",
            },
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
        }
        if os.geteuid() == 0:
            sections["supervisord"]["user"] = "root"  # said out loud, it is not warned about
        sections |= {f"program:{program.name}": self._program(program) for program in programs}
        return "\n".join(
            f"[{name}]\n" + "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())
            for name, settings in sections.items()
        )

    def _program(self, program: Program) -> dict[str, str]:
        environment = ",".join(f'{key}="{value}"' for key, value in sorted(program.environment.items()))
        return {
            "command": shlex.join(program.command),
            "directory": str(CLONE),
            "environment": environment,
            "priority": str(program.rank),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "1",
            "startretries": "100",  # what it stands on may be away for a while
            "stopsignal": program.stop_signal,
            "stopwaitsecs": str(program.stop_within_s),
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"logs/{program.name}.log",
            "stdout_logfile_maxbytes": "10MB",
            "stdout_logfile_backups": "3",
        }


def end_orphans(socket: Path) -> list[int]:
    """Ends the programs of a supervisor that was killed; returns their pids.

    supervisord tells its programs its address, and a program's descendants inherit it: by that we know our own.
    """
    address = f"unix://{socket}"
    family = {process.pid: process for process in psutil.process_iter() if _supervised_by(process) == address}
    heads = [process for process in family.values() if process.ppid() not in family and process.pid != os.getpid()]
    for process in heads:
        process.terminate()
    _, stubborn = psutil.wait_procs(heads, timeout=20)
    for process in stubborn:
        process.kill()
    return [process.pid for process in heads]


def _supervised_by(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("SUPERVISOR_SERVER_URL")
    except (psutil.Error, OSError):
        return None  # gone, or not ours to look at


def _status(info: Mapping[str, Any]) -> ProgramStatus:
    up = max(0, int(info["now"]) - int(info["start"])) if info["pid"] else 0
    detail = str(info["spawnerr"]) or ("" if info["pid"] else str(info["description"]))
    return ProgramStatus(str(info["name"]), str(info["statename"]), int(info["pid"]), up, detail)


def _escaped(value: str) -> str:
    if re.search(r"\s[;#]", value):
        raise SupervisorError(f"supervisord would take the end of this for a comment: {value!r}")
    return value.replace("%", "%%")


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
