"""The painter: a laid-out scene as groups of shapes, lines and texts."""

from __future__ import annotations

from archspec.drawing.layout.placed import Place, Placed, Route
from archspec.drawing.layout.sizes import NOTE, TITLE, Written, badge, clipped, edge_label
from archspec.drawing.lettering import ASCENT, text_width
from archspec.drawing.picture import Circle, Group, Item, Line, Point, Rect, Stroke, Text
from archspec.drawing.scene.model import Box, Edge, Frame, Scene
from archspec.drawing.scene.notation import show_count, show_size
from archspec.ops.dims import Dim

from .room import Room
from .shapes import outline
from .themes import Theme

_STROKE = 0.8
_ARROW = 4.5
_CORNER = 5.0
_AROUND = 8.0  # how far the shortcut around a closed block is from it
_STEP = 9.0  # how far above and below


def paint(scene: Scene, placed: Placed, written: Written, theme: Theme) -> list[Item]:
    """What is drawn of a scene, the lowest first: frames, edges, boxes."""
    boxes = scene.boxes()
    items: list[Item] = []
    for frame in scene.root.frames():
        if frame.id in placed.frames:
            items.append(_frame(frame, placed.frames[frame.id], theme))
    room = Room(placed)
    labelled: set[Point] = set()  # edges that leave a box together have one label
    for number, route in enumerate(placed.routes):
        label = _label(route.edge, boxes[route.edge.tail]) if written.shapes else ""
        at = route.label
        if label and at is not None and at not in labelled and room.take(_zone(label, at), number):
            labelled.add(at)
        else:
            label = ""
        items.append(_edge(route, boxes, theme, label))
    items += [_box(box, placed.boxes[name], written, theme) for name, box in boxes.items()]
    return items


def _frame(frame: Frame, place: Place, theme: Theme) -> Group:
    dash = (4.0, 3.0) if frame.train_only or frame.count > 1 else ()
    stroke = Stroke(theme.changes.get(frame.change, theme.frame_line), _STROKE, dash)
    items: list[Item] = [
        Rect(place.x, place.y, place.width, place.height, 6.0, theme.frame, stroke),
        Text(place.x + 7, place.y + 4 + NOTE, clipped(frame.title), NOTE, theme.faint,
             anchor="start"),
    ]  # fmt: skip
    if frame.count > 1:
        items += _badge(frame.count, place.right, place.y, theme)
    return Group(items, frame.id, "frame", _frame_tip(frame), {"path": frame.path})


def _box(box: Box, place: Place, written: Written, theme: Theme) -> Group:
    fill = theme.families.get(box.family, theme.other)
    dash = (3.0, 2.0) if box.train_only else ()
    color = theme.changes.get(box.change, theme.line)
    stroke = Stroke(color, _STROKE * (2.2 if box.change else 1), dash)
    items: list[Item] = []
    if box.shortcut:
        items += _around(box, place, theme)
    if box.count > 1:
        behind = Place(place.x + 3, place.y + 3, place.width, place.height)
        items += outline(box.kind, box.family, behind, fill, stroke)
    items += outline(box.kind, box.family, place, fill, stroke)
    items += _words(box, place, written, theme)
    if box.count > 1:
        items += _badge(box.count, place.right, place.y, theme)
    if box.change == "removed":
        middle = place.y + place.height / 2
        items.append(Line(((place.x, middle), (place.right, middle)), Stroke(color, _STROKE)))
    data = {"path": box.path, "op": box.op, "place": box.place}
    return Group(items, box.id, f"box {box.kind}", _box_tip(box), data)


def _words(box: Box, place: Place, written: Written, theme: Theme) -> list[Item]:
    """The title and what is below it."""
    title = clipped(box.title)
    if box.kind == "join":
        y = place.y + place.height / 2 + TITLE * ASCENT / 2
        notes = written.lines(box)
        items: list[Item] = [Text(place.middle, y, title, TITLE, theme.ink)]
        for number, note in enumerate(notes):
            items.append(
                Text(place.x - 4, y + (number - (len(notes) - 1) / 2) * (NOTE + 1) - 1, note, NOTE,
                     theme.faint, anchor="end")
            )  # fmt: skip
        return items
    lines = () if box.kind in ("input", "output") else written.lines(box)
    shift = -4.0 if box.count > 1 else 0.0
    height = TITLE * ASCENT + len(lines) * (NOTE + 2)
    y = place.y + (place.height - height) / 2 + TITLE * ASCENT
    bold = box.kind not in ("input", "output")
    items = [Text(place.middle + shift, y, title, TITLE, theme.ink, bold)]
    for line in lines:
        y += NOTE + 2
        items.append(Text(place.middle + shift, y, line, NOTE, theme.faint))
    return items


