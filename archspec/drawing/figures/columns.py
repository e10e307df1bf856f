"""Networks in columns, aligned by the size of what they compute.

As in He et al., Deep Residual Learning for Image Recognition (2016), figure 3.
"""

from __future__ import annotations

from collections.abc import Sequence

from archspec.diagnostics import RenderError
from archspec.drawing.layout.placed import Placed
from archspec.drawing.layout.sizes import NOTE, TITLE, Written, clipped
from archspec.drawing.layout.spine import place
from archspec.drawing.lettering import text_width
from archspec.drawing.paint.moving import moved
from archspec.drawing.paint.page import MARGIN, legend
from archspec.drawing.paint.painter import paint, totals
from archspec.drawing.paint.themes import Theme
from archspec.drawing.picture import Item, Line, Picture, Stroke, Text
from archspec.drawing.scene.model import Box, Frame, Scene
from archspec.drawing.scene.notation import show_size
from archspec.ops import Shape

_GAP = 12.0
_BETWEEN = 40.0
_HEADING = 40.0


def columns(scenes: Sequence[Scene], written: Written, theme: Theme) -> Picture:
    """The picture of some networks side by side; ops of one output size begin at one height.

    The scenes lose their frames. Raises RenderError where there is nothing to align.
    """
    if not scenes:
        raise RenderError("there is no network to draw")
    for scene in scenes:
        scene.root.items = list(scene.root.boxes())
    order = _order(scenes)
    placed, tops = _aligned(scenes, order, written)
    label = max(text_width(_size(size), NOTE) for size in order) + 12 if order else 0.0
    items: list[Item] = []
    x = MARGIN + label
    top = MARGIN + _HEADING
    for scene, where in zip(scenes, placed, strict=True):
        heading = max(
            text_width(clipped(scene.name), TITLE + 2, bold=True), text_width(totals(scene), NOTE)
        )
        wide = max(where.width, heading)
        middle = x + wide / 2
        items.append(Text(middle, MARGIN + 12, clipped(scene.name), TITLE + 2, theme.ink, True))
        items.append(Text(middle, MARGIN + 24, totals(scene), NOTE, theme.faint))
        items += moved(paint(scene, where, written, theme), x + (wide - where.width) / 2, top)
        x += wide + _BETWEEN
    width = x - _BETWEEN + MARGIN
    rules: list[Item] = []
    for size, y in tops.items():
        at = top + y - _GAP / 2
        rules.append(Line(((MARGIN, at), (width - MARGIN, at)), Stroke(theme.frame_line, 0.6)))
        rules.append(Text(MARGIN, at + NOTE + 3, _size(size), NOTE, theme.faint, anchor="start"))
    height = top + max(each.height for each in placed)
    shown, wide, tall = legend(scenes, theme, width - 2 * MARGIN)
    if shown:
        items += moved(shown, MARGIN, height + 16)
        height += 16 + tall
        width = max(width, 2 * MARGIN + wide)
    name = ", ".join(scene.name for scene in scenes)
    return Picture(
        width, height + MARGIN, [*rules, *items], title=name, background=theme.background
    )


def _spatial(box: Box) -> Shape | None:
    """The spatial size of what a box gives, () for features alone."""
    return None if box.out_shape is None else box.out_shape[1:]


def _order(scenes: Sequence[Scene]) -> list[Shape]:
    """The sizes that are aligned: those that all networks reach, as they come."""
    reached = []
    for scene in scenes:
        sizes = [_spatial(box) for box in scene.root.boxes() if box.kind in ("op", "block")]
        reached.append(list(dict.fromkeys(size for size in sizes if size is not None)))
    return [size for size in reached[0] if all(size in sizes for sizes in reached)]


def _aligned(
    scenes: Sequence[Scene], order: Sequence[Shape], written: Written
) -> tuple[list[Placed], dict[Shape, float]]:
    """The scenes laid out so that each size begins at one height, and those heights."""
    firsts = [_firsts(scene.root, order) for scene in scenes]
    tops: dict[Shape, float] = dict.fromkeys(order, 0.0)
    placed: list[Placed] = []
    for _round in range(len(order) + 1):  # what is moved down moves what follows
        placed = [
            place(scene, written, gap=_GAP, starts={first[size]: tops[size] for size in order})
            for scene, first in zip(scenes, firsts, strict=True)
        ]
        found = {
            size: max(
                where.boxes[first[size]].y for where, first in zip(placed, firsts, strict=True)
            )
            for size in order
        }
        if found == tops:
            break
        tops = found
    return placed, tops


def _firsts(root: Frame, order: Sequence[Shape]) -> dict[Shape, str]:
    """The first box of each size."""
    found: dict[Shape, str] = {}
    for box in root.boxes():
        size = _spatial(box)
        if size is not None and size in order and box.kind in ("op", "block"):
            found.setdefault(size, box.id)
    return found


def _size(size: Shape) -> str:
    return show_size(size) if size else "features"
