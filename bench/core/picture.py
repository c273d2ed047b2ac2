"""The curves, drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from bench.core.curves import Curve
from tools.pages.canvas import Box, Canvas

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 310, 200, 60, 60, 400
_NAMES: Final = {"valletta": "the core", "bare-holds": "bare ladder with holds"}


def draw(curves: Sequence[Curve]) -> str:
    """An SVG of curves side by side: sizes on a logarithmic axis, nanoseconds a command on one that begins at 0."""
    canvas = Canvas("What a command costs as the shard grows", _TOP + _HEIGHT + 70)
    canvas.text(_LEFT - 40, 25, "Nanoseconds a command", "head")
    most = max(cost for curve in curves for costs in curve.engines.values() for cost in costs)
    step = next(size for size in (20, 50, 100, 200, 500, 1_000, 2_000) if most / size <= 6)
    for nth, curve in enumerate(curves):
        _one(canvas, curve, _LEFT + nth * _GAP, step * math.ceil(most / step), step)
    return canvas.svg()


def _one(canvas: Canvas, curve: Curve, left: int, most: int, step: int) -> None:
    box = Box(left, _TOP, _WIDTH, _HEIGHT)
    canvas.rect(box, "lane", 0)
    for cost in range(0, most + 1, step):
        y = _y(cost, most)
        canvas.line((left, y), (box.right, y), kind="planned", tip=False)
        canvas.text(left - 6, y + 4, str(cost), "small", "end")
    first, last = math.log10(curve.sizes[0]), math.log10(curve.sizes[-1])
    places = [left + round((math.log10(size) - first) / (last - first) * _WIDTH) for size in curve.sizes]
    for x, size in zip(places, curve.sizes, strict=True):
        canvas.text(x, box.bottom + 16, f"{size:,}", "small", "middle")
    canvas.text(left + _WIDTH // 2, box.bottom + 36, curve.name, "", "middle")
    for engine, costs in curve.engines.items():
        points = [(x, _y(cost, most)) for x, cost in zip(places, costs, strict=True)]
        canvas.line(*points, kind="way" if engine == "valletta" else "", tip=False)
        canvas.text(points[0][0] + 8, points[0][1] - 8, _NAMES[engine], "way" if engine == "valletta" else "small")


def _y(cost: float, most: int) -> int:
    return _TOP + _HEIGHT - round(cost / most * _HEIGHT)
