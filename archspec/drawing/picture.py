"""A picture: rectangles, paths and texts at their places, for writers that know no networks.

Lengths are points (1/72 inch), y grows downwards. Colours are `#rrggbb`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn. dash: lengths of line and gap; none is a solid line."""

    color: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle with rounded corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float = 0.0
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed shape with straight sides."""

    points: tuple[Point, ...]
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle about its centre."""

    x: float
    y: float
    radius: float
    fill: str | None = None
    stroke: Stroke | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An open path: straight pieces with rounded corners, or one curve.

    radius: of the corners. curved: the points are those of cubic Bézier pieces (1 + 3n of them).
    arrow: length of the head at its end; 0 for none.
    """

    points: tuple[Point, ...]
    stroke: Stroke
    radius: float = 0.0
    curved: bool = False
    arrow: float = 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text. y: of its baseline. anchor: which end of it is at x."""

    x: float
    y: float
    text: str
    size: float
    color: str
    bold: bool = False
    anchor: str = "middle"


@dataclass(slots=True)
class Group:
    """Items that belong together. title: a tooltip. data: what a script may ask of the group."""

    items: list[Item] = field(default_factory=list)
    id: str = ""
    role: str = ""
    title: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


Item = Rect | Polygon | Circle | Line | Text | Group


@dataclass(slots=True)
class Picture:
    """A page of items. notes: what made it, for the file's metadata."""

    width: float
    height: float
    items: list[Item]
    title: str = ""
    description: str = ""
    background: str | None = "#ffffff"
    notes: tuple[str, ...] = ()

    def walk(self) -> Iterator[Item]:
        """All items that are no groups, in drawing order."""
        stack = list(reversed(self.items))
        while stack:
            item = stack.pop()
            if isinstance(item, Group):
                stack.extend(reversed(item.items))
            else:
                yield item
