"""The core beside its peers: `python -m bench.core`.

One command stream goes to a file and from there to every engine, in turn: 60 % moves, 22 % new orders, 8 %
immediate-or-cancel, 10 % cancels; one market of 350 prices, 2 000 accounts, about 1 000 resting orders.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from bench.core import curves, engines, latency, model, picture, settlement, throughput
from bench.record import RESULTS, Figure, conditions, record

COMMANDS: Final = 3_000_000
SHORT: Final = 20_000

BLIND: Final = (
    "no journal, no network, no protobuf, no Python; commands lie in memory, translated for each engine, before the "
    "clock starts, and the memory that the core reserves has been touched; one hot market, prices and sizes of our own "
    "draw of the mix, accounts so rich that none is refused; a virtual machine whose two cores share one and have "
    "neighbours"
)


def main() -> int:
    """Measures; 0 when every target was met."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder, console.status("compiling") as status:
        engines.build()
        stream, short = Path(folder, "stream"), Path(folder, "short")
        engines.make_stream(stream, commands=COMMANDS)
        engines.make_stream(short, commands=SHORT)
        compared = throughput.compare(stream, status.update)
        status.update("the plain model")
        scale = model.commands_a_second(short)
        status.update("latency")
        waits = latency.figures(stream)
        status.update("settlement")
        ending = settlement.figures()
        drawn = curves.draw_curves(Path(folder), status.update)
        (RESULTS / "core.svg").write_text(picture.draw(drawn))
    figures = [
        *throughput.figures(compared),
        Figure("plain Python model", round(scale / 1e6, 4), "M/s", against=f"{SHORT} commands, keys remembered"),
        *waits,
        *ending,
        *curves.figures(drawn),
    ]
    under = conditions(
        processor=_processor(),
        commit=_said("git", "-C", str(engines.CLONE), "rev-parse", "--short", "HEAD"),
        rust=_said("rustc", "--version"),
        commands=compared.run.commands,
        trades=compared.run.trades,
        rounds=throughput.ROUNDS,
        value="median of the rounds, engines in turn; trades and final books equal",
        blind_spots=BLIND,
    )
    return 0 if record("core", under, figures) else 1


def _processor() -> str:
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return models[0].partition(":")[2].strip() if models else "unknown"


def _said(*command: str) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
