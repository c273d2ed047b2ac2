"""The bars of the page: where each part begins and how wide it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from policies.model import Outcome

WIDTH: Final = 100.0
"""Of a whole bar: parts are given in percent, so that a hatching is not stretched with the bar."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a bar."""

    outcome: Outcome | None
    count: int
    x: float
    width: float


def bars(counts: Mapping[Outcome | None, int]) -> list[Bar]:
    """The parts of one whole bar, in the order given; each as wide as its share."""
    total = sum(counts.values())
    parts: list[Bar] = []
    before = 0
    for outcome, count in counts.items():
        start, end = round(WIDTH * before / total, 2), round(WIDTH * (before + count) / total, 2)
        parts.append(Bar(outcome, count, start, round(end - start, 2)))
        before += count
    return parts
