"""How long a command waits and takes when they come at a steady rate, whether the core is ready or not."""

from __future__ import annotations

import json
import statistics
import subprocess
from pathlib import Path
from typing import Any, Final

from bench.core.engines import PROGRAM
from bench.record import Figure

RATE: Final = 1_000_000
ROUNDS: Final = 7
TARGETS: Final = (("p50", "p50_ns", 300), ("p99", "p99_ns", 2_000), ("p99.99", "p9999_ns", 50_000))


def figures(stream: Path) -> list[Figure]:
    """Percentiles, each the median of the rounds, beside those of a loop that does nothing but look at the clock."""
    rounds = [_round(stream) for _ in range(ROUNDS)]
    rows = []
    for engine, title in (("valletta", "latency at 1 M/s"), ("keys", "latency at 1 M/s, keys remembered")):
        for name, key, target in TARGETS:
            took, floor = (statistics.median(each[which][key] for each in rounds) for which in (engine, "floor"))
            aim = target if engine == "valletta" else None
            met = took < target if engine == "valletta" else None
            rows.append(Figure(f"{title}, {name}", took, "ns", aim, met, f"doing nothing {floor:,.0f} ns"))
    return rows


def _round(stream: Path) -> dict[str, dict[str, Any]]:
    command = [str(PROGRAM), "latency", str(stream), str(RATE)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    measured: dict[str, dict[str, Any]] = json.loads(said)
    return measured
