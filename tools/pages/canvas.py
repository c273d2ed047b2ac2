"""A small SVG: boxes, lines and text in classes that have colours for paper and for the dark.

Text stays text, in whatever font the reader's system has; widths are estimated generously for that reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

WIDTH: Final = 800

_LIGHT: Final = """text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:#1e293b}
text.head{font-size:13px;font-weight:600;fill:#0f172a} text.small{font-size:11px;fill:#475569}
text.way{font-size:11px;font-weight:600;fill:#1d4ed8} rect.paper{fill:#fff}
rect.frame{fill:none;stroke:#64748b;stroke-width:1.5} rect.zone{fill:none;stroke:#94a3b8;stroke-dasharray:4 3}
rect.public{fill:#fef3c7} rect.private{fill:#e0f2fe} rect.data{fill:#dcfce7} rect.lane{fill:#f1f5f9}
rect.box{fill:#fff;stroke:#64748b} rect.locked{fill:#fff;stroke:#b45309;stroke-width:2.5}
rect.outside{fill:#f8fafc;stroke:#64748b;stroke-dasharray:2 3}
path{fill:none;stroke:#475569;stroke-width:1.3} path.way{stroke:#1d4ed8;stroke-width:3}
path.planned{stroke-dasharray:5 4} path.tip{fill:#475569;stroke:none} path.waytip{fill:#1d4ed8;stroke:none}"""
_DARK: Final = """text{fill:#e2e8f0} text.head{fill:#f8fafc} text.small{fill:#a8b5c7} text.way{fill:#93c5fd}
rect.paper{fill:#0d1117} rect.public{fill:#3b2f10} rect.private{fill:#0f2a3d} rect.data{fill:#12301f}
rect.lane{fill:#161d29} rect.box{fill:#1c2433} rect.locked{fill:#1c2433;stroke:#f59e0b} rect.outside{fill:#161d29}
path{stroke:#a8b5c7} path.way{stroke:#60a5fa} path.tip{fill:#a8b5c7} path.waytip{fill:#60a5fa}"""

_WIDEST: Final = (7.6, 6.1)
"""Pixels that a letter of a name takes, and one of what is said of it, in the widest of the usual fonts."""


@dataclass(frozen=True)
class Box:
    """A rectangle, by its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> int:
        """Half of the height."""
        return self.y + self.height // 2


@dataclass
class Canvas:
    """What is drawn, in the order in which it is drawn; `title` is what a screen reader says."""

    title: str
    height: int
    _parts: list[str] = field(default_factory=list)

    def rect(self, box: Box, kind: str, radius: int = 6) -> None:
        """A rectangle of a class."""
        size = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
        self._parts.append(f'<rect class="{kind}" {size} rx="{radius}"/>')

    def text(self, x: int, y: int, said: str, kind: str = "", anchor: str = "start") -> None:
        """A line of text whose baseline is at `y`."""
        style = f' class="{kind}"' if kind else ""
        place = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(f'<text{style} x="{x}" y="{y}"{place}>{escape(said)}</text>')

    def labelled(self, box: Box, lines: Sequence[str], kind: str = "box") -> None:
        """A box with its name and what is to be said of it, a line each, in the middle of the height.

        Raises `ValueError` for a line that would stand out of the box in a wide font.
        """
        wide = [each for number, each in enumerate(lines) if len(each) * _WIDEST[number > 0] > box.width]
        if wide:
            raise ValueError(f"{wide[0]!r} is longer than its box")
        self.rect(box, kind)
        top = box.y + (box.height - 15 * len(lines)) // 2 + 12
        for number, line in enumerate(lines):
            style = "small" if number else "head"
            self.text(box.x + box.width // 2, top + 15 * number, line, style, "middle")

    def line(self, *points: tuple[int, int], kind: str = "", tip: bool = True) -> None:
        """A line along points, with a tip at its end."""
        (x, y), (before_x, before_y) = points[-1], points[-2]
        way = "M" + " ".join(f"{a} {b}" for a, b in points)
        self._parts.append(f'<path{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} d="{way}"/>')
        if not tip:
            return
        size = 7 if kind == "way" else 5
        dx, dy = (x > before_x) - (x < before_x), (y > before_y) - (y < before_y)
        back_x, back_y = x - dx * size * 2, y - dy * size * 2
        corners = f"{back_x - dy * size} {back_y - dx * size} {back_x + dy * size} {back_y + dx * size}"
        self._parts.append(f'<path class="{"waytip" if kind == "way" else "tip"}" d="M{x} {y} {corners}z"/>')

    def svg(self) -> str:
        """The whole picture."""
        body = "\n".join(self._parts)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" \
height="{self.height}" role="img">
<title>{escape(self.title)}</title>
<style>{_LIGHT}
@media (prefers-color-scheme:dark){{{_DARK}}}</style>
<rect class="paper" width="{WIDTH}" height="{self.height}"/>
{body}
</svg>
"""
