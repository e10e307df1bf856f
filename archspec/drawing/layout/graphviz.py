"""The layout by graphviz, for the op level and for graphs of any form.

Graphviz gets sizes and numbers, no text of the scene: what is placed is painted elsewhere.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from archspec.diagnostics import RenderError
from archspec.drawing.picture import Point
from archspec.drawing.scene.model import Box, Edge, Frame, Scene

from .placed import Place, Placed, Route
from .providers import TooTangled, find_provider, lay_out
from .sizes import NOTE, Written, beside, sizes, title_width

__all__ = ["MOST_SKIPS", "TooTangled", "place"]

MOST_SKIPS = 300
"""Edges that go past other boxes; `dot` takes minutes to keep many more of them from crossing."""

_BETWEEN = (18.0, 22.0)  # boxes of one row, and rows
_INSET = 8.0  # from a frame to what is in it
_HEADER = 16.0
_BEFORE = 11.0  # from a frame to its title, and from there to an edge
_AROUND = 14.0  # on either side of a closed block with a shortcut around it
_STRAIGHT = 1000
"""Weight of an edge in a row of boxes. A frame is kept narrow with 128."""

_WEIGHT = {"flow": 300, "projection": 30, "identity": 1, "dense": 0}
_FAN = 3
"""Edges at one side of a box from which on they are straight."""

_SNAP = 1.5  # graphviz ends an edge within half a point of the line around a box


def place(scene: Scene, written: Written, provider: str | None = None) -> Placed:
    """A scene laid out by graphviz from the top down; its insets are scenes of their own.

    A frame without boxes has no place. provider: the name of one of `providers.PROVIDERS`, by
    default the first that is there. Raises TooTangled where graphviz would not end, RenderError
    where it is missing or fails.
    """
    skips = sum(edge.kind != "flow" for edge in scene.edges)
    if skips > MOST_SKIPS:
        raise TooTangled(f"{skips} edges go past other boxes, and {MOST_SKIPS} is the most")
    boxes = list(scene.root.boxes())
    if not boxes:
        return Placed(0.0, 0.0)
    frames = [frame for frame in scene.root.frames() if next(frame.boxes(), None)]
    chosen = find_provider(provider)
    given = sizes(scene, written)
    found = lay_out("\n".join(_dot(scene, boxes, frames, given, written)), chosen)
    try:
        placed = _read(json.loads(found), boxes, frames, scene.edges, given)
    except (ValueError, KeyError, TypeError) as error:
        raise RenderError(f"{chosen} gave a layout that cannot be read: {error!r}") from None
    placed.provider = str(chosen)
    return placed


def _dot(
    scene: Scene,
    boxes: list[Box],
    frames: list[Frame],
    given: dict[str, tuple[float, float]],
    written: Written,
) -> Iterator[str]:
    """DOT that says sizes and edges alone: boxes are n0, n1, …; frames cluster_0, …; edges e0, …"""
    box_number = {box.id: number for number, box in enumerate(boxes)}
    frame_number = {id(frame): number for number, frame in enumerate(frames)}
    room = {box.id: _room(box, written) for box in boxes}
    for frame in frames:  # its title is left of the edge into its first box
        first = next(frame.boxes()).id
        clear = title_width(frame) + _BEFORE - given[first][0] / 2 - _INSET
        room[first] = max(room[first], clear)
    across, down = (gap / 72 for gap in _BETWEEN)
    form = " splines=polyline" if _fan(scene.edges, room) > _FAN else ""
    yield f"digraph {{ graph [nodesep={across:.4f} ranksep={down:.4f} outputorder=nodesfirst{form}];"
    yield 'node [shape=box fixedsize=true label="" penwidth=0.01]; edge [arrowhead=none];'

    def inside(frame: Frame) -> Iterator[str]:
        for item in frame.items:
            if isinstance(item, Box):
                width, height = given[item.id]
                form = " shape=ellipse" if _is_circle(item, width, height, room[item.id]) else ""
                width = (width + 2 * room[item.id]) / 72
                yield f"n{box_number[item.id]} [width={width:.5f} height={height / 72:.5f}{form}];"
            elif id(item) in frame_number:
                yield f"subgraph cluster_{frame_number[id(item)]} {{"
                yield f"graph [margin={_INSET:g} labeljust=l label={_title(item)}];"
                yield from inside(item)
                yield "}"

    yield from inside(scene.root)
    weights = _weights(scene.edges)
    for number, edge in enumerate(scene.edges):
        tail = f"n{box_number[edge.tail]}{':s' if room[edge.tail] else ''}"
        head = f"n{box_number[edge.head]}{':n' if room[edge.head] else ''}"
        yield f"{tail} -> {head} [id=e{number} weight={weights[number]}];"
    yield "}"


def _weights(edges: list[Edge]) -> list[int]:
    """How much each edge is to be straight: where boxes fork and merge, it costs the least to turn."""
    flows = [edge for edge in edges if edge.kind == "flow"]
    out, into = Counter(e.tail for e in flows), Counter(e.head for e in flows)
    all_out, all_into = Counter(e.tail for e in edges), Counter(e.head for e in edges)
    found = []
    for edge in edges:
        if edge.kind == "flow":
            only = out[edge.tail] == into[edge.head] == 1
        else:
            only = all_out[edge.tail] == all_into[edge.head] == 1
        found.append(_STRAIGHT if only else _WEIGHT[edge.kind])
    return found


def _fan(edges: list[Edge], room: dict[str, float]) -> int:
    """The most edges that meet at one side of a box with room beside it, which they leave or reach
    in its middle: curves that all turn there run into what is near."""
    ends = Counter([e.tail for e in edges if room[e.tail]])
    ends |= Counter([e.head for e in edges if room[e.head]])
    return max(ends.values(), default=0)


def _room(box: Box, written: Written) -> float:
    """Room on either side of a box, so that it stays in the middle of what graphviz places."""
    return beside(box, written) or (_AROUND if box.shortcut else 0.0)


def _is_circle(box: Box, width: float, height: float, room: float) -> bool:
    return box.kind == "join" and width <= height and not room


def _title(frame: Frame) -> str:
    """An empty label of a title's size. Only a table has a size that no font changes.

    Graphviz adds 16 points to its width and 8 to its height, and the frame's inset above it.
    """
    room = (
        f'FIXEDSIZE="TRUE" WIDTH="{max(title_width(frame) - 2, 1):.0f}" HEIGHT="{_HEADER - 8:.0f}"'
    )
    bare = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'
    return f"<<TABLE {bare} {room}><TR><TD></TD></TR></TABLE>>"


def _read(
    found: Any,
    boxes: list[Box],
    frames: list[Frame],
    edges: list[Edge],
    given: dict[str, tuple[float, float]],
) -> Placed:
    """Graphviz's JSON, where y grows upwards, as places from the upper left corner."""
    outlines = {item["name"]: _outline(item) for item in found["objects"]}
    curves = {item["id"]: _curve(item) for item in found.get("edges", ())}
    everything = [point for points in (*outlines.values(), *curves.values()) for point in points]
    left, right = min(x for x, _ in everything), max(x for x, _ in everything)
    bottom, top = min(y for _, y in everything), max(y for _, y in everything)

    def turned(points: list[Point]) -> list[Point]:
        return [(round(x - left, 3), round(top - y, 3)) for x, y in points]

    placed = Placed(round(right - left, 3), round(top - bottom, 3))
    for number, box in enumerate(boxes):
        around = _bounds(turned(outlines[f"n{number}"]))
        width, height = given[box.id]
        x, y = around.middle - width / 2, around.y + (around.height - height) / 2
        placed.boxes[box.id] = Place(round(x, 3), round(y, 3), width, height)
    for number, frame in enumerate(frames):
        placed.frames[frame.id] = _bounds(turned(outlines[f"cluster_{number}"]))
    for number, edge in enumerate(edges):
        points = turned(curves[f"e{number}"])
        placed.routes.append(_route(edge, points, placed.boxes[edge.tail], placed.boxes[edge.head]))
    return placed


