"""The volumes figure: feature maps as solids in oblique projection, as the papers of AlexNet and VGG
draw them.

Laws of size, all monotone: the sides of a solid and of a kernel grow with the square root of their
number of pixels, its thickness with the square root of its channels, and the bar of a fully
connected layer with the logarithm of its width. So 224 and 7 read in one picture, and a kernel keeps
its proportion to its map.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10, sqrt

from archspec.connections import Module
from archspec.diagnostics import visible
from archspec.drawing.lettering import text_width
from archspec.drawing.paint.moving import moved
from archspec.drawing.paint.themes import Theme
from archspec.drawing.paint.themes import theme as theme_of
from archspec.drawing.picture import Group, Item, Line, Picture, Point, Polygon, Rect, Stroke, Text
from archspec.graph import Graph

from .maps import Tail, Volume, feature_maps

SIZE = 7.0
"""Of all letters, in points."""
TAIL_SHARE = 0.15
"""Most of the width that the fully connected layers take."""

_LEADING = 8.4
_SIDE = 108.0  # of the largest map
_MOST_PER_PIXEL = 14.0  # of the side over the square root of the pixels
_CHANNEL = 0.43  # thickness over the square root of the channels
_THINNEST = 2.0
_SLANT = (0.27, 0.21)  # of the width, to the right and upwards
_GAP, _POOL_GAP = 13.0, 7.0
_WRAP = 46.0
_AIR = 3.0  # between texts
_MARGIN = 6.0
_BAR = 4.0
_INSET = 1.2

_FAMILIES = {"conv": "convolution", "pool": "pooling", "fc": "linear"}
_WORDS = {
    "conv": "convolution",
    "pool": "pooling",
    "block": "block of layers",
    "other": "other",
    "fc": "fully connected",
}


@dataclass(slots=True)
class Area:
    """A rectangle that something takes; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Area) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(slots=True)
class _Solid:
    """A volume at its place. x: of its front's left edge; the figure's axis is y = 0."""

    volume: Volume
    thickness: float
    height: float
    depth: float
    lines: list[str]
    x: float = 0.0

    @property
    def front(self) -> float:
        """The width of the front face: all slabs."""
        return self.thickness * self.volume.slabs

    @property
    def over(self) -> float:
        return self.depth * _SLANT[0]

    @property
    def up(self) -> float:
        return self.depth * _SLANT[1]

    @property
    def top(self) -> float:
        """Of the front face; the whole outline is centred on the axis."""
        return (self.up - self.height) / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.x + self.front / 2

    @property
    def half(self) -> float:
        """Half the width of the label."""
        return max(text_width(line, SIZE) for line in self.lines) / 2

    @property
    def area(self) -> Area:
        right = self.x + self.front + self.over
        return Area(self.x, self.top - self.up, right, self.bottom)

    def on_side(self, u: float, v: float) -> Point:
        """A point of the right face: u of the way back, v of the way down."""
        x = self.x + self.front + u * self.over
        return (x, self.top + v * self.height - u * self.up)


def volume_picture(graph: Graph, root: Module, *, theme: str = "light") -> Picture:
    """The figure of a network with feature maps, in points and of its natural width.

    theme: light, dark or grey. Raises RenderError, also for a network without feature maps.
    """
    volumes, tail = feature_maps(graph, root)
    return _Figure(visible(graph.name), volumes, tail, theme_of(theme)).picture()


def side_scale(volumes: list[Volume]) -> float:
    """Points per square root of a pixel, such that the largest map has the standard side."""
    largest = max(max(volume.height, volume.width) for volume in volumes)
    return min(_SIDE / sqrt(largest), _MOST_PER_PIXEL)


