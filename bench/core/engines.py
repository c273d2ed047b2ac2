"""The engines: each a process that reads the stream once and plays it whenever it is asked to."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench import exchange_core

CLONE: Final = Path(__file__).resolve().parents[2]
RUST: Final = CLONE / "services" / "core"
PROGRAM: Final = RUST / "target" / "release" / "valletta-core-bench"


class DisagreementError(Exception):
    """Two engines made something different of one stream."""


@dataclass(frozen=True)
class Run:
    """One run of an engine: how long, and what it came to."""

    seconds: float
    commands: int
    trades: int
    volume: int
    notional: int
    levels: str
    orders: str | None

    @property
    def millions_a_second(self) -> float:
        """Its rate, in millions of commands a second."""
        return self.commands / self.seconds / 1e6

    def check_same(self, other: Run, names: tuple[str, str]) -> None:
        """The fills and the books at the end: by order where both tell their orders, else by price.

        Raises:
            DisagreementError: They are not the same.
        """
        for what in ("commands", "trades", "volume", "notional", "levels", "orders"):
            mine, theirs = getattr(self, what), getattr(other, what)
            if mine != theirs and None not in (mine, theirs):
                raise DisagreementError(f"{what}: {names[0]} has {mine}, {names[1]} has {theirs}")


@dataclass(frozen=True)
class Engine:
    """An engine in a process of its own, waiting."""

    name: str
    process: subprocess.Popen[str]

    def run(self) -> Run:
        """Plays the stream from the start."""
        return Run(**self.ask("run"))

    def ask(self, line: str) -> dict[str, Any]:
        """Sends a line and reads the answer."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError(f"{self.name} was started without pipes")
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._said())
        return answer

    def await_ready(self) -> None:
        """Until the stream is read."""
        self._said()

    def _said(self) -> str:
        said = self.process.stdout.readline() if self.process.stdout else ""
        if not said:
            raise RuntimeError(f"{self.name} ended with {self.process.wait()} instead of an answer")
        return said


def build() -> None:
    """Compiles the program that makes streams and plays them."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "--package", "valletta-core-bench"], cwd=RUST, check=True)


def make_stream(path: Path, **shape: int) -> None:
    """Writes a stream; `shape` as the program's usage says."""
    subprocess.run([PROGRAM, "stream", path, *(f"{name}={value}" for name, value in shape.items())], check=True)


def ours(engine: str, stream: Path) -> list[str]:
    """How an engine of the Rust program is started."""
    return [str(PROGRAM), "play", engine, str(stream)]


def theirs(mode: str, stream: Path) -> list[str]:
    """How exchange-core is started."""
    return exchange_core.command(mode, stream)


@contextmanager
def started(commands: Mapping[str, Sequence[str]]) -> Iterator[dict[str, Engine]]:
    """Engines by name, ready."""
    with ExitStack() as stack:
        engines = {}
        for name, command in commands.items():
            pipe = subprocess.PIPE
            process = stack.enter_context(subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True))
            engines[name] = Engine(name, process)
        for engine in engines.values():
            engine.await_ready()
        yield engines
