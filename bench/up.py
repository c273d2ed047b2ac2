"""How long `make up` takes with everything installed, in a state folder of its own beside whatever runs.

`python -m bench.up`: the first `make up` of a clone, a second over the running stack, and one after `make down`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.record import Figure, conditions, record
from sandbox.paths import CLONE

_TARGET_S = 60.0


def main() -> int:
    """Measures; 0 when the target is met."""
    with tempfile.TemporaryDirectory(prefix="valletta-bench-") as home:
        environment = os.environ | {"VALLETTA_HOME": home}
        under = conditions()
        try:
            first, report = _up(environment)
            again, _ = _up(environment)
            _make(environment, "down")
            after_down, _ = _up(environment)
        finally:
            _make(environment, "down")
    under |= {"way": report["way"], "journal": report["state"]["journal"], "resources": report["resources"]}
    steps = [Figure(f"  of it, {title}", seconds, "s") for title, seconds in report["steps"].items()]
    figures = [
        Figure("make up, everything installed, nothing there yet", first, "s", _TARGET_S, first < _TARGET_S),
        *steps,
        Figure("make up again, over the running stack", again, "s", _TARGET_S, again < _TARGET_S),
        Figure("make up after make down", after_down, "s", _TARGET_S, after_down < _TARGET_S),
    ]
    return 0 if record("up", under, figures) else 1


def _up(environment: dict[str, str]) -> tuple[float, dict[str, Any]]:
    """Seconds of `make up`, and its report."""
    began = time.monotonic()
    said = _make(environment, "up", "ARGS=--json")
    return time.monotonic() - began, json.loads(said)


def _make(environment: dict[str, str], *arguments: str) -> str:
    command = ["make", "--silent", *arguments]
    return subprocess.run(command, cwd=CLONE, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())
