"""A real account server in a process of its own, which a test may kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from sandbox.twin.clients import Clients
from sandbox.twin.twin import Twin
from sandbox.twin.values import Value

REGION = "eu-west-1"


class AccountServer:
    """The account kept in one folder, started when made."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self._arguments = folder, arguments
        self.start()

    @property
    def journal(self) -> Path:
        return self.folder / "account.journal"

    def start(self) -> None:
        """Start the process and wait for its address."""
        command = [sys.executable, "-m", "sandbox.twin", "--state", str(self.folder), *self._arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait()
            assert self.process.stderr is not None
            raise RuntimeError(self.process.stderr.read())
        self.clients = Clients(self.url, REGION)
        self.twin = Twin(self.url, REGION)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._reap()

    def stop(self) -> int:
        """Ask the process to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def _reap(self) -> int:
        status = self.process.wait(30)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return status

    def client(self, service: str, region: str | None = None) -> Value:
        """A boto3 client: the one behind the program's back."""
        return self.clients.client(service, region)

    def health(self) -> dict[str, Any]:
        health: dict[str, Any] = httpx.get(f"{self.url}/valletta/health").raise_for_status().json()
        return health
