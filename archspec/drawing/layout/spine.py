"""Our own layout: one straight column, branches side by side, skips on the right, heads on the left.

Every part is laid out about its own axis at x = 0 and moved to its place afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from archspec.drawing.lettering import text_width
from archspec.drawing.picture import Point
from archspec.drawing.scene.model import Box, Edge, Scene

from .lanes import assign
from .placed import Place, Placed, Route
from .sizes import NOTE, Written, beside, edge_label, sizes, title_width
from .structure import Column, Opened, Parallel, Row, structure

GAP = 22.0
"""Points between rows; room for a label, and for edges to turn."""

_BESIDE = 16.0  # between branches
_PAD = 8.0
_FOOT = 16.0  # below the last box of a frame, where its label or its shortcut is
_HEADER = 16.0
_LABEL = 4.0  # from an edge to its label
_AROUND = 14.0  # for the shortcut around a closed block
_ANYWHERE: Mapping[str, float] = {}
_APART = 26.0  # between a head and the spine


@dataclass(slots=True)
class _Part:
    """Something laid out about its axis. blocks: where lanes must go around."""

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    boxes: dict[str, Place] = field(default_factory=dict)
    frames: dict[str, Place] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    branch: dict[str, float] = field(default_factory=dict)  # by box: the top of its branches

    def take(self, other: _Part, x: float, y: float) -> None:
        """Take in another part, moved."""
        for mine, theirs in ((self.boxes, other.boxes), (self.frames, other.frames)):
            for name, place in theirs.items():
                place.x += x
                place.y += y
                mine[name] = place
        for route in other.routes:
            self.routes.append(_moved(route, x, y))
        for name, top in other.branch.items():
            self.branch[name] = top + y
        self.left = max(self.left, other.left - x)
        self.right = max(self.right, other.right + x)


def place(
    scene: Scene,
    written: Written,
    *,
    gap: float = GAP,
    starts: Mapping[str, float] | None = None,
) -> Placed:
    """The scene laid out. gap: points between rows. starts: the least y of some boxes' rows."""
    return place_structure(structure(scene), scene, written, gap=gap, starts=starts)


def place_structure(
    column: Column,
    scene: Scene,
    written: Written,
    *,
    gap: float = GAP,
    starts: Mapping[str, float] | None = None,
) -> Placed:
    """A scene laid out by its structure, as `place` does."""
    part = _Spine(scene, written, gap).column(column, starts or _ANYWHERE)
    whole = _Part()
    whole.take(part, part.left, 0.0)
    return Placed(part.left + part.right, part.height, whole.boxes, whole.frames, whole.routes)


