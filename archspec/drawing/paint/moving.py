"""Moving what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archspec.drawing.picture import Circle, Group, Item, Line, Polygon, Rect, Text


def moved(items: Sequence[Item], x: float, y: float) -> list[Item]:
    """The items, moved by (x, y) points."""
    return [_moved(item, x, y) for item in items]


def _moved(item: Item, x: float, y: float) -> Item:
    if isinstance(item, Group):
        return replace(item, items=moved(item.items, x, y))
    if isinstance(item, Polygon | Line):
        return replace(item, points=tuple((px + x, py + y) for px, py in item.points))
    assert isinstance(item, Rect | Text | Circle)
    return replace(item, x=item.x + x, y=item.y + y)
