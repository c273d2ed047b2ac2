"""What settling a large market takes."""

from __future__ import annotations

import json
import statistics
import subprocess
from typing import Final

from bench.core.engines import PROGRAM
from bench.record import Figure

BETS: Final = 1_000_000
ROUNDS: Final = 3


def figures() -> list[Figure]:
    """One market of a million matched bets between 2 000 accounts."""
    seconds = statistics.median(_seconds() for _ in range(ROUNDS))
    return [Figure("settlement of 1 000 000 matched bets", round(seconds, 3), "s", 1.0, seconds < 1, "one market")]


def _seconds() -> float:
    command = [str(PROGRAM), "settle", str(BETS)]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return float(json.loads(said)["seconds"])
