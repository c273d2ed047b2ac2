"""A whole exchange in processes of its own, for a test: shard, projector and gateway, exactly as they are deployed.

`running_stack` starts one on free ports of the loopback, with the journal of choice, on a database that is given. The
fixture `exchange` is one such stack for the whole session, on a real broker; tests that break things start another.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx
import pytest

from sandbox.runtime import broker, database
from sandbox.runtime.ports import LOOPBACK, any_free_port

CLONE = Path(__file__).resolve().parents[1]
OPERATOR = "operator"
_READY_WITHIN_S = 60.0


@dataclass
class Service:
    """One service as a process, with its output in a file."""

    module: str
    environment: Mapping[str, str]
    ready_url: str
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Starts the process; `wait_ready` tells when it serves."""
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module], env=self.environment, cwd=CLONE, stdout=output, stderr=output
            )

    def run(self, *arguments: str) -> None:
        """Runs the module with arguments to its end, such as its migration."""
        command = [sys.executable, "-m", self.module, *arguments]
        done = subprocess.run(command, env=self.environment, cwd=CLONE, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, f"{' '.join(command)} failed: {(done.stdout + done.stderr).decode()}"

    def wait_ready(self) -> None:
        """Returns when the service says that it is ready; fails with its log if it ends or takes too long."""
        assert self._process is not None, f"{self.module} was not started"
        give_up = time.monotonic() + _READY_WITHIN_S
        while not self._is_ready():
            assert self._process.poll() is None, f"{self.module} ended: {self.log.read_text()[-4000:]}"
            assert time.monotonic() < give_up, f"{self.module} is not ready: {self.log.read_text()[-4000:]}"
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(self.ready_url, timeout=2).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """kill -9: no goodbye, nothing flushed."""
        self.end(signal.SIGKILL)

    def ask_to_end(self) -> None:
        """SIGTERM, as whoever runs it sends to stop it in order."""
        assert self._process is not None, f"{self.module} was not started"
        self._process.terminate()

    def exit_status(self) -> int:
        """How it ended; waits for it."""
        assert self._process is not None, f"{self.module} was not started"
        return self._process.wait(_READY_WITHIN_S)

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the process, and waits until it has ended."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@dataclass
class Stack:
    """A running exchange."""

    gateway_url: str
    matching_address: str
    operator_password: str
    database_url: str
    shard: Service
    ledger: Service
    gateway: Service

    def wait_ready(self) -> None:
        """Returns when every service is ready."""
        for service in (self.shard, self.ledger, self.gateway):
            service.wait_ready()


@contextmanager
def running_stack(
    folder: Path,
    database_url: str,
    journal: Literal["file", "kafka"] = "file",
    kafka_bootstrap: str = "",
    settings: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """A whole exchange that is ready, ended with the block.

    Args:
        folder: for the logs, the operator's password, and the journal if it is a file.
        database_url: an empty database, the password in the URL.
        journal: where commands are logged.
        kafka_bootstrap: the broker, for the journal `kafka`; the topics get a prefix of their own and are made here.
        settings: more VALLETTA_* variables, for instance a shorter deadline.
    """
    password = secrets.token_urlsafe(24)
    (folder / "operator-password").write_text(password)
    prefix = f"s{secrets.token_hex(4)}."
    if journal == "kafka":
        broker.create_topics(kafka_bootstrap, 1, prefix=prefix)
    ports = {name: f"{LOOPBACK}:{any_free_port()}" for name in ("grpc", "shard", "ledger", "http", "gateway")}
    common = {
        **_without_ours(os.environ),
        "VALLETTA_SHARD": "0",
        "VALLETTA_SHARDS": "1",
        "VALLETTA_NODE": "test-0",
        "VALLETTA_JOURNAL": journal,
        "VALLETTA_JOURNAL_FOLDER": str(folder / "journal"),
        "VALLETTA_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "VALLETTA_KAFKA_TOPIC_PREFIX": prefix,
        "VALLETTA_GRPC_ADDRESS": ports["grpc"],
        "VALLETTA_MATCHING_ADDRESS": ports["grpc"],
        "VALLETTA_HTTP_ADDRESS": ports["http"],
        "VALLETTA_DATABASE_URL": database_url,
        "VALLETTA_OPERATOR_SECRET": str(folder / "operator-password"),
        "VALLETTA_CURRENCY": "EUR",
        **(settings or {}),
    }

    def service(name: str, metrics: str, ready: str) -> Service:
        environment = common | {"VALLETTA_METRICS_ADDRESS": ports[metrics]}
        return Service(f"services.{name}", environment, f"http://{ports[ready]}/readyz", folder / f"{name}.log")

    stack = Stack(
        gateway_url=f"http://{ports['http']}",
        matching_address=ports["grpc"],
        operator_password=password,
        database_url=database_url,
        shard=service("matching", "shard", "shard"),
        ledger=service("ledger", "ledger", "ledger"),
        gateway=service("gateway", "gateway", "http"),
    )
    try:
        stack.shard.start()
        stack.ledger.run("migrate")
        stack.gateway.run("migrate")
        stack.ledger.start()
        stack.gateway.start()
        stack.wait_ready()
        yield stack
    finally:
        for each in (stack.gateway, stack.ledger, stack.shard):
            each.end()


def _without_ours(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("VALLETTA_")}


@pytest.fixture(scope="session")
def exchange(
    tmp_path_factory: pytest.TempPathFactory, kafka_broker: str, postgres: database.Database
) -> Iterator[Stack]:
    """One exchange on a real Kafka broker and a real PostgreSQL for the session; tests bring users of their own."""
    name = f"exchange{secrets.token_hex(4)}"
    database.create_database(postgres.url(password=True), name)
    url = postgres.url(name, password=True)
    with running_stack(tmp_path_factory.mktemp("exchange"), url, "kafka", kafka_broker) as stack:
        yield stack
