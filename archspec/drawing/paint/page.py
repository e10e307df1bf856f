"""A page: a scene with its title, its insets and a legend."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archspec.drawing.layout.placed import Place, Placed
from archspec.drawing.layout.sizes import NOTE, TITLE, Written, clipped
from archspec.drawing.lettering import text_width
from archspec.drawing.picture import Group, Item, Line, Picture, Rect, Stroke, Text
from archspec.drawing.scene.model import Scene

from .moving import moved
from .painter import paint, totals
from .shapes import outline
from .themes import Theme

MARGIN = 14.0
_NAME = 13.0
_HEADING = 34.0
_BETWEEN = 34.0  # the network and its insets
_PAD = 10.0
_NAMES = {
    "block": "block",
    "convolution": "convolution",
    "linear": "linear",
    "pooling": "pooling",
    "normalization": "normalization",
    "activation": "activation",
    "regularization": "regularization",
    "attention": "attention",
}
_EDGES = {
    "identity": "identity shortcut",
    "projection": "projection shortcut",
    "dense": "dense connection",
}


def page(
    scene: Scene,
    layout: Callable[[Scene], Placed],
    written: Written,
    theme: Theme,
    *,
    title: bool = True,
    key: bool = True,
    notes: tuple[str, ...] = (),
) -> Picture:
    """The picture of a scene: its title block, the network, insets beside it, and the legend (`key`)."""
    placed = layout(scene)
    top = MARGIN + (_HEADING if title else 0.0)
    items: list[Item] = moved(paint(scene, placed, written, theme), MARGIN, top)
    width, bottom = MARGIN + placed.width, top + placed.height
    x, y = width + _BETWEEN, top
    for inset in scene.insets:
        inner = layout(inset)
        heading = max(
            text_width(clipped(inset.name), TITLE, bold=True), text_width(inset.description, NOTE)
        )
        wide = max(inner.width, heading) + 2 * _PAD
        tall = inner.height + 26 + 2 * _PAD
        if y > top and y + tall > max(bottom, top + 500.0):
            x, y = width + _BETWEEN, top
        items += _inset(inset, inner, x, y, wide, tall, written, theme)
        width = max(width, x + wide)
        bottom = max(bottom, y + tall)
        y += tall + 16
    if title:
        items += _title(scene, theme)
        width = max(width, MARGIN + _title_width(scene))
    if key:
        whole = [scene, *scene.insets]
        shown, wide, tall = legend(whole, theme, max(width - MARGIN, 240.0))
        if shown:
            items += moved(shown, MARGIN, bottom + 16)
            bottom += 16 + tall
            width = max(width, MARGIN + wide)
    return Picture(
        width + MARGIN,
        bottom + MARGIN,
        items,
        title=scene.name,
        description=totals(scene),
        background=theme.background,
        notes=(*notes, f"layout: {placed.provider}"),
    )


def _subtitle(scene: Scene) -> str:
    parts = [totals(scene), scene.description]
    return clipped(" · ".join(part for part in parts if part))


def _title(scene: Scene, theme: Theme) -> list[Item]:
    return [
        Text(MARGIN, MARGIN + 11, clipped(scene.name), _NAME, theme.ink, True, "start"),
        Text(MARGIN, MARGIN + 22, _subtitle(scene), TITLE - 1, theme.faint, anchor="start"),
    ]


def _title_width(scene: Scene) -> float:
    return max(
        text_width(clipped(scene.name), _NAME, bold=True),
        text_width(_subtitle(scene), TITLE - 1),
    )


def _inset(
    inset: Scene,
    inner: Placed,
    x: float,
    y: float,
    width: float,
    height: float,
    written: Written,
    theme: Theme,
) -> list[Item]:
    """A block drawn open, in a panel of its own."""
    panel = Rect(x, y, width, height, 8.0, None, Stroke(theme.frame_line, 0.8, (1.5, 2.5)))
    name = Text(x + _PAD, y + 14, clipped(inset.name), TITLE, theme.ink, True, "start")
    note = Text(x + _PAD, y + 24, clipped(inset.description), NOTE, theme.faint, anchor="start")
    left = x + (width - inner.width) / 2
    inside = moved(paint(inset, inner, written, theme), left, y + 26 + _PAD)
    return [Group([panel, name, note, *inside], f"inset:{inset.name}", "inset")]


def legend(whole: Sequence[Scene], theme: Theme, width: float) -> tuple[list[Item], float, float]:
    """What the shapes, colours and lines mean, of those that are there; its width and height."""
    families = {
        box.family for each in whole for box in each.root.boxes() if box.kind in ("op", "block")
    }
    kinds = {edge.kind for each in whole for edge in each.edges}
    kinds |= {box.shortcut for each in whole for box in each.root.boxes() if box.shortcut}
    changes = {box.change for each in whole for box in each.root.boxes()}
    items: list[Item] = []
    x, y, widest = 0.0, 0.0, 0.0

    def step(text: str) -> tuple[float, float]:
        nonlocal x, y, widest
        wide = 26 + text_width(text, NOTE) + 12
        if x and x + wide > width:
            x, y = 0.0, y + 14
        at = (x, y)
        x += wide
        widest = max(widest, x)
        return at

    stroke = Stroke(theme.line, 0.8)
    for family, name in _NAMES.items():
        if family in families:
            left, top = step(name)
            fill = theme.families.get(family, theme.other)
            items += outline("op", family, Place(left, top, 20, 9), fill, stroke)
            items.append(Text(left + 26, top + 7, name, NOTE, theme.faint, anchor="start"))
    for kind, name in _EDGES.items():
        if kind in kinds:
            left, top = step(name)
            color = theme.dense if kind == "dense" else theme.identity
            dash = (3.5, 2.5) if kind == "projection" else ()
            line = Line(((left, top + 4.5), (left + 20, top + 4.5)), Stroke(color, 1.2, dash))
            items += [line, Text(left + 26, top + 7, name, NOTE, theme.faint, anchor="start")]
    for change, color in theme.changes.items():
        if change in changes:
            left, top = step(change)
            items += outline("op", "", Place(left, top, 20, 9), theme.other, Stroke(color, 1.8))
            items.append(Text(left + 26, top + 7, change, NOTE, theme.faint, anchor="start"))
    return [Group(items, "legend", "legend")] if items else [], widest, y + 10
