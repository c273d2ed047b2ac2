"""How long a plan takes: the whole resource graph of production, in process, imports included.

`python -m bench.plan` plans in fresh processes, for a plan is made once a process, and reports median and worst.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

RUNS: Final = 5
TARGET_SECONDS: Final = 20.0
RESULT: Final = Path(__file__).parent / "results" / "plan.json"
_ONE_RUN: Final = """
import json, time
began = time.perf_counter()
from sandbox.plan.record import plan_here
imported = time.perf_counter()
plan = plan_here("production")
ended = time.perf_counter()
print(json.dumps({"import": imported - began, "plan": ended - imported, "resources": len(plan.resources)}))
"""


def measure() -> dict[str, Any]:
    """Time `RUNS` plans, each in a process of its own, in seconds."""
    with tempfile.TemporaryDirectory() as bytecode:
        _one_run(bytecode)  # fills the bytecode cache
        runs = [_one_run(bytecode) for _ in range(RUNS)]
    totals = [run["import"] + run["plan"] for run in runs]
    against = "our own target; the real engine cannot plan without its AWS plugin and an account"
    figures = [
        _figure("plan of production, median", statistics.median(totals), against),
        _figure("plan of production, worst", max(totals), against),
    ]
    return {"conditions": _conditions(runs[0]["resources"]), "figures": figures}


def _one_run(bytecode: str) -> dict[str, Any]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(
        [sys.executable, "-c", _ONE_RUN],
        env={**environment, "PYTHONPYCACHEPREFIX": bytecode},
        check=True,
        capture_output=True,
        text=True,
    )
    run: dict[str, Any] = json.loads(ended.stdout)
    return run


def _conditions(resources: int) -> dict[str, Any]:
    return {
        "stack": "production",
        "resources": resources,
        "runs": RUNS,
        "process": "fresh for each run; imports of the SDKs included, their bytecode cached",
        "processors": os.cpu_count(),
        "load average at the end": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{package: version(package) for package in ("pulumi", "pulumi-aws", "pulumi-kubernetes")},
    }


def _figure(name: str, seconds: float, against: str) -> dict[str, Any]:
    return {
        "figure": name,
        "value": round(seconds, 2),
        "unit": "s",
        "target": TARGET_SECONDS,
        "met": seconds < TARGET_SECONDS,
        "against": against,
    }


def main() -> int:
    """Measure, write bench/results/plan.json, print a table; 1 when a target was missed."""
    result = measure()
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    table = Table(title=f"{result['conditions']['resources']} resources, {RUNS} runs")
    for heading in ("figure", "value", "target", "met"):
        table.add_column(heading)
    for figure in result["figures"]:
        unit = figure["unit"]
        met = "yes" if figure["met"] else "no"
        table.add_row(figure["figure"], f"{figure['value']} {unit}", f"< {figure['target']:g} {unit}", met)
    Console().print(table)
    return 0 if all(figure["met"] for figure in result["figures"]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
