"""What is wrong with a layout: boxes on boxes, lines through boxes, what is outside of its frame."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from archspec.drawing.layout.placed import Place, Placed, Route
from archspec.drawing.scene.model import Frame, Scene


def faults(scene: Scene, placed: Placed) -> Iterator[str]:
    """Everything that a reader would call a mistake."""
    boxes = scene.boxes()
    assert placed.boxes.keys() == boxes.keys()
    for a, b in combinations(placed.boxes, 2):
        if overlap(placed.boxes[a], placed.boxes[b]):
            yield f"{a} lies on {b}"
    for name, place in placed.boxes.items():
        if not inside(place, Place(0, 0, placed.width, placed.height)):
            yield f"{name} is outside of the picture"
    yield from _frames(scene.root, placed)
    for route in placed.routes:
        for name, place in placed.boxes.items():
            if name not in (route.edge.tail, route.edge.head) and crosses(route, place):
                yield f"{route.edge.tail} -> {route.edge.head} goes through {name}"


def _frames(frame: Frame, placed: Placed) -> Iterator[str]:
    mine = placed.frames.get(frame.id)
    for item in frame.items:
        place = placed.frames[item.id] if isinstance(item, Frame) else placed.boxes[item.id]
        if mine is not None and not inside(place, mine):
            yield f"{item.id} is outside of {frame.id}"
        if isinstance(item, Frame):
            own = {box.id for box in item.boxes()}
            for name, other in placed.boxes.items():
                if name not in own and overlap(place, other):
                    yield f"{name} lies on the frame {item.id}"
            yield from _frames(item, placed)


def overlap(a: Place, b: Place) -> bool:
    """Whether two rectangles share more than an edge."""
    return (
        a.x < b.right - 0.1
        and b.x < a.right - 0.1
        and a.y < b.bottom - 0.1
        and b.y < a.bottom - 0.1
    )


def inside(inner: Place, outer: Place) -> bool:
    return (
        inner.x >= outer.x - 0.1
        and inner.y >= outer.y - 0.1
        and inner.right <= outer.right + 0.1
        and inner.bottom <= outer.bottom + 0.1
    )


def crosses(route: Route, place: Place) -> bool:
    """Whether a way of straight pieces goes through a rectangle."""
    return any(
        overlap(Place(min(x1, x2), min(y1, y2), abs(x1 - x2) + 0.3, abs(y1 - y2) + 0.3), place)
        for (x1, y1), (x2, y2) in pairwise(route.points)
    )