class _Figure:
    """The figure while it is laid out."""

    def __init__(self, name: str, volumes: list[Volume], tail: list[Tail], colors: Theme):
        self.name = name
        self.tail = tail
        self.colors = colors
        self.scale = side_scale(volumes)
        self.line = Stroke(colors.ink, 0.5)
        self.solids = [self._solid(volume) for volume in volumes]
        self.taken: list[Area] = []
        self.items: list[Item] = []
        self._place()

    def _solid(self, volume: Volume) -> _Solid:
        return _Solid(
            volume,
            max(_CHANNEL * sqrt(volume.channels), _THINNEST),
            self.scale * sqrt(volume.height),
            self.scale * sqrt(volume.width),
            [volume.size, *(line for text in _told(volume) for line in _wrapped(text))],
        )

    def _fill(self, kind: str) -> str:
        return self.colors.families.get(_FAMILIES.get(kind, kind), self.colors.other)

    # -- places ------------------------------------------------------------------------

    def _place(self) -> None:
        """Places from left to right; wider apart where the classifier would take too much."""
        more, least = 0.0, self._tail_width() / TAIL_SHARE
        self._spread(more)
        while self.tail and self._right() + 2 * _MARGIN < least:
            more += 1.0
            self._spread(more)

    def _spread(self, more: float) -> None:
        first = self.solids[0]
        first.x = max(first.half - first.front / 2, 0.0)
        for before, solid in zip(self.solids, self.solids[1:], strict=False):
            gap = _POOL_GAP if solid.volume.kind == "pool" else _GAP
            x = before.x + before.front + before.over + gap + more
            # so that no leader line runs through a neighbour's label
            apart = max(before.half, solid.half) + _AIR
            solid.x = max(x, before.middle + apart - solid.front / 2)
        self.tail_x = self._solids_right() + (_GAP + more if self.tail else 0.0)

    def _solids_right(self) -> float:
        last = self.solids[-1]
        return max(last.area.right, last.middle + last.half)

    def _right(self) -> float:
        return self.tail_x + self._tail_width() if self.tail else self._solids_right()

    def _tail_halves(self) -> list[float]:
        return [
            max(text_width(str(layer.width), SIZE), text_width(layer.op, SIZE), _BAR) / 2
            for layer in self.tail
        ]

    def _tail_width(self) -> float:
        return 2 * sum(self._tail_halves()) + _AIR * max(len(self.tail) - 1, 0)

    # -- drawing -----------------------------------------------------------------------

    def picture(self) -> Picture:
        """The figure with its legend, moved to positive coordinates."""
        for number, solid in enumerate(self.solids):
            self._draw(solid)
            if number + 1 < len(self.solids):
                self._pyramid(solid, self.solids[number + 1])
            self.taken.append(solid.area)
        self._draw_tail()
        labels = [self._label(solid) for solid in self.solids]
        self.items += [item for label in labels for item in label]
        bottom = max(area.bottom for area in self.taken)
        left, right = self._legend(bottom + 9.0)
        left = min(left, *(area.left for area in self.taken))
        right = max(right, *(area.right for area in self.taken))
        top = min(area.top for area in self.taken)
        bottom = max(area.bottom for area in self.taken)
        move = (_MARGIN - left, _MARGIN - top)
        return Picture(
            round(right - left + 2 * _MARGIN, 2),
            round(bottom - top + 2 * _MARGIN, 2),
            moved(self.items, *move),
            title=self.name,
            description=f"The feature maps of {self.name} as volumes, from left to right.",
            background=self.colors.background,
        )

    def _draw(self, solid: _Solid) -> None:
        volume = solid.volume
        fill = self._fill(volume.kind)
        x, top, wide, high = solid.x, solid.top, solid.front, solid.height
        over, up = solid.over, solid.up
        edge = x + wide
        upper = ((x, top), (x + over, top - up), (edge + over, top - up), (edge, top))
        side = tuple(solid.on_side(*corner) for corner in ((0, 0), (1, 0), (1, 1), (0, 1)))
        items: list[Item] = [
            Polygon(upper, _mixed(fill, "#ffffff", 0.35), self.line),
            Polygon(side, _mixed(fill, "#000000", 0.1), self.line),
            Rect(x, top, wide, high, 0.0, fill, self.line),
        ]
        for number in range(1, volume.slabs):
            cut = x + number * solid.thickness
            items.append(Line(((cut, solid.bottom), (cut, top)), self.line))
            items.append(Line(((cut, top), (cut + over, top - up)), self.line))
        if volume.kind == "pool":
            items += self._hatched(solid)
        if volume.kind == "block":
            items.append(self._inset(solid))
        title = f"{volume.size}: {' '.join(_told(volume))}"
        self.items.append(Group(items, role="volume", title=title, data={"size": volume.size}))

    def _inset(self, solid: _Solid) -> Item:
        """An outline inside the broader of the two faces, which tells blocks without colour."""
        stroke = Stroke(self.colors.ink, 0.35)
        if solid.front >= solid.over:
            wide, high = solid.front - 2 * _INSET, solid.height - 2 * _INSET
            return Rect(solid.x + _INSET, solid.top + _INSET, wide, high, 0.0, None, stroke)
        u, v = _INSET / solid.over, _INSET / solid.height
        corners = ((u, v), (1 - u, v), (1 - u, 1 - v), (u, 1 - v))
        return Polygon(tuple(solid.on_side(*corner) for corner in corners), None, stroke)

    def _hatched(self, solid: _Solid) -> list[Item]:
        """Level lines on the front, which tell pooling without colour."""
        count = max(int(solid.height / 3.2), 2)
        stroke = Stroke(self.colors.ink, 0.3)
        lines: list[Item] = []
        for number in range(1, count):
            y = solid.top + number * solid.height / count
            lines.append(Line(((solid.x, y), (solid.x + solid.front, y)), stroke))
        return lines

    def _pyramid(self, solid: _Solid, after: _Solid) -> None:
        """The kernel on a map, and the way of what it sees into the next one."""
        kernel, volume = after.volume.kernel, solid.volume
        if kernel is None or max(kernel) < 2:
            return
        if kernel[0] > volume.height or kernel[1] > volume.width:
            return
        high = sqrt(kernel[0] / volume.height) / 2
        deep = sqrt(kernel[1] / volume.width) / 2
        corners = tuple(
            solid.on_side(0.5 + a * deep, 0.5 + b * high)
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        )
        fill = _mixed(self._fill(after.volume.kind), self.colors.ink, 0.22)
        target = (after.x, (after.top + after.bottom) / 2)
        quiet = Stroke(self.colors.ink, 0.35, (1.6, 1.2))
        items: list[Item] = [Polygon(corners, fill, Stroke(self.colors.ink, 0.4))]
        items += [Line((corner, target), quiet) for corner in corners]
        self.items.append(Group(items, role="kernel"))

    def _label(self, solid: _Solid) -> list[Item]:
        """The label below its solid, or further down where something is in the way."""
        top = solid.bottom + _AIR
        while True:
            area = Area(
                solid.middle - solid.half - _AIR / 2,
                top,
                solid.middle + solid.half + _AIR / 2,
                top + _LEADING * len(solid.lines) + 1.0,
            )
            met = [other for other in self.taken if other.meets(area)]
            if not met:
                break
            top = min(other.bottom for other in met) + 0.5
        self.taken.append(area)
        items: list[Item] = []
        if top > solid.bottom + _AIR + 0.1:
            line = ((solid.middle, solid.bottom + 1), (solid.middle, top - 0.5))
            items.append(Line(line, Stroke(self.colors.faint, 0.35)))
            self.taken.append(Area(solid.middle - 0.5, solid.bottom, solid.middle + 0.5, top))
        for number, text in enumerate(solid.lines):
            items.append(
                Text(solid.middle, top + 6.4 + number * _LEADING, text, SIZE, self.colors.ink)
            )
        return items

    def _draw_tail(self) -> None:
        halves = self._tail_halves()
        x = self.tail_x
        last = self.solids[-1]
        before = (last.on_side(0.5, 0.0), last.on_side(0.5, 1.0))
        quiet = Stroke(self.colors.faint, 0.35)
        for layer, half in zip(self.tail, halves, strict=True):
            middle, high = x + half, bar_height(layer.width)
            top, bottom = (middle, -high / 2), (middle, high / 2)
            joining: list[Item] = [
                Line((a, b), quiet) for a, b in zip(before, (top, bottom), strict=True)
            ]
            joining += [Line((before[0], bottom), quiet), Line((before[1], top), quiet)]
            self.items.append(Group(joining, role="dense"))
            before = (top, bottom)
            x += 2 * half + _AIR
        x = self.tail_x
        for layer, half in zip(self.tail, halves, strict=True):
            middle, high = x + half, bar_height(layer.width)
            bar = Rect(middle - _BAR / 2, -high / 2, _BAR, high, 0.0, self._fill("fc"), self.line)
            data = {"size": str(layer.width)}
            self.items.append(
                Group([bar], role="layer", title=f"{layer.op}, {layer.width}", data=data)
            )
            y = high / 2 + _AIR + 6.4
            for number, text in enumerate((str(layer.width), layer.op)):
                self.items.append(Text(middle, y + number * _LEADING, text, SIZE, self.colors.ink))
            area = Area(x - 0.5, -high / 2, x + 2 * half + 0.5, y + _LEADING + 2.0)
            self.taken.append(area)
            x += 2 * half + _AIR

    def _legend(self, y: float) -> tuple[float, float]:
        kinds = {solid.volume.kind: None for solid in self.solids if solid.volume.kind != "input"}
        entries = [kind for kind in _WORDS if kind in kinds or (kind == "fc" and self.tail)]
        x = left = min(area.left for area in self.taken)
        for kind in entries:
            swatch: list[Item] = [Rect(x, y, 9.0, 6.5, 0.0, self._fill(kind), self.line)]
            if kind == "pool":
                stroke = Stroke(self.colors.ink, 0.3)
                for step in (2.2, 4.4):
                    swatch.append(Line(((x, y + step), (x + 9.0, y + step)), stroke))
            if kind == "block":
                swatch.append(
                    Rect(x + 1.4, y + 1.4, 6.2, 3.7, 0.0, None, Stroke(self.colors.ink, 0.35))
                )
            word = _WORDS[kind]
            self.items.append(Group(swatch, role="legend"))
            self.items.append(Text(x + 12.0, y + 5.9, word, SIZE, self.colors.ink, anchor="start"))
            right = x + 12.0 + text_width(word, SIZE)
            self.taken.append(Area(x, y, right, y + 8.0))
            x = right + 12.0
        return left, x - 12.0


def bar_height(width: int) -> float:
    """The height of a fully connected layer's bar."""
    return 10.0 + 14.0 * log10(width + 1)


def _told(volume: Volume) -> list[str]:
    """What makes the maps of a volume, each with its number: `3×3 conv ×2`."""
    texts = [f"{text} ×{n}" if n > 1 else text for text, n in volume.told.items()]
    return [f"{text}," for text in texts[:-1]] + texts[-1:]


def _wrapped(text: str) -> list[str]:
    """A text in lines that are no wider than a label should be."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and (text_width(longer, SIZE) <= _WRAP or word.startswith(("×", "/"))):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _mixed(color: str, other: str, share: float) -> str:
    """A colour with a share of another."""
    pairs = ((int(color[n : n + 2], 16), int(other[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