def _route(edge: Edge, points: list[Point], tail: Place, head: Place) -> Route:
    """The way of an edge, from the side of one box to the side of another."""
    if not points:  # graphviz lost the edge, says so, and goes on
        start, end = (tail.middle, tail.bottom), (head.middle, head.y)
        points = [start, start, end, end]
    points[0], points[-1] = _onto(tail, points[0]), _onto(head, points[-1])
    x, y = points[0]
    beginning = points[1:4] if len(points) > 4 else points[1:2]
    clear = edge.kind == "flow" and all(at >= x - 1 for at, _ in beginning)
    label = (x - 4, y + NOTE) if clear else None
    return Route(edge, tuple(points), curved=True, label=label)


def _outline(item: Any) -> list[Point]:
    """Corners that a node or a cluster lies between."""
    for drawn in item["_draw_"]:
        if drawn["op"] in "pP":
            return [(x, y) for x, y in drawn["points"]]
        if drawn["op"] in "eE":
            x, y, across, down = drawn["rect"]
            return [(x - across, y - down), (x + across, y + down)]
    raise ValueError(f"no outline of {item['name']}")


def _curve(item: Any) -> list[Point]:
    for drawn in item.get("_draw_", ()):
        if drawn["op"] in "bB":
            return [(x, y) for x, y in drawn["points"]]
    return []


def _bounds(points: list[Point]) -> Place:
    x, y = min(x for x, _ in points), min(y for _, y in points)
    width, height = max(x for x, _ in points) - x, max(y for _, y in points) - y
    return Place(x, y, round(width, 3), round(height, 3))


def _onto(box: Place, point: Point) -> Point:
    """A point that is all but on the upper or lower side of a box, on it."""
    x, y = point
    for side in (box.y, box.bottom):
        if abs(y - side) <= _SNAP:
            return x, side
    return point
