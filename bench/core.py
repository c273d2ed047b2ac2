"""How many commands the core applies in one thread, driven from Rust: `python -m bench.core`.

Builds the crate's bench in release and runs it. The workload is that of the published comparison of matching engines:
one market of 350 prices, 2 000 accounts, around 1 000 resting orders; 60 % move, 22 % new, 8 % immediate-or-cancel,
10 % cancel. The core has neither move nor immediate-or-cancel: a move is carried out as a cancel and a placement, an
immediate-or-cancel as a placement and, where something is left, a cancel. Either counts as one command of the workload;
the core's own commands are given beside it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from bench.record import Figure, conditions, record

CLONE: Final = Path(__file__).resolve().parents[1]
MANIFEST: Final = CLONE / "services" / "core" / "Cargo.toml"
TARGET_MILLIONS: Final = 3.0
UNIT: Final = "M/s"

PEERS: Final = "elsewhere: bare ladder with holds 25, exchange-core inline 7.8, Liquibook 2.5, orderbook-rs 0.54"
BLIND: Final = (
    "no journal, no network, no protobuf, no Python; commands lie in memory before the clock starts; one hot market; "
    "prices and sizes are our own draw of the mix; the peers' figures were taken on another day"
)


def main() -> int:
    """Measures; 0 when the target is met."""
    under = conditions(processor=_processor(), commit=_commit(), rust=_output("rustc", "--version"), nice=os.nice(0))
    run = _run()
    commands, own = run["workload_commands"], run["core_commands"]

    def rate(count: int, seconds: str) -> float:
        return round(count / float(run[seconds]) / 1e6, 2)

    reached = rate(commands, "seconds_without_keys")
    remembered = rate(commands, "seconds_with_keys")
    figures = [
        Figure(
            "workload, holds and checks included", reached, UNIT, TARGET_MILLIONS, reached >= TARGET_MILLIONS, PEERS
        ),
        Figure("  the core's own commands", rate(own, "seconds_without_keys"), UNIT),
        Figure("  workload, by processor time", rate(commands, "cpu_without_keys"), UNIT),
        Figure("workload, every key remembered too", remembered, UNIT, against="the figure above"),
        Figure("  the core's own commands", rate(own, "seconds_with_keys"), UNIT),
        Figure("  workload, by processor time", rate(commands, "cpu_with_keys"), UNIT),
        Figure("30 runners, 3 winners, keys remembered", rate(commands, "wide_seconds_with_keys"), UNIT),
        Figure("one command, keys remembered, p50", run["p50_ns"], "ns", against="150 exchange-core inline"),
        Figure("one command, keys remembered, p99", run["p99_ns"], "ns", against="596 exchange-core inline"),
        Figure("one command, keys remembered, p99.99", run["p9999_ns"], "ns", against="11 994 exchange-core inline"),
    ]
    counted = ("workload_commands", "core_commands", "trades", "mean_resting", "runs", "seed")
    under |= {name: run[name] for name in counted}
    under |= {"value": "median of the runs", "threads": 1, "blind spots": BLIND}
    return 0 if record("core", under, figures) else 1


def _run() -> dict[str, Any]:
    """The bench's one JSON object: seconds are medians of its runs."""
    command = ["cargo", "bench", "--quiet", "--manifest-path", str(MANIFEST), "--bench", "throughput"]
    said = subprocess.run(command, cwd=CLONE, stdout=subprocess.PIPE, text=True, check=True).stdout
    run: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return run


def _processor() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return models[0].partition(":")[2].strip() if models else "unknown"


def _commit() -> str:
    return _output("git", "-C", str(CLONE), "rev-parse", "--short", "HEAD")


def _output(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