class _Spine:
    def __init__(self, scene: Scene, written: Written, gap: float):
        self.written = written
        self.gap = gap
        self.sizes: Mapping[str, tuple[float, float]] = sizes(scene, written)
        self.known = scene.boxes()

    def column(self, column: Column, starts: Mapping[str, float] = _ANYWHERE) -> _Part:
        """Rows one below the other, and the edges between them. starts: the least y of the rows that
        hold some boxes."""
        part = _Part()
        tops: list[float] = []
        bottoms: list[float] = []
        rights: list[float] = []
        lefts: list[float] = []
        inside: list[list[str]] = []
        row_of: dict[str, int] = {}
        y = 0.0
        widest = self._width(column)
        for number, row in enumerate(column.rows):
            inner = self.row(row, widest)
            y = max([y, *(starts[name] for name in inner.boxes if name in starts)])
            row_of.update(dict.fromkeys(inner.boxes, number))
            inside.append(list(inner.boxes))
            rights.append(inner.right)
            lefts.append(inner.left)
            tops.append(y)
            part.take(inner, 0.0, y)
            y += inner.height
            bottoms.append(y)
            y += self.gap
        part.height = max(y - self.gap, 0.0)
        rows = _Rows(tops, bottoms, rights, lefts, row_of, inside)
        around = []
        apart = [e for e in [*column.flows, *column.skips] if e.head not in row_of]
        for edge in column.flows:
            if edge.head not in row_of:
                continue
            route = self._flow(edge, part, rows)
            if route is None:
                around.append(edge)
            else:
                part.routes.append(route)
        skips = [edge for edge in column.skips if edge.head in row_of]
        self._skips([*skips, *around], part, rows)
        below = 0.0
        for head in column.heads:
            below = self._head(head, apart, part, rows, below) + self.gap
        return part

    def _width(self, column: Column) -> float:
        """The width that the boxes of a column share."""
        return max(
            (
                self.sizes[row.id][0]
                for row in column.rows
                if isinstance(row, Box) and row.kind in ("op", "block")
            ),
            default=0.0,
        )

    def row(self, row: Row, widest: float) -> _Part:
        """A box, a frame or branches."""
        if isinstance(row, Parallel):
            return self._parallel(row)
        if isinstance(row, Opened):
            return self._opened(row)
        width, height = self.sizes[row.id]
        if row.kind in ("op", "block"):
            width = max(width, widest)
        part = _Part(width / 2, width / 2, height)
        part.boxes[row.id] = Place(-width / 2, 0.0, width, height)
        part.left = max(part.left + beside(row, self.written), self._labelled(row))
        if row.shortcut:
            part.right += _AROUND
        elif row.count > 1:
            part.right += 6
        return part

    def _labelled(self, box: Box) -> float:
        """Room to the left of the axis for what the edge out of a box says."""
        if not self.written.shapes or box.out_shape == box.in_shape:
            return 0.0
        return text_width(edge_label(box.out_shape), NOTE) + _LABEL

    def _opened(self, row: Opened) -> _Part:
        """A frame with its title in the upper left corner, clear of the spine."""
        inner = self.column(row.column)
        part = _Part(max(inner.left + _PAD, title_width(row.frame) + 2 * _PAD), inner.right + _PAD)
        header = _HEADER
        if row.column.rows and isinstance(row.column.rows[0], Parallel):
            header += self.gap / 2  # the edge forks below the title
        part.take(inner, 0.0, header)
        part.height = header + inner.height + _FOOT
        part.frames[row.frame.id] = Place(-part.left, 0.0, part.left + part.right, part.height)
        return part

    def _parallel(self, row: Parallel) -> _Part:
        """Columns side by side; the projection of a shortcut goes to the right of the spine."""
        inner = [self.column(column) for column in row.columns]
        main = inner[: len(inner) - row.aside]
        part = _Part(height=max(each.height for each in inner))
        x = 0.0
        if len(main) > 1:
            whole = sum(each.left + each.right for each in main) + _BESIDE * (len(main) - 1)
            x = -whole / 2
        for number, each in enumerate(inner):
            if number or len(main) > 1:
                x += each.left
            y = 0.0 if number < len(main) else (part.height - each.height) / 2
            part.take(each, x, y)
            for name in each.boxes:
                part.branch.setdefault(name, 0.0)
            x += each.right + _BESIDE
        return part

    # -- edges -------------------------------------------------------------------------------------

    def _flow(self, edge: Edge, part: _Part, rows: _Rows) -> Route | None:
        """The way of an edge straight down, or around one corner; None where something is in it."""
        tail, head = part.boxes[edge.tail], part.boxes[edge.head]
        start, end = rows.row_of.get(edge.tail), rows.row_of.get(edge.head)
        if start is None or end is None or start >= end:
            return None
        turn = rows.tops[end] - self.gap / 2
        if abs(head.middle) > 0.01 and abs(tail.middle) < 0.01:
            turn = part.branch.get(edge.head, rows.tops[end]) - self.gap / 2
        joins = self.known[edge.head].kind == "join"
        obstacles = [
            part.boxes[name]
            for row in rows.inside[start : end + 1]
            for name in row
            if name not in (edge.tail, edge.head)
        ]
        if abs(tail.middle - head.middle) < 0.01:
            points: tuple[Point, ...] = ((tail.middle, tail.bottom), (head.middle, head.y))
        elif edge.kind == "projection" and joins and tail.middle > head.right:
            level = head.y + head.height / 2
            points = ((tail.middle, tail.bottom), (tail.middle, level), (head.right, level))
        else:
            points = (
                (tail.middle, tail.bottom),
                (tail.middle, turn),
                (head.middle, turn),
                (head.middle, head.y),
            )
        if any(_crosses(points, place) for place in obstacles):
            return None
        below = NOTE + (5 if self.known[edge.tail].count > 1 else 2)
        return Route(edge, points, label=(tail.middle - _LABEL, tail.bottom + below))

    def _skips(self, edges: list[Edge], part: _Part, rows: _Rows) -> None:
        """Edges in lanes on the right, those from one box in one lane."""
        by_tail: dict[str, list[Edge]] = {}
        for edge in edges:
            by_tail.setdefault(edge.tail, []).append(edge)
        spans = []
        for tail, group in by_tail.items():
            begin = part.boxes[tail].bottom
            end = max(part.boxes[edge.head].y + part.boxes[edge.head].height for edge in group)
            touched = [rows.row_of.get(each, 0) for each in [tail, *(e.head for e in group)]]
            first, last = min(touched), max(touched)
            inner = [
                rows.rights[number]
                for number in range(first, last + 1)
                if first < number < last or len(rows.inside[number]) > 1
            ]
            base = max([*inner, part.boxes[tail].width / 2 if not inner else 0.0])
            spans.append((begin, end, base))
        for group, lane in zip(by_tail.values(), assign(spans), strict=True):
            part.right = max(part.right, lane + 4)
            for edge in group:
                part.routes.append(self._around(edge, part, lane))

    def _around(self, edge: Edge, part: _Part, lane: float) -> Route:
        """The way of a skip through its lane."""
        tail, head = part.boxes[edge.tail], part.boxes[edge.head]
        out = tail.bottom + self.gap / 2
        into = head.y + head.height / 2
        if self.known[edge.head].kind not in ("join", "output", "input"):
            into = head.y + min(head.height / 3, 9.0)
        if out > into:  # upwards: it leaves the side of its box
            out = tail.y + tail.height * 2 / 3
            points: tuple[Point, ...] = ((tail.right, out), (lane, out), (lane, into))
            return Route(edge, (*points, (head.right, into)))
        points = ((tail.middle, out), (lane, out), (lane, into), (head.right, into))
        return Route(edge, points, dot=(tail.middle, out))

    def _head(
        self, head: Column, apart: list[Edge], part: _Part, rows: _Rows, below: float
    ) -> float:
        """A head on the left, at the height of what it takes, below another; gives its bottom."""
        inner = self.column(head)
        edges = [edge for edge in apart if edge.head in inner.boxes]
        taps = [part.boxes[edge.tail] for edge in edges]
        y = max([below, *(tap.y + tap.height / 2 + self.gap / 2 for tap in taps)])
        left = rows.left_of(y - self.gap, y + inner.height)
        part.take(inner, -(left + _APART + inner.right), y)
        for edge in edges:
            tail, end = part.boxes[edge.tail], part.boxes[edge.head]
            out = tail.y + tail.height / 2
            points = ((tail.x, out), (end.middle, out), (end.middle, end.y))
            part.routes.append(Route(edge, points))
        part.height = max(part.height, y + inner.height)
        return y + inner.height


