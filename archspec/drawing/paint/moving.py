"""Moving what is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.drawing.picture import Circle, Group, Item, Line, Polygon, Rect, Text


def moved(items: Sequence[Item], x: float, y: float) -> list[Item]:
    """The items, moved by (x, y) points."""
    return [_moved(item, x, y) for item in items]


def _moved(item: Item, x: float, y: float) -> Item:
    """Written out, for `dataclasses.replace` is slow and a picture has thousands of items."""
    match item:
        case Text():
            return Text(
                item.x + x, item.y + y, item.text, item.size, item.color, item.bold, item.anchor
            )
        case Line():
            points = tuple((px + x, py + y) for px, py in item.points)
            return Line(points, item.stroke, item.radius, item.curved, item.arrow)
        case Rect():
            return Rect(
                item.x + x, item.y + y, item.width, item.height, item.radius, item.fill, item.stroke
            )
        case Group():
            return Group(moved(item.items, x, y), item.id, item.role, item.title, item.data)
        case Polygon():
            points = tuple((px + x, py + y) for px, py in item.points)
            return Polygon(points, item.fill, item.stroke)
        case Circle():
            return Circle(item.x + x, item.y + y, item.radius, item.fill, item.stroke)
