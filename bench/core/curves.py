"""What a command costs as the shard grows: with more markets, and with more orders resting."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.core.engines import make_stream, ours, started
from bench.record import Figure

MARKETS: Final = (1, 10, 100, 1_000, 10_000)
RESTING: Final = (1_000, 10_000, 100_000, 1_000_000)
COMMANDS: Final = 1_000_000
ROUNDS: Final = 3
FLAT: Final = 1.5
"""How many times the first point's cost the last one's may be."""


@dataclass(frozen=True)
class Curve:
    """Nanoseconds a command, by size."""

    name: str
    sizes: Sequence[int]
    engines: dict[str, list[float]]

    @property
    def growth(self) -> float:
        """The dearest point of the core's, over its first."""
        costs = self.engines["valletta"]
        return max(costs) / costs[0]


def draw_curves(folder: Path, say: Callable[[str], None]) -> list[Curve]:
    """Measures both. Ten orders rest in a market, at least 1 000 in all; each market has twenty accounts of its own."""
    by_markets = [{"markets": size, "resting": max(1_000, 10 * size), "accounts": 20_000} for size in MARKETS]
    by_resting = [{"resting": size} for size in RESTING]
    return [
        _curve("markets", MARKETS, by_markets, folder, say),
        _curve("resting orders", RESTING, by_resting, folder, say),
    ]


def _curve(
    name: str, sizes: Sequence[int], shapes: Sequence[dict[str, int]], folder: Path, say: Callable[[str], None]
) -> Curve:
    costs: dict[str, list[float]] = {"valletta": [], "bare-holds": []}
    for size, shape in zip(sizes, shapes, strict=True):
        stream = folder / "curve"
        make_stream(stream, commands=COMMANDS, **shape)
        with started({engine: ours(engine, stream) for engine in costs}) as engines:
            for engine, points in costs.items():
                say(f"{size:,} {name}: {engine}")
                points.append(statistics.median(1_000 / engines[engine].run().millions_a_second for _ in range(ROUNDS)))
    return Curve(name, sizes, costs)


def figures(curves: Sequence[Curve]) -> list[Figure]:
    """The points, and how much the dearest costs over the first."""
    rows = []
    for curve in curves:
        for size, cost, bare in zip(curve.sizes, curve.engines["valletta"], curve.engines["bare-holds"], strict=True):
            rows.append(Figure(f"{size:,} {curve.name}", round(cost, 1), "ns", against=f"bare ladder {bare:.0f} ns"))
        growth, against = round(curve.growth, 2), f"{curve.sizes[0]:,} {curve.name}"
        rows.append(Figure(f"dearest, by {curve.name}", growth, "x", FLAT, growth <= FLAT, against))
    return rows
