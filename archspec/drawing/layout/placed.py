"""Where everything in a scene is: what a layout gives and a painter takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from archspec.drawing.picture import Point
from archspec.drawing.scene.model import Edge


@dataclass(slots=True)
class Place:
    """A rectangle by its upper left corner and size, in points."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The x of its axis."""
        return self.x + self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(slots=True)
class Route:
    """The way of an edge. curved: its points are those of cubic Bézier pieces.

    dot: where it leaves another line, for a small dot there.
    """

    edge: Edge
    points: tuple[Point, ...]
    curved: bool = False
    dot: Point | None = None
    label: Point | None = None


@dataclass(slots=True)
class Placed:
    """A scene's boxes and frames by id, and the ways of its edges. The upper left corner is (0, 0)."""

    width: float
    height: float
    boxes: dict[str, Place] = field(default_factory=dict)
    frames: dict[str, Place] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    provider: str = "archspec"
