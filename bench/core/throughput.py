"""The same commands to the core and to every peer, in turn, and a check that all did the same work: `compare`."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.core.engines import Run, ours, started, theirs
from bench.record import Figure

VALLETTA: Final = "valletta"
KEYS: Final = "valletta, keys remembered"
INLINE: Final = "exchange-core inline, with risk"
PIPELINE: Final = "exchange-core pipeline"
LIMIT: Final = "bare ladder with holds"

ROUNDS: Final = 7
"""Counted ones."""
WARM_UPS: Final = 3
"""Rounds before them: the JVM compiles in its first three."""

Command = Callable[[Path], list[str]]

PEERS: Final[dict[str, Command]] = {
    VALLETTA: lambda stream: ours("valletta", stream),
    KEYS: lambda stream: ours("valletta-keys", stream),
    INLINE: lambda stream: theirs("inline", stream),
    "exchange-core, order book only": lambda stream: theirs("book", stream),
    PIPELINE: lambda stream: theirs("pipeline", stream),
    LIMIT: lambda stream: ours("bare-holds", stream),
    "bare ladder": lambda stream: ours("bare", stream),
    "lobster 0.7": lambda stream: ours("lobster", stream),
    "orderbook-rs 0.15": lambda stream: ours("orderbook-rs", stream),
}


@dataclass(frozen=True)
class Compared:
    """Every engine's millions of commands a second, by round, and what they all did."""

    rates: dict[str, list[float]]
    run: Run

    def rate(self, name: str) -> float:
        """An engine's median."""
        return statistics.median(self.rates[name])

    def times(self, name: str, peer: str) -> float:
        """How many times the peer's rate an engine reaches: the median over the rounds, in each of which both ran."""
        return statistics.median(own / other for own, other in zip(self.rates[name], self.rates[peer], strict=True))


def compare(stream: Path, say: Callable[[str], None]) -> Compared:
    """Plays the stream with every engine in turn, `ROUNDS` times.

    Raises:
        DisagreementError: An engine's fills or final books are others than the core's.
    """
    runs: dict[str, list[Run]] = {name: [] for name in PEERS}
    with started({name: command(stream) for name, command in PEERS.items()}) as engines:
        for nth in range(WARM_UPS + ROUNDS):
            for name, engine in engines.items():
                say(f"round {nth + 1} of {WARM_UPS + ROUNDS}: {name}")
                run = engine.run()
                run.check_same(runs[VALLETTA][0] if runs[VALLETTA] else run, (name, VALLETTA))
                runs[name].append(run)
    rates = {name: [run.millions_a_second for run in all_[WARM_UPS:]] for name, all_ in runs.items()}
    return Compared(rates, runs[VALLETTA][0])


def figures(compared: Compared) -> list[Figure]:
    """The rates, and the ratios that have targets."""
    rows = [Figure(name, round(compared.rate(name), 2), "M/s", against="median of 7, in turn") for name in PEERS]
    for peer, target in ((INLINE, 2.0), (PIPELINE, 8.0), (LIMIT, 0.5)):
        ratio = round(compared.times(VALLETTA, peer), 2)
        rows.append(Figure("valletta, times", ratio, "x", target, ratio >= target, peer))
    for peer in (INLINE, PIPELINE):
        rows.append(Figure("valletta, keys remembered, times", round(compared.times(KEYS, peer), 2), "x", against=peer))
    return rows
