"""A whole exchange of real processes for tests: the shard, the projector, a journal and a database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import grpc

from services.contract.exchange.v1.exchange_pb2 import Command
from services.contract.exchange.v1.matching_pb2 import Placed, StatusReply, StatusRequest, SubmitRequest
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub

PATIENCE_S = 60.0
_T = TypeVar("_T")


@dataclass
class Processes:
    """Starts the services with one environment, and ends what is left of them."""

    folder: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """A Python module in a process of its own, with `more` environment; its output goes to a file of the folder."""
        with (self.folder / f"{arguments[0]}-{len(self.started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=os.environ | self.environment | more, stdout=log, stderr=log
            )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()  # ends also one that is stopped
            process.wait()

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))


class Client:
    """Submits as a careful client does: the same keys again until there is an answer."""

    def __init__(self, address: str) -> None:
        options = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.initial_reconnect_backoff_ms", 50)]
        self.stub = MatchingStub(grpc.insecure_channel(address, options=options))

    def submit(self, *commands: Command) -> Sequence[Placed]:
        return _until_answered(lambda: self.stub.Submit(SubmitRequest(commands=commands), timeout=5)).results

    def status(self) -> StatusReply:
        """Of the shard once it leads, with its state hash."""
        request = StatusRequest(with_state_hash=True)
        eventually(lambda: _until_answered(lambda: self.stub.Status(request, timeout=5)).leading, "the shard leads")
        return self.stub.Status(request, timeout=5)


def _until_answered(call: Callable[[], _T]) -> _T:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call()
        except grpc.RpcError as error:
            again = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
            if error.code() not in again or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"in {PATIENCE_S:.0f} s it did not come about that {what}"
        time.sleep(0.02)
