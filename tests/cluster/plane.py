"""A control plane of a test's own: real etcd, kube-apiserver and kube-controller-manager, in a folder thrown away."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from sandbox.runtime.controlplane.plane import API_SERVER, CONTROLLERS, ETCD, ControlPlane
from sandbox.runtime.ports import any_free_port


class RunningPlane:
    """The programs of one control plane as child processes, which a test may kill."""

    def __init__(self, folder: Path) -> None:
        self.plane = ControlPlane(folder, any_free_port(), any_free_port(), any_free_port(), durable=False)
        self.plane.prepare()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start programs (all, unless named); `wait_ready` of the plane tells when they serve."""
        for name, command in self.plane.commands().items():
            if name in (names or (ETCD, API_SERVER, CONTROLLERS)):
                with (self.plane.folder / f"{name}.log").open("ab") as log:
                    self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.plane.folder)

    def kill(self, name: str) -> None:
        """kill -9."""
        self._processes[name].kill()
        self._processes.pop(name).wait()

    def stop(self) -> None:
        """End everything: what stands on another first."""
        for name in (CONTROLLERS, API_SERVER, ETCD):
            if (process := self._processes.pop(name, None)) is not None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
