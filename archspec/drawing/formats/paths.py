"""The way of a pen along a line, for every writer alike: rounded corners, shortened ends, arrow heads."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite

from archspec.drawing.picture import Line, Point

_ROUND = (
    0.5523  # control points of a cubic Bézier at this share of the radius make a quarter circle
)
_SLENDER = 0.4  # half the breadth of an arrow head over its length
_COVERED = 0.75  # of an arrow head: how far the line under it is left out, so that its tip is sharp

Piece = tuple[Point] | tuple[Point, Point, Point]
"""From where the pen is straight to a point, or over two control points of a cubic Bézier curve."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where the pen starts, the pieces of its way, and the arrow head at the end."""

    start: Point
    pieces: tuple[Piece, ...]
    head: tuple[Point, Point, Point] | None


def path_of(line: Line) -> Path | None:
    """The path of a line; None where there is nothing to draw. A corner is never wider than its sides."""
    if line.curved:
        return _curve(line)
    points = [point for n, point in enumerate(line.points) if not n or point != line.points[n - 1]]
    if len(points) < 2:
        return None
    head = _head(points[-2], points[-1], line.arrow)
    points[-1] = _towards(points[-1], points[-2], line.arrow * _COVERED)
    pieces: list[Piece] = []
    last = len(points) - 2
    for n in range(1, len(points) - 1):
        before, corner, after = points[n - 1 : n + 2]
        radius = min(
            line.radius,
            _distance(before, corner) / (1 if n == 1 else 2),
            _distance(corner, after) / (1 if n == last else 2),
        )
        if radius <= 0:
            pieces.append((corner,))
            continue
        into, out = _towards(corner, before, radius), _towards(corner, after, radius)
        bend = radius * (1 - _ROUND)
        pieces.append((into,))
        pieces.append((_towards(corner, before, bend), _towards(corner, after, bend), out))
    pieces.append((points[-1],))
    return Path(points[0], tuple(pieces), head)


def short(value: float, digits: int = 2) -> str:
    """A length as few digits: `12`, `0.5`. Raises ValueError for infinity and what is no number."""
    if not isfinite(value):
        raise ValueError(f"a length of {value}")
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _curve(line: Line) -> Path | None:
    points = list(line.points)
    if len(points) % 3 != 1:
        raise ValueError(f"a curve has 1 + 3n points, not {len(points)}")
    leaving = next((point for point in reversed(points) if point != points[-1]), None)
    if leaving is None:
        return None
    head = _head(leaving, points[-1], line.arrow)
    if head:  # moving the end and its control point alike keeps the direction of the curve
        back = _towards(points[-1], leaving, line.arrow * _COVERED, beyond=True)
        dx, dy = back[0] - points[-1][0], back[1] - points[-1][1]
        points[-2:] = [(x + dx, y + dy) for x, y in points[-2:]]
    pieces = tuple((points[n], points[n + 1], points[n + 2]) for n in range(1, len(points), 3))
    return Path(points[0], pieces, head)


def _head(before: Point, tip: Point, length: float) -> tuple[Point, Point, Point] | None:
    """The triangle of an arrow that comes from a point."""
    if length <= 0:
        return None
    x, y = _towards(tip, before, length, beyond=True)
    across, along = (tip[0] - x) * _SLENDER, (tip[1] - y) * _SLENDER
    return (tip, (x - along, y + across), (x + along, y - across))


def _towards(start: Point, end: Point, length: float, *, beyond: bool = False) -> Point:
    """The point at a distance from a start on the way to an end, and no further than it."""
    whole = _distance(start, end)
    share = length / whole if beyond else min(1.0, length / whole)
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def _distance(a: Point, b: Point) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])