@dataclass(slots=True)
class _Rows:
    """Where the rows of a column are."""

    tops: list[float]
    bottoms: list[float]
    rights: list[float]
    lefts: list[float]
    row_of: dict[str, int]
    inside: list[list[str]]

    def left_of(self, top: float, bottom: float) -> float:
        """How far to the left the rows between two heights reach."""
        return max(
            (
                left
                for left, begin, end in zip(self.lefts, self.tops, self.bottoms, strict=True)
                if begin < bottom and top < end
            ),
            default=0.0,
        )


def _crosses(points: tuple[Point, ...], place: Place) -> bool:
    """Whether a way of straight pieces goes through a rectangle."""
    for (x1, y1), (x2, y2) in pairwise(points):
        left, right = min(x1, x2), max(x1, x2)
        top, bottom = min(y1, y2), max(y1, y2)
        inside = left < place.right - 0.5 and right > place.x + 0.5
        if inside and top < place.bottom - 0.5 and bottom > place.y + 0.5:
            return True
    return False


def _moved(route: Route, x: float, y: float) -> Route:
    def move(point: Point | None) -> Point | None:
        return None if point is None else (point[0] + x, point[1] + y)

    return replace(
        route,
        points=tuple((px + x, py + y) for px, py in route.points),
        dot=move(route.dot),
        label=move(route.label),
    )