def _badge(count: int, right: float, top: float, theme: Theme) -> list[Item]:
    """How many copies, on the upper right corner."""
    text = badge(count)
    width = text_width(text, NOTE + 1, bold=True) + 7
    return [
        Rect(right - width + 5, top - 5, width, 11.5, 5.75, theme.badge),
        Text(right + 5 - width / 2, top + 3.6, text, NOTE + 1, theme.badge_ink, True),
    ]


def _around(box: Box, place: Place, theme: Theme) -> list[Item]:
    """The shortcut around a closed residual block, or the bus of a dense one."""
    dash = (3.5, 2.5) if box.shortcut == "projection" else ()
    lane = place.right + _AROUND + (3 if box.count > 1 else 0)
    top, bottom = place.y - _STEP, place.bottom + _STEP
    if box.shortcut != "dense":
        stroke = Stroke(theme.identity, 1.2, dash)
        points = ((place.middle, top), (lane, top), (lane, bottom), (place.middle, bottom))
        return [Line(points, stroke, _CORNER)]
    stroke = Stroke(theme.dense, 0.9)
    items: list[Item] = []
    for number in range(3):
        at = lane - 3 + 3 * number
        begin, end = top - 2 + 2 * number, bottom + 2 - 2 * number
        points = ((place.middle, begin), (at, begin), (at, end), (place.middle, end))
        items.append(Line(points, stroke, _CORNER))
    return items


def _edge(route: Route, boxes: dict[str, Box], theme: Theme, label: str) -> Group:
    edge = route.edge
    stroke = _stroke(edge, boxes, theme)
    items: list[Item] = []
    if route.dot is not None:
        items.append(Circle(*route.dot, 1.6, stroke.color))
    items.append(Line(route.points, stroke, _CORNER, route.curved, _ARROW))
    if label and route.label is not None:
        items.append(Text(*route.label, label, NOTE, theme.faint, anchor="end"))
    data = {"tail": edge.tail, "head": edge.head, "slot": str(edge.slot), "kind": edge.kind}
    return Group(items, "", "edge", _edge_tip(edge), data)


def _zone(label: str, at: Point) -> Place:
    """Where a label is that ends at a point."""
    width = text_width(label, NOTE)
    return Place(at[0] - width, at[1] - NOTE, width, NOTE + 1)


def _stroke(edge: Edge, boxes: dict[str, Box], theme: Theme) -> Stroke:
    head = boxes[edge.head]
    if edge.change:
        dash = (2.0, 2.0) if edge.change == "removed" else ()
        return Stroke(theme.changes[edge.change], 1.2, dash)
    if edge.kind in ("identity", "projection"):
        return Stroke(theme.identity, 1.2, (3.5, 2.5) if edge.kind == "projection" else ())
    if edge.kind == "dense":
        return Stroke(theme.dense, 0.9)
    if head.train_only:
        return Stroke(theme.line, 0.9, (2.0, 2.0))
    return Stroke(theme.line, 0.9)


def _label(edge: Edge, tail: Box) -> str:
    """The shape where it is another than what the box took."""
    if edge.kind != "flow" or edge.shape is None or edge.shape == tail.in_shape:
        return ""
    return edge_label(edge.shape)


def _box_tip(box: Box) -> str:
    parts = [f"{box.path} " if box.path else "", box.title]
    text = "".join(parts)
    if box.last:
        text += f" (up to {box.last})"
    if box.in_shape and box.out_shape:
        text += f"\n{show_size(box.in_shape)} → {show_size(box.out_shape)}"
    if box.params:
        text += f"\n{box.params:,} parameters"
    if box.macs:
        text += f"\n{_macs(box.macs)} MACs"
    return text + (f"\n{box.place}" if box.place else "")


def _frame_tip(frame: Frame) -> str:
    text = frame.title
    if frame.params:
        text += f"\n{frame.params:,} parameters"
    if frame.macs:
        text += f"\n{_macs(frame.macs)} MACs"
    return text + (f"\n{frame.place}" if frame.place else "")


def _edge_tip(edge: Edge) -> str:
    shape = f"\n{show_size(edge.shape)}" if edge.shape else ""
    return f"{edge.tail} → {edge.head}{shape}"


def _macs(macs: int | Dim) -> str:
    return str(macs) if isinstance(macs, Dim) else f"{macs:,}"


def totals(scene: Scene) -> str:
    """The totals of a scene in a line."""
    parts = []
    if scene.params:
        parts.append(f"{show_count(scene.params)} parameters")
    if scene.macs and not isinstance(scene.macs, Dim):
        parts.append(f"{show_count(scene.macs)} MACs")
    return " · ".join(parts)
