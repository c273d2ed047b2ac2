"""The picture of the open flows: pods in the middle, who comes in on the left, whom they call on the right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from html import escape
from typing import Final

Arrow = tuple[str, str, str]
"""From, to, ports."""
_Place = tuple[int, int]
"""The upper left corner of a box, in pixels."""

_WIDTH: Final = 180
_HEIGHT: Final = 40
_COLUMN: Final = 380
_ROW: Final = 84
_MARGIN: Final = 24
_HEAD: Final = 30
_LABELLED_AT: Final = (0.34, 0.216)
"""How far along a line its ports stand, across and down: near its beginning, where lines of one party are apart."""


def picture(arrows: Sequence[Arrow], pods: Collection[str]) -> str:
    """An SVG of the flows. A party outside that both calls and is called stands on both sides."""
    left = _stack([source for source, _, _ in arrows if source not in pods], 0)
    middle = _stack([each for arrow in arrows for each in arrow[:2] if each in pods], 1)
    right = _stack([target for _, target, _ in arrows if target not in pods], 2)
    rows = max(len(left), len(middle), len(right))
    width, height = 2 * _MARGIN + 2 * _COLUMN + _WIDTH, 2 * _MARGIN + _HEAD + rows * _ROW
    boxes = [_box(name, at) for side in (left, middle, right) for name, at in side.items()]
    lines = [
        line
        for source, target, ports in arrows
        for line in _line({**left, **middle}[source], {**right, **middle}[target], ports)
    ]
    body = "\n".join([*boxes, *lines])
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<title>Open network flows, computed from the policies; everything else is closed</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#475569"/></marker></defs>
<style>text{{font:13px system-ui,sans-serif;fill:#0f172a}} text.port{{font-size:11px;fill:#334155}}
rect{{fill:#f8fafc;stroke:#64748b}} path.flow{{fill:none;stroke:#475569;marker-end:url(#head)}}
rect.label{{fill:#fff;stroke:none}}</style>
<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>
<text x="{_MARGIN}" y="{_MARGIN}">Open flows (TCP); all else is closed. All pods may ask the cluster's DNS.</text>
{body}
</svg>
"""


def _stack(names: Sequence[str], column: int) -> dict[str, _Place]:
    """One below the other, in the order of their appearance."""
    distinct = dict.fromkeys(names)
    return {name: (_MARGIN + column * _COLUMN, _MARGIN + _HEAD + row * _ROW) for row, name in enumerate(distinct)}


def _box(name: str, at: _Place) -> str:
    x, y = at
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + 25}" text-anchor="middle">{escape(name)}</text>'
    )


def _line(source: _Place, target: _Place, ports: str) -> Iterator[str]:
    x, y = source[0] + _WIDTH, source[1] + _HEIGHT // 2
    to_x, to_y = target[0], target[1] + _HEIGHT // 2
    if source[0] == target[0]:  # between pods: out on the right side and in on it again
        to_x = x
        yield f'<path class="flow" d="M{x} {y} C{x + 90} {y} {x + 90} {to_y} {to_x} {to_y}"/>'
        yield from _label(ports, x + 68, (y + to_y) // 2)
        return
    bend = (to_x - x) // 2
    yield f'<path class="flow" d="M{x} {y} C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"/>'
    yield from _label(ports, x + int(_LABELLED_AT[0] * (to_x - x)), y + int(_LABELLED_AT[1] * (to_y - y)))


def _label(ports: str, x: int, y: int) -> Iterator[str]:
    width = 7 * len(ports) + 6
    yield f'<rect class="label" x="{x - width // 2}" y="{y - 9}" width="{width}" height="17"/>'
    yield f'<text class="port" x="{x}" y="{y + 4}" text-anchor="middle">{escape(ports)}</text>'
