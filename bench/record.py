"""How a benchmark tells of itself: a table on the terminal, and bench/results/NAME.json with its conditions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Figure:
    """One figure. `target` is what it must reach, None for one that only informs; `against` is what it is beside."""

    figure: str
    value: float
    unit: str
    target: float | None = None
    met: bool | None = None
    against: str = ""


def conditions(**more: str | float) -> dict[str, str | float]:
    """Where and when a benchmark ran, and `more` of what it ran."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count() or 0,
        "load_before": round(os.getloadavg()[0], 2),
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **more,
    }


def record(name: str, under: Mapping[str, str | float], figures: Sequence[Figure]) -> bool:
    """Prints and writes the figures; returns whether every target was met."""
    RESULTS.mkdir(exist_ok=True)
    result = {"conditions": dict(under), "figures": [asdict(each) for each in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    table = Table(title=name, title_justify="left")
    for heading in ("figure", "value", "target", "met", "against"):
        table.add_column(heading)
    for each in figures:
        target = "" if each.target is None else f"{each.target:g} {each.unit}"
        met = "" if each.met is None else "yes" if each.met else "NO"
        table.add_row(each.figure, f"{each.value:,.{_digits(each.value)}f} {each.unit}", target, met, each.against)
    console = Console()
    console.print(table)
    console.print(", ".join(f"{key} {value}" for key, value in under.items()), style="dim")
    return all(each.met is not False for each in figures)


def _digits(value: float) -> int:
    """Decimals that leave two significant digits of a small number."""
    return 1 if value == 0 or abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4
